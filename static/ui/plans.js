/** What a plan means, in words. */

/** @import { Plan } from '../types.js' */

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
