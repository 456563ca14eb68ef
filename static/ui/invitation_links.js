/** The links of invitations, where no mail server sends them: the person who invites passes them on. */

import { parts, t } from '../texts.js';
import { html, nothing } from '../vendor/lit-html.js';
import { moment } from './format.js';
import { conceal, onceView, reveal } from './once.js';

/** @import { Invitation, State } from '../types.js' */

const LINKS = 'links';

/**
 * Notes where an invitation went: by mail, or by its link, which no other answer of the server has.
 * @param {State} state
 * @param {Invitation} invitation
 */
export function sent(state, invitation) {
  const { email, accept_url: value, expires_at: until } = invitation;
  state.local.mailed = value ? null : email;
  state.local.until = until;
  if (value) reveal(state, LINKS, { id: email, label: email, value });
}

/** The invitation was removed, and its link with it. @param {State} state @param {string} email */
export function unsent(state, email) {
  state.local.mailed = null;
  conceal(state, LINKS, email);
}

/** What to add to a notice: where the link is. @param {Invitation} invitation @param {string} place */
export const whereLink = ({ accept_url: link }, place) => (link ? t('invitation-link-below', { place }) : t('invitation-link-mailed'));

/** @param {State} state */
export function linksView(state) {
  const { mailed, until, links = [] } = state.local;
  const lead = links.length > 1
    ? t('invitation-links-lead', { until: moment(until) })
    : parts('invitation-link-lead', { email: html`<strong>${links[0]?.label}</strong>`, until: moment(until) });
  return html`${mailed ? html`<p class="notice info">${parts('invitation-mailed', { email: html`<strong>${mailed}</strong>` })}</p>` : nothing}
    ${onceView(state, LINKS, { name: t('invitation-links', { count: links.length }), lead })}`;
}
