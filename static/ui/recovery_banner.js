/** Why somebody is signed in by recovery, and what to do next. */

import { html, nothing } from '../vendor/lit-html.js';
import { moment } from './format.js';

/** @import { Me, OwnOrganisation } from '../types.js' */

/** @param {OwnOrganisation} organisation @param {string} end */
const locked = ({ slug, name }, end) => html`<strong>You are signed in to ${name} by recovery,</strong>
  because single sign-on did not let you in. Repair the SSO connection and test it, or turn SAML-only off (where the plan allows it)
  so that everyone can use passwords; then sign in again. Recovery ends ${end}.
  <a href="/o/${slug}/sso">Open the SSO settings</a>`;

/** @param {OwnOrganisation} organisation @param {string} end */
const unlocked = ({ slug, name }, end) => html`<strong>You are signed in to ${name} by recovery.</strong>
  Passwords work there again: sign in with yours, without a recovery code. Recovery ends ${end}.
  <a href="/login?return=${encodeURIComponent(`/o/${slug}/sso`)}" data-outside>Sign in with your password</a>`;

/**
 * Stands on every page of the organisation, and on those of none, until recovery is over or the person has signed in another way.
 * @param {Me} me
 * @param {OwnOrganisation | null | undefined} here
 */
export function recoveryBanner({ grants, organisations }, here) {
  const others = grants.filter(({ method }) => method !== 'recovery').map(({ organisation }) => organisation);
  const recovered = grants.find(({ method, organisation }) => method === 'recovery' && !others.includes(organisation)
    && (!here || organisation === here.id));
  const organisation = organisations.find(({ id, open }) => open && id === recovered?.organisation);
  if (!recovered || !organisation) return nothing;
  const end = moment(recovered.expires_at);
  return html`<p class="notice warn banner" role="status">${organisation.password ? unlocked(organisation, end) : locked(organisation, end)}</p>`;
}
