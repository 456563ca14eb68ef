/** Organisations that are closed to this session: how to sign in to them, and come back. */

import { t } from '../texts.js';
import { html, nothing } from '../vendor/lit-html.js';

/** @import { OwnOrganisation, State } from '../types.js' */

/** The sign-in page, which leads back. @param {string} address */
export const signInPage = (address) => `/login?return=${encodeURIComponent(address)}`;

/** @param {OwnOrganisation} organisation */
function reason({ name, portal_url: portalUrl, password }) {
  if (portalUrl && password) return t('closed-either', { name });
  if (portalUrl) return t('closed-sso', { name });
  return password ? t('closed-password', { name }) : t('closed-none', { name });
}

/**
 * Why an organisation is closed, and a link for each method that opens it.
 * @param {OwnOrganisation} organisation
 * @param {string} address where to come back to
 */
export function closedView(organisation, address) {
  const { portal_url: portalUrl, password } = organisation;
  return html`<p>${reason(organisation)}</p>
    ${portalUrl || password ? html`<p class="row">
      ${portalUrl ? html`<a class="button" href="${portalUrl}&return=${encodeURIComponent(address)}" data-outside>${t('login-sso')}</a>` : nothing}
      ${password ? html`<a class="button" href=${signInPage(address)} data-outside>${t('recovery-sign-in')}</a>` : nothing}</p>` : nothing}`;
}

/** The organisation of one's own that the page's failure says is closed. @param {State} state */
export function closedHere({ me, failure }) {
  return failure?.organisation ? me?.organisations.find(({ id }) => id === failure.organisation) : undefined;
}

/**
 * Whether the page may be about an organisation that this session is not told of: single sign-on shows the one that it belongs to alone.
 * @param {State} state
 */
export function mayBeOfAnother({ me, failure, params: { org, workspace } }) {
  if (failure?.status !== 404 || !me || me.password || !(org || workspace)) return false;
  return !me.organisations.some(({ id, slug, workspaces }) => [id, slug].includes(org) || workspaces.some((one) => one.id === workspace));
}
