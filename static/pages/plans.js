import { get, patch } from '../api.js';
import { confirm } from '../ui/dialog.js';
import { effectView } from '../ui/effect.js';
import { field, submit } from '../ui/form.js';
import { plural } from '../ui/format.js';
import { AUTH_MODE, limits } from '../ui/plans.js';
import { pageHead } from '../ui/shell.js';
import { html } from '../vendor/lit-html.js';

/** @import { Page, PlanUse, State } from '../types.js' */

async function load() {
  return { items: /** @type {PlanUse[]} */ ((await get('/plans')).items) };
}

/** @type {[string, string][]} */
const MODES = [['password', 'Password'], ['password_or_saml', 'Password or SAML'], ['saml', 'SAML']];

/** An empty limit is none. @param {string} text */
const limit = (text) => (text.trim() ? Number(text) : null);

/**
 * Shows what a change would do to everybody on the plan, and does it when confirmed.
 * @param {State} state
 * @param {PlanUse} plan
 */
function change(state, plan) {
  return submit(state, async (values) => {
    const path = `/plans/${plan.id}`;
    const body = {
      name: values[`${plan.id}-name`],
      auth_mode: values[`${plan.id}-mode`],
      max_members: limit(values[`${plan.id}-members`]),
      max_workspaces: limit(values[`${plan.id}-workspaces`]),
    };
    const effect = await patch(`${path}?dry_run=true`, body);
    confirm(state, {
      title: `Change ${plan.name}?`,
      action: 'Change plan',
      danger: effect.counts.loses > 0,
      body: effectView(effect),
      real: () => patch(path, body),
      done: `${body.name} is changed.`,
    });
  });
}

/** @param {State} state @param {PlanUse} plan */
function form(state, plan) {
  const number = (/** @type {number | null} */ value) => (value === null ? '' : String(value));
  return html`<details><summary>Change this plan</summary>
    <form class="stack" @submit=${change(state, plan)}>
      ${field(state, { name: `${plan.id}-name`, errorOf: 'name', label: 'Name', value: plan.name })}
      ${field(state, { name: `${plan.id}-mode`, errorOf: 'auth_mode', label: 'Members sign in by', options: MODES, value: plan.auth_mode })}
      ${field(state, { name: `${plan.id}-members`, errorOf: 'max_members', label: 'Most people', type: 'number', value: number(plan.max_members), required: false, hint: 'Empty is no limit.' })}
      ${field(state, { name: `${plan.id}-workspaces`, errorOf: 'max_workspaces', label: 'Most workspaces', type: 'number', value: number(plan.max_workspaces), required: false, hint: 'Empty is no limit.' })}
      <p><button>Show what happens</button></p>
    </form></details>`;
}

/** @param {State} state @param {PlanUse} plan */
function card(state, plan) {
  return html`<li class="card stack">
    <h2>${plan.name}</h2>
    <dl class="tight">
      <dt class="soft">Members sign in</dt><dd class="flush">${AUTH_MODE[plan.auth_mode]}</dd>
      <dt class="soft">Room</dt><dd class="flush">${limits(plan)}</dd>
    </dl>
    <p class="row"><span class="badge">${plural(plan.organisations, 'organisation', 'organisations')}</span>
      <span class="badge">${plural(plan.people, 'person', 'people')}</span></p>
    ${form(state, plan)}
  </li>`;
}

/** @param {State<Awaited<ReturnType<typeof load>>>} state */
function view(state) {
  const lead = html`Each organisation is on one plan. Switch it in the <a href="/operator/organisations">organisation’s settings</a>:
    what happens to its people is shown first.`;
  return html`${pageHead('Plans', { lead })}<ul class="grid">${state.data.items.map((plan) => card(state, plan))}</ul>`;
}

/** @type {Page} */
export const plans = { title: 'Plans', load, view };
