/** Organisations of the person's that this session has no access to: how to sign in to them and return to the page. */

import { t } from '../texts.js';
import { html, nothing } from '../vendor/lit-html.js';
import { portal, signInPage } from './sign_in_links.js';

/** @import { OwnOrganisation, State } from '../types.js' */

/** @param {OwnOrganisation} organisation */
function reason({ name, portal_url: portalUrl, password }) {
  if (portalUrl && password) return t('closed-either', { name });
  if (portalUrl) return t('closed-sso', { name });
  return password ? t('closed-password', { name }) : t('closed-none', { name });
}

/**
 * Why the session has no access to an organisation, with a link for each method that gives access.
 * @param {OwnOrganisation} organisation
 * @param {string} address to return to
 */
export function closedView(organisation, address) {
  const { portal_url: portalUrl, password } = organisation;
  return html`<p>${reason(organisation)}</p>
    ${portalUrl || password ? html`<p class="row">
      ${portalUrl ? html`<a class="button" href=${portal(portalUrl, address)} data-outside>${t('login-sso')}</a>` : nothing}
      ${password ? html`<a class="button" href=${signInPage(address)} data-outside>${t('recovery-sign-in')}</a>` : nothing}</p>` : nothing}`;
}

/** The person's organisation that the page's failure names, since the session has no access to it; else undefined. @param {State} state */
export function closedHere({ me, failure }) {
  return failure?.organisation ? me?.organisations.find(({ id }) => id === failure.organisation) : undefined;
}

/**
 * Whether the page may belong to an organisation that this session cannot see: a session through single sign-on sees only one.
 * @param {State} state
 */
export function mayBeOfAnother({ me, failure, params: { org, workspace } }) {
  if (failure?.status !== 404 || !me || me.password || !(org || workspace)) return false;
  return !me.organisations.some(({ id, slug, workspaces }) => [id, slug].includes(org) || workspaces.some((one) => one.id === workspace));
}
