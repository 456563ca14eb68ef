/** Taking a member out of an organisation, and ending the sessions that they hold for it. */

import { get, list, remove } from '../api.js';
import { html } from '../vendor/lit-html.js';
import { browserName } from './browser_name.js';
import { confirm, confirmEffect } from './dialog.js';
import { effectView } from './effect.js';
import { attempt } from './form.js';
import { LOCALE, METHOD, moment, plural } from './format.js';

/** @import { MemberSession, Organisation, OrganisationMember, State } from '../types.js' */
/** @typedef {State<{base: string, organisation: Organisation}>} Here */

const LIST = new Intl.ListFormat(LOCALE);

/** What somebody leaves, in a sentence. @param {OrganisationMember | undefined} member @param {string} name of the organisation */
function leaves(member, name) {
  const places = member?.workspaces.map((one) => one.name) ?? [];
  const all = [...(places.length ? places : ['all workspaces']), ...(member?.admin ? ['the organisation’s admins'] : [])];
  return `They are removed from ${LIST.format(all)}, and are no longer a member of ${name}. Their account is kept.`;
}

/**
 * Takes somebody out of all workspaces of an organisation at once; what that does is shown first.
 * @param {State} state
 * @param {{id: string, name: string}} organisation
 * @param {{user: string, email: string} & Partial<OrganisationMember>} one their places are asked for where they are not known
 */
export function removeMember(state, organisation, one) {
  const people = `/organisations/${organisation.id}/members`;
  const path = `${people}/${one.user}`;
  let member = one.workspaces && /** @type {OrganisationMember} */ (one);
  return confirmEffect(state, {
    title: `Remove ${one.email} from ${organisation.name}?`,
    action: 'Remove from organisation',
    dry: async (query) => {
      member ??= (await get(`${people}?${new URLSearchParams({ search: one.email })}`)).items.find((/** @type {OrganisationMember} */ { user }) => user === one.user);
      return remove(`${path}?${query}`);
    },
    view: (effect, more) => html`<p><strong>${leaves(member, organisation.name)}</strong></p>${effectView(effect, more)}`,
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
