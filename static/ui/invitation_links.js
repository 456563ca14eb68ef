/** The links of invitations without a mail server: the person who invites passes them on. */

import { parts, t } from '../texts.js';
import { html, nothing } from '../vendor/lit-html.js';
import { moment } from './format.js';
import { conceal, onceView, reveal } from './once.js';

/** @import { Invitation, State } from '../types.js' */

const LINKS = 'links';

/**
 * Notes that an invitation was mailed, or keeps its link for the page: no other response of the server has it.
 * @param {State} state
 * @param {Invitation} invitation
 * @param {string} [workspace] its name, on a page that invites to several
 */
export function sent(state, invitation, workspace) {
  const { email, accept_url: value, expires_at: until } = invitation;
  state.local.mailed = value ? null : email;
  state.local.until = until;
  const label = workspace ? t('invitation-of', { email, workspace }) : email;
  if (value) reveal(state, LINKS, { id: label, label, value });
}

/** Removes the link of an invitation that was removed. @param {State} state @param {string} email */
export function unsent(state, email) {
  state.local.mailed = null;
  conceal(state, LINKS, email);
}

/** The sentence for a message that says where the link is. @param {Invitation} invitation @param {string} place */
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
