/** The texts that describe a plan, and the choice of a plan. */

import { t } from '../texts.js';
import { html, nothing } from '../vendor/lit-html.js';

/** @import { Plan, State } from '../types.js' */

/** @type {Record<Plan['auth_mode'], string>} */
export const AUTH_MODE = {
  password: t('plan-sign-in-password'),
  password_or_saml: t('plan-sign-in-either'),
  saml: t('plan-sign-in-saml'),
};

/** @param {Plan} plan */
function limits({ max_members: members, max_workspaces: workspaces }) {
  if (members && workspaces) return t('plan-limits', { members, workspaces });
  if (members) return t('plan-limits-members', { members });
  return workspaces ? t('plan-limits-workspaces', { workspaces }) : t('plan-no-limits');
}

/** How members sign in, by the plan's mode. @type {Record<Plan['auth_mode'], string>} */
const SIGN_IN = {
  password: t('plan-brief-password'),
  password_or_saml: t('plan-brief-either'),
  saml: t('plan-brief-saml'),
};

/** The short description beside the choice of a plan. @param {Plan} plan */
export const brief = (plan) => `${limits(plan)} ${SIGN_IN[plan.auth_mode]}`;

/**
 * The choice of the plan of a new organisation. None is preselected, so that the operator decides.
 * @param {State} state
 * @param {Plan[]} plans
 */
export function planChoice(state, plans) {
  const error = state.errors.plan;
  return html`<fieldset class="field" data-field="plan" aria-describedby="plan-hint"><legend>${t('plan')}</legend>
    <p class="hint" id="plan-hint">${t('plan-hint')}</p>
    <div class="choices single">${plans.map((plan) => html`<label>
      <input type="radio" name="plan" value=${plan.id} required aria-invalid=${error ? 'true' : nothing}>
      <span>${plan.name}<small>${brief(plan)}</small></span></label>`)}</div>
    ${error ? html`<p class="error">${error}</p>` : nothing}
  </fieldset>`;
}
