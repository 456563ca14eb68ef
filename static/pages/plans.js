import { get, patch } from '../api.js';
import { confirm } from '../ui/dialog.js';
import { effectView, foresee } from '../ui/effect.js';
import { field, numberOrNull, submit } from '../ui/form.js';
import { plural } from '../ui/format.js';
import { AUTH_MODE } from '../ui/plans.js';
import { pageHead } from '../ui/shell.js';
import { table } from '../ui/table.js';
import { html, nothing } from '../vendor/lit-html.js';

/** @import { Effect, Page, PlanUse, State } from '../types.js' */

async function load() {
  return { items: /** @type {PlanUse[]} */ ((await get('/plans')).items) };
}

/** @type {[string, string][]} */
const MODES = [['password', 'Password'], ['password_or_saml', 'Password or SAML'], ['saml', 'SAML']];

/** The effect on each organisation of the plan, shown before the people. @param {Effect} effect */
function shares({ organisations = [] }) {
  if (organisations.length < 2) return nothing;
  const row = (/** @type {import('../types.js').Share} */ { name, counts }) => html`<tr><td><strong>${name}</strong></td>
    <td data-label="Lose access"><span class="badge ${counts.loses ? 'bad' : 'good'}">${counts.loses}</span></td>
    <td data-label="Keep access">${counts.keeps}</td><td data-label="Sessions end">${counts.sessions}</td></tr>`;
  return html`<section class="stack" aria-label="By organisation"><h3>${plural(organisations.length, 'organisation', 'organisations')} on this plan</h3>
    <div class="names" tabindex="0" role="group" aria-label="Organisations">${table(['Organisation', 'Lose access', 'Keep access', 'Sessions end'], organisations.map(row))}</div></section>`;
}

/** The same, each line with the organisation that it is of. @param {Effect} effect @returns {Effect} */
function placed(effect) {
  const names = new Map((effect.organisations ?? []).map(({ organisation, name }) => [organisation, name]));
  const place = (/** @type {import('../types.js').Affected} */ line) => {
    const name = names.size > 1 && names.get(line.organisation ?? '');
    return name ? { ...line, reason: `${name}: ${line.reason}` } : line;
  };
  return { ...effect, keeps: effect.keeps.map(place), loses: effect.loses.map(place) };
}

/** The changed values of a plan, before and after. @param {PlanUse} plan @param {Pick<PlanUse, 'name' | 'auth_mode' | 'max_members' | 'max_workspaces' | 'max_mails_per_day'>} wanted */
function changes(plan, wanted) {
  const mode = (/** @type {string} */ id) => MODES.find(([one]) => one === id)?.[1];
  const facts = (/** @type {typeof wanted} */ of) => ({
    Name: of.name, 'Members sign in by': mode(of.auth_mode), 'Maximum people': of.max_members ?? 'no limit', 'Maximum workspaces': of.max_workspaces ?? 'no limit',
    'Maximum e-mails a day': of.max_mails_per_day ?? 'no limit',
  });
  const [before, after] = [Object.entries(facts(plan)), Object.values(facts(wanted))];
  const changed = before.flatMap(([name, value], n) => (value === after[n] ? [] : html`<dt>${name}</dt><dd>${value} → <strong>${after[n]}</strong></dd>`));
  return html`<dl class="facts">${changed}</dl>`;
}

/**
 * Shows what a change would do to everybody on the plan, and does it when confirmed.
 * @param {State} state
 * @param {PlanUse} plan
 */
