import { get } from '../api.js';
import { plural } from '../ui/format.js';
import { html } from '../vendor/lit-html.js';

const MODES = {
  password: 'Members sign in with a password.',
  password_or_saml: 'Members sign in with a password, and through SAML where their organisation has set it up.',
  saml: 'Members sign in through SAML; organisation admins by password until it is set up.',
};

/** @param {any} state */
async function load(state) {
  state.data.plans = (await get('/plans')).items;
}

/** @param {any} plan */
function card(plan) {
  return html`<li class="card">
    <h2>${plan.name}</h2>
    <p>${MODES[/** @type {keyof typeof MODES} */ (plan.auth_mode)]}</p>
    <p class="soft">${plan.max_members ? `Up to ${plan.max_members} people` : 'Any number of people'},
      ${plan.max_workspaces ? `up to ${plan.max_workspaces} workspaces` : 'any number of workspaces'}.</p>
    <p><span class="badge">${plural(plan.organisations, 'organisation', 'organisations')}</span>
      <span class="badge">${plural(plan.people, 'person', 'people')}</span></p>
  </li>`;
}

/** @type {import('../router.js').Page} */
export const plans = {
  title: 'Plans',
  load,
  view: (state) => html`<h1 tabindex="-1">Plans</h1>
    <p>Each organisation is on one plan. Switch it on the organisation’s page: what happens is shown first.</p>
    <ul class="grid">${state.data.plans.map(card)}</ul>`,
};
