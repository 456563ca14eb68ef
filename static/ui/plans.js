/** What a plan means, in words. */

import { html, nothing } from '../vendor/lit-html.js';

/** @import { Plan, State } from '../types.js' */

/** @type {Record<Plan['auth_mode'], string>} */
export const AUTH_MODE = {
  password: 'With a password.',
  password_or_saml: 'With a password, or with single sign-on where the organisation has set it up.',
  saml: 'With single sign-on. Until it is set up, organisation admins sign in with a password.',
};

/** @param {Plan} plan */
function limits({ max_members: members, max_workspaces: workspaces }) {
  if (!members && !workspaces) return 'No limits';
  return [members ? `Up to ${members} people` : 'Any number of people', workspaces ? `up to ${workspaces} workspaces` : 'any number of workspaces'].join(', ');
}

/** How its members sign in. @type {Record<Plan['auth_mode'], string>} */
const SIGN_IN = {
  password: 'Members sign in with a password.',
  password_or_saml: 'Members sign in with a password, or through your own identity provider (single sign-on).',
  saml: 'Members sign in only through your own identity provider (single sign-on).',
};

/** What to choose a plan by. @param {Plan} plan */
export const brief = (plan) => `${limits(plan)}. ${SIGN_IN[plan.auth_mode]}`;

/**
 * The plan of a new organisation: a decision of the operator, so none is chosen beforehand.
 * @param {State} state
 * @param {Plan[]} plans
 */
export function planChoice(state, plans) {
  const error = state.errors.plan;
  return html`<fieldset class="field" data-field="plan" aria-describedby="plan-hint"><legend>Plan</legend>
    <p class="hint" id="plan-hint">Sets the limits and how members sign in. As operator you can switch the plan at any time.</p>
    <div class="choices single">${plans.map((plan) => html`<label>
      <input type="radio" name="plan" value=${plan.id} required aria-invalid=${error ? 'true' : nothing}>
      <span>${plan.name}<small>${brief(plan)}</small></span></label>`)}</div>
    ${error ? html`<p class="error">${error}</p>` : nothing}
  </fieldset>`;
}
