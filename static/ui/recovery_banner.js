/** The banner for people who are signed in by recovery: it says what to do next. */

import { parts, t } from '../texts.js';
import { html, nothing } from '../vendor/lit-html.js';
import { signInPage } from './sign_in_links.js';
import { moment } from './format.js';

/** @import { Me, OwnOrganisation } from '../types.js' */

/** @param {OwnOrganisation} organisation @param {string} end */
const locked = ({ slug, name }, end) => html`${parts('recovery-locked', { told: html`<strong>${t('recovery-locked-told', { organisation: name })}</strong>`, end })}
  <a href="/o/${slug}/sso">${t('recovery-open-sso')}</a>`;

/** @param {OwnOrganisation} organisation @param {string} end */
const unlocked = ({ slug, name }, end) => html`${parts('recovery-unlocked', { told: html`<strong>${t('recovery-unlocked-told', { organisation: name })}</strong>`, end })}
  <a href=${signInPage(`/o/${slug}/sso`)} data-outside>${t('recovery-sign-in')}</a>`;

/**
 * The banner, on all pages of the organisation and on pages that belong to no organisation, until the access by recovery ends or the person has signed in by another method.
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
