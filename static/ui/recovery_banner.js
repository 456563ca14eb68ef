/** Why somebody is signed in by recovery, and what to do next. */

import { html, nothing } from '../vendor/lit-html.js';
import { moment } from './format.js';

/** @import { Me, OwnOrganisation } from '../types.js' */

/**
 * Stands on every page of the organisation, and on those of none, until recovery is over or the person has come through SSO.
 * @param {Me} me
 * @param {OwnOrganisation | null | undefined} here
 */
export function recoveryBanner({ grants, organisations }, here) {
  const bySaml = grants.filter(({ method }) => method === 'saml').map(({ organisation }) => organisation);
  const recovered = grants.find(({ method, organisation }) => method === 'recovery' && !bySaml.includes(organisation)
    && (!here || organisation === here.id));
  const organisation = organisations.find(({ id, open }) => open && id === recovered?.organisation);
  if (!recovered || !organisation) return nothing;
  return html`<p class="notice warn banner" role="status"><strong>You are signed in to ${organisation.name} by recovery,</strong>
    because single sign-on did not let you in. Repair the SSO connection and test it, or turn SAML-only off so that everyone can use passwords; then sign in again. Recovery ends ${moment(recovered.expires_at)}.
    <a href="/o/${organisation.slug}/sso">Open the SSO settings</a></p>`;
}
