import { get, patch } from '../api.js';
import { confirm } from '../ui/dialog.js';
import { effectView, foresee } from '../ui/effect.js';
import { field, numberOrNull, submit } from '../ui/form.js';
import { listed, number } from '../ui/format.js';
import { LIMITS } from '../ui/plan_limits.js';
import { AUTH_MODE } from '../ui/plans.js';
import { pageHead } from '../ui/shell.js';
import { table } from '../ui/table.js';
import { parts, t } from '../texts.js';
import { html, nothing } from '../vendor/lit-html.js';

/** @import { Effect, Page, Plan, PlanLimit, PlanUse, State } from '../types.js' */

async function load() {
  return { items: /** @type {PlanUse[]} */ ((await get('/plans')).items) };
}

/** @type {[string, string][]} */
const MODES = [['password', t('password')], ['password_or_saml', t('plans-password-or-saml')], ['saml', t('plans-saml')]];

/** The table of the effect on each organisation of the plan, shown above the people. @param {Effect} effect */
function shares({ organisations = [] }) {
  if (organisations.length < 2) return nothing;
  const row = (/** @type {import('../types.js').Share} */ { name, counts }) => html`<tr><td><strong>${name}</strong></td>
    <td data-label=${t('effect-lose-title')}><span class="badge ${counts.loses ? 'bad' : 'good'}">${number(counts.loses)}</span></td>
    <td data-label=${t('effect-keep-title')}>${number(counts.keeps)}</td><td data-label=${t('plans-sessions-end')}>${number(counts.sessions)}</td></tr>`;
  return html`<section class="stack" aria-label=${t('plans-by-organisation')}><h3>${t('plans-on-this-plan', { count: organisations.length })}</h3>
    <div class="names" tabindex="0" role="group" aria-label=${t('organisations')}>${table([t('organisation'), t('effect-lose-title'), t('effect-keep-title'), t('plans-sessions-end')], organisations.map(row))}</div></section>`;
}

/** The effect with the organisation's name before each person's reason. @param {Effect} effect @returns {Effect} */
function placed(effect) {
  const names = new Map((effect.organisations ?? []).map(({ organisation, name }) => [organisation, name]));
  const place = (/** @type {import('../types.js').Affected} */ line) => {
    const name = names.size > 1 && names.get(line.organisation ?? '');
    return name ? { ...line, reason: t('plans-reason', { name, reason: line.reason }) } : line;
  };
  return { ...effect, keeps: effect.keeps.map(place), loses: effect.loses.map(place) };
}

/** The changed values of a plan, before and after. @param {PlanUse} plan @param {Omit<Plan, 'id'>} wanted */
function changes(plan, wanted) {
  const mode = (/** @type {string} */ id) => MODES.find(([one]) => one === id)?.[1];
  const limit = (/** @type {number | null} */ most) => (most === null ? t('plans-unlimited') : number(most));
  const facts = (/** @type {typeof wanted} */ of) => [
    [t('name'), of.name], [t('plans-mode'), mode(of.auth_mode)], ...LIMITS.map(({ name, label }) => [label, limit(of[name])]),
  ];
  const after = facts(wanted).map(([, value]) => value);
  const changed = facts(plan).flatMap(([name, value], n) => (value === after[n] ? [] : html`<dt>${name}</dt><dd>${value} → <strong>${after[n]}</strong></dd>`));
  return html`<dl class="facts">${changed}</dl>`;
}

/**
 * Shows the effect of a change on all people of the plan, and makes the change when it is confirmed.
 * @param {State} state
 * @param {PlanUse} plan
 */
function change(state, plan) {
  return submit(state, async (values) => {
    state.local.edited = plan.id;
    const path = `/plans/${plan.id}`;
    /** @type {Omit<Plan, 'id'>} */
    const body = {
      name: values[`${plan.id}-name`],
      auth_mode: /** @type {PlanUse['auth_mode']} */ (values[`${plan.id}-mode`]),
      ... /** @type {Record<PlanLimit, number | null>} */ (Object.fromEntries(LIMITS.map(({ name }) => [name, numberOrNull(values[`${plan.id}-${name}`])]))),
    };
    if (Object.entries(body).every(([name, value]) => plan[/** @type {keyof typeof body} */ (name)] === value)) return t('plans-nothing-changed');
    const { effect, more } = await foresee(state, (query) => patch(`${path}?${query}`, body));
    confirm(state, {
      title: t('plans-edit-title', { name: plan.name }),
      action: t('plans-edit'),
      danger: effect.counts.loses > 0,
      body: () => html`${changes(plan, body)}${shares(effect)}${effectView(placed(effect), more)}`,
      real: () => patch(path, body),
      done: t('plans-changed', { name: body.name }),
    });
  });
}

/** @param {State} state @param {PlanUse} plan */
function form(state, plan) {
  const filled = (/** @type {number | null} */ value) => (value === null ? '' : String(value));
  // All plans have the same fields: an error is shown only in the form of the plan that was edited.
  const of = (/** @type {string} */ name) => ((state.local.edited ?? plan.id) === plan.id ? name : `${plan.id}-${name}`);
  return html`<details><summary>${t('plans-edit')}</summary>
    <form class="stack" @submit=${change(state, plan)}>
      ${field(state, { name: `${plan.id}-name`, errorOf: of('name'), label: t('name'), value: plan.name })}
      ${field(state, { name: `${plan.id}-mode`, errorOf: of('auth_mode'), label: t('plans-mode'), options: MODES, value: plan.auth_mode })}
      ${LIMITS.map(({ name, label, hint }) => field(state, { name: `${plan.id}-${name}`, errorOf: of(name), label, hint, type: 'number', value: filled(plan[name]), required: false }))}
      <p><button>${t('plans-preview')}</button></p>
    </form></details>`;
}

/** @param {string} question @param {unknown} answer */
const fact = (question, answer) => html`<dl><dt>${question}</dt><dd>${answer}</dd></dl>`;

/** The number of organisations and people on a plan. @param {PlanUse} plan */
const usedBy = ({ organisations, people }) => listed([t('count-organisations', { count: organisations }), t('find-all', { count: people })]);

/** The column of a plan. Its rows are level with those of the other plans. @param {State} state @param {PlanUse} plan */
function column(state, plan) {
  return html`<li class="card">
    <h2>${plan.name}</h2>
    ${fact(t('plans-members-sign-in'), AUTH_MODE[plan.auth_mode])}
    ${LIMITS.map(({ name, heading, upTo }) => {
      const limit = plan[name];
      return fact(heading, limit === null ? t('plans-no-limit') : upTo(limit));
    })}
    ${fact(t('plans-used-by'), usedBy(plan))}
    ${form(state, plan)}
  </li>`;
}

/** @param {State<Awaited<ReturnType<typeof load>>>} state */
function view(state) {
  const lead = parts('plans-lead', { link: html`<a href="/operator/organisations">${t('plans-lead-link')}</a>` });
  return html`${pageHead(t('plans'), { lead })}<ul class="compare">${state.data.items.map((plan) => column(state, plan))}</ul>`;
}

/** @type {Page} */
export const plans = { title: t('plans'), load, view };
