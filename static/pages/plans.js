import { get } from '../api.js';
import { plural } from '../ui/format.js';
import { AUTH_MODE, limits } from '../ui/plans.js';
import { pageHead } from '../ui/shell.js';
import { html } from '../vendor/lit-html.js';

/** @import { Page, PlanUse, State } from '../types.js' */

async function load() {
  return { items: /** @type {PlanUse[]} */ ((await get('/plans')).items) };
}

/** @param {PlanUse} plan */
function card(plan) {
  return html`<li class="card stack">
    <h2>${plan.name}</h2>
    <dl class="tight">
      <dt class="soft">Members sign in</dt><dd class="flush">${AUTH_MODE[plan.auth_mode]}</dd>
      <dt class="soft">Room</dt><dd class="flush">${limits(plan)}</dd>
    </dl>
    <p class="row"><span class="badge">${plural(plan.organisations, 'organisation', 'organisations')}</span>
      <span class="badge">${plural(plan.people, 'person', 'people')}</span></p>
  </li>`;
}

/** @param {State<Awaited<ReturnType<typeof load>>>} state */
function view({ data }) {
  const lead = html`Each organisation is on one plan. Switch it in the <a href="/operator/organisations">organisation’s settings</a>:
    what happens to its people is shown first.`;
  return html`${pageHead('Plans', { lead })}<ul class="grid">${data.items.map(card)}</ul>`;
}

/** @type {Page} */
export const plans = { title: 'Plans', load, view };