function change(state, plan) {
  return submit(state, async (values) => {
    state.local.edited = plan.id;
    const path = `/plans/${plan.id}`;
    /** @type {Pick<PlanUse, 'name' | 'auth_mode' | 'max_members' | 'max_workspaces' | 'max_mails_per_day'>} */
    const body = {
      name: values[`${plan.id}-name`],
      auth_mode: /** @type {PlanUse['auth_mode']} */ (values[`${plan.id}-mode`]),
      max_members: numberOrNull(values[`${plan.id}-members`]),
      max_workspaces: numberOrNull(values[`${plan.id}-workspaces`]),
      max_mails_per_day: numberOrNull(values[`${plan.id}-mails`]),
    };
    if (Object.entries(body).every(([name, value]) => plan[/** @type {keyof typeof body} */ (name)] === value)) return 'Nothing has changed.';
    const { effect, more } = await foresee(state, (query) => patch(`${path}?${query}`, body));
    confirm(state, {
      title: `Edit ${plan.name}?`,
      action: 'Edit plan',
      danger: effect.counts.loses > 0,
      body: () => html`${changes(plan, body)}${shares(effect)}${effectView(placed(effect), more)}`,
      real: () => patch(path, body),
      done: `${body.name} is changed.`,
    });
  });
}

/** @param {State} state @param {PlanUse} plan */
function form(state, plan) {
  const number = (/** @type {number | null} */ value) => (value === null ? '' : String(value));
  // All plans have the same fields: an error is shown at those of the plan that was edited.
  const of = (/** @type {string} */ name) => ((state.local.edited ?? plan.id) === plan.id ? name : `${plan.id}-${name}`);
  return html`<details><summary>Edit plan</summary>
    <form class="stack" @submit=${change(state, plan)}>
      ${field(state, { name: `${plan.id}-name`, errorOf: of('name'), label: 'Name', value: plan.name })}
      ${field(state, { name: `${plan.id}-mode`, errorOf: of('auth_mode'), label: 'Members sign in by', options: MODES, value: plan.auth_mode })}
      ${field(state, { name: `${plan.id}-members`, errorOf: of('max_members'), label: 'Maximum people', type: 'number', value: number(plan.max_members), required: false, hint: 'Leave empty for no limit.' })}
      ${field(state, { name: `${plan.id}-workspaces`, errorOf: of('max_workspaces'), label: 'Maximum workspaces', type: 'number', value: number(plan.max_workspaces), required: false, hint: 'Leave empty for no limit.' })}
      ${field(state, { name: `${plan.id}-mails`, errorOf: of('max_mails_per_day'), label: 'Maximum e-mails a day', type: 'number', value: number(plan.max_mails_per_day), required: false, hint: 'Invitations and reminders of one organisation. Leave empty for no limit.' })}
      <p><button>Preview changes</button></p>
    </form></details>`;
}

/** @param {string} question @param {unknown} answer */
const fact = (question, answer) => html`<dl><dt>${question}</dt><dd>${answer}</dd></dl>`;

/** @param {number | null} limit @param {string} things */
const upTo = (limit, things) => (limit === null ? 'No limit' : `Up to ${limit} ${things}`);

/** A column: its rows stand level with those of the plans beside it. @param {State} state @param {PlanUse} plan */
function column(state, plan) {
  return html`<li class="card">
    <h2>${plan.name}</h2>
    ${fact('Members sign in', AUTH_MODE[plan.auth_mode])}
    ${fact('People in an organisation', upTo(plan.max_members, 'people'))}
    ${fact('Workspaces in an organisation', upTo(plan.max_workspaces, 'workspaces'))}
    ${fact('Invitations and reminders by mail', upTo(plan.max_mails_per_day, 'a day'))}
    ${fact('Used by', html`${plural(plan.organisations, 'organisation', 'organisations')}, ${plural(plan.people, 'person', 'people')}`)}
    ${form(state, plan)}
  </li>`;
}

/** @param {State<Awaited<ReturnType<typeof load>>>} state */
function view(state) {
  const lead = html`Each organisation is on one plan. Switch it in the <a href="/operator/organisations">organisation’s settings</a>:
    what happens to its people is shown first.`;
  return html`${pageHead('Plans', { lead })}<ul class="compare">${state.data.items.map((plan) => column(state, plan))}</ul>`;
}

/** @type {Page} */
export const plans = { title: 'Plans', load, view };
