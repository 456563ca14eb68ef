/** Taking a member out of an organisation, and ending the sessions that they hold for it. */

import { list, remove } from '../api.js';
import { html } from '../vendor/lit-html.js';
import { browserName } from './browser_name.js';
import { confirm, confirmEffect } from './dialog.js';
import { attempt } from './form.js';
import { METHOD, moment, plural } from './format.js';

/** @import { MemberSession, Organisation, OrganisationMember, State } from '../types.js' */
/** @typedef {State<{base: string, organisation: Organisation}>} Here */

/** @param {Here} state @param {OrganisationMember} one */
export function removeMember(state, one) {
  const { base, organisation } = state.data;
  const path = `${base}/members/${one.user}`;
  return confirmEffect(state, {
    title: `Remove ${one.email} from ${organisation.name}?`,
    action: 'Remove',
    dry: (query) => remove(`${path}?${query}`),
    real: () => remove(path),
    done: `${one.email} is no longer a member of ${organisation.name}.`,
  });
}

/** @param {MemberSession} one */
function session({ agent, address, grants }) {
  const signIns = grants.map(({ method, at }) => `by ${METHOD[method]}, ${moment(at)}`).join('; ');
  return html`<li><strong title=${agent}>${browserName(agent)}</strong>
    <span class="soft">${address ? `from ${address}, ` : ''}${signIns}</span></li>`;
}

/** Shows the sessions of a member for the organisation, and asks whether to end them. @param {Here} state @param {OrganisationMember} one */
export function endSessions(state, one) {
  const { base, organisation } = state.data;
  const path = `${base}/members/${one.user}/sessions`;
  return attempt(state, async () => {
    const sessions = /** @type {MemberSession[]} */ (await list(path));
    if (!sessions.length) return `${one.email} is not signed in to ${organisation.name}.`;
    confirm(state, {
      title: `End the sessions of ${one.email}?`,
      action: `End ${plural(sessions.length, 'session', 'sessions')}`,
      body: html`<p>They are signed out of ${organisation.name}, and can sign in again.</p>
        <ul class="lines names" tabindex="0" aria-label="Sessions that end">${sessions.map(session)}</ul>`,
      real: () => remove(path),
      done: `${one.email} is signed out of ${organisation.name}.`,
    });
  });
}
