/** Removing a member from an organisation, and ending their sessions in it. */

import { get, list, remove } from '../api.js';
import { t } from '../texts.js';
import { html, nothing } from '../vendor/lit-html.js';
import { browserName } from './browser_name.js';
import { confirm, confirmEffect } from './dialog.js';
import { effectView } from './effect.js';
import { attempt } from './form.js';
import { METHOD, moment, together } from './format.js';

/** @import { MemberSession, Organisation, OrganisationMember, State } from '../types.js' */
/** @typedef {State<{base: string, organisation: Organisation}>} Here */

/** A sentence that names the workspaces that a member loses. @param {OrganisationMember | undefined} member @param {string} name of the organisation */
function leaves(member, name) {
  const places = member?.workspaces.map((one) => one.name) ?? [];
  const all = [...(places.length ? places : [t('removal-all-workspaces')]), ...(member?.admin ? [t('removal-admins')] : [])];
  return t('removal-leaves', { places: together(all), organisation: name });
}

/**
 * Removes a person from all workspaces of an organisation, after showing the effect.
 * @param {State} state
 * @param {{id: string, name: string}} organisation
 * @param {{user: string, email: string} & Partial<OrganisationMember>} one their workspaces are loaded if they are missing
 */
export function removeMember(state, organisation, one) {
  const people = `/organisations/${organisation.id}/members`;
  const path = `${people}/${one.user}`;
  let member = one.workspaces && /** @type {OrganisationMember} */ (one);
  return confirmEffect(state, {
    title: t('removal-title', { email: one.email, organisation: organisation.name }),
    action: t('removal-action'),
    dry: async (query) => {
      member ??= (await get(`${people}?${new URLSearchParams({ search: one.email })}`)).items.find((/** @type {OrganisationMember} */ { user }) => user === one.user);
      return remove(`${path}?${query}`);
    },
    view: (effect, more) => html`<p><strong>${leaves(member, organisation.name)}</strong></p>${effectView(effect, more)}`,
    real: () => remove(path),
    done: t('removal-done', { email: one.email, organisation: organisation.name }),
  });
}

/** @param {MemberSession} one @param {(() => unknown) | null} end the action of its button, if it has one */
function session({ agent, address, grants }, end) {
  const signIns = grants.map(({ method, at }) => t('session-by', { method: METHOD[method], at: moment(at) })).join('; ');
  const where = address ? t('session-from', { address, signIns }) : signIns;
  return html`<li class="row spread"><span><strong title=${agent}>${browserName(agent)}</strong> <span class="soft">${where}</span></span>
    ${end ? html`<button type="button" class="small danger" aria-label=${t('session-end-of', { browser: browserName(agent), where })} @click=${end}>${t('account-end')}</button>` : nothing}</li>`;
}

/** Shows the sessions of a member in the organisation, and asks whether to end them. @param {Here} state @param {OrganisationMember} one */
export function endSessions(state, one) {
  const { base, organisation } = state.data;
  const path = `${base}/members/${one.user}/sessions`;
  return attempt(state, async () => {
    let sessions = /** @type {MemberSession[]} */ (await list(path));
    if (!sessions.length) return t('sessions-none', { email: one.email, organisation: organisation.name });
    const action = () => t('sessions-end', { count: sessions.length });
    const endOne = async (/** @type {string} */ id) => {
      const ended = await attempt(state, async () => {
        await remove(`${path}/${id}`);
        sessions = sessions.filter((other) => other.id !== id);
        if (state.dialog) state.dialog.action = action();
        return t('account-ended');
      });
      // The button that had the focus is gone.
      if (ended) document.getElementById('sessions')?.focus();
    };
    confirm(state, {
      title: t('sessions-end-title', { email: one.email }),
      action: action(),
      body: () => html`<p>${t('sessions-end-lead', { organisation: organisation.name })}</p>
        <ul class="lines names" id="sessions" tabindex="0" aria-label=${t('sessions-that-end')}>${sessions.map((shown) => session(shown, sessions.length > 1 ? () => endOne(shown.id) : null))}</ul>`,
      real: () => remove(path),
      done: t('sessions-ended', { email: one.email, organisation: organisation.name }),
    });
  });
}
