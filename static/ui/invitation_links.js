/** The links of invitations, where no mail server sends them: the person who invites passes them on. */

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
export const whereLink = ({ accept_url: link }, place) => (link ? `The link is under “${place}”.` : 'The link was sent by e-mail.');

/** @param {State} state */
export function linksView(state) {
  const { mailed, until, links = [] } = state.local;
  const them = links.length > 1
    ? 'pass each link on yourself. They will not be shown again; each works once, the newest'
    : html`pass this link on to <strong>${links[0]?.label}</strong> yourself. It will not be shown again, and works`;
  return html`${mailed ? html`<p class="notice info">We have mailed the invitation to <strong>${mailed}</strong>.</p>` : nothing}
    ${onceView(state, LINKS, { name: links.length > 1 ? 'Invitation links' : 'Invitation link', things: 'links', lead: html`No mail server is set up, so ${them} until ${moment(until)}.` })}`;
}
