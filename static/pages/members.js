import { get, list, patch, remove } from '../api.js';
import { confirm } from '../ui/dialog.js';
import { effectView } from '../ui/effect.js';
import { attempt } from '../ui/form.js';
import { LOCALE, ROLE, ROLES } from '../ui/format.js';
import { bulkInvite } from '../ui/bulk_invite.js';
import { copyButton } from '../ui/copy.js';
import { OF_WORKSPACE, finder, foot, people } from '../ui/directory.js';
import { invitationList, inviting } from '../ui/invitations.js';
import { more } from '../ui/menu.js';
import { managesOrganisation } from '../ui/place.js';
import { removeMember } from '../ui/removal.js';
import { empty, pageHead } from '../ui/shell.js';
import { lastSignIn, table } from '../ui/table.js';
import { html, nothing } from '../vendor/lit-html.js';

/** @import { Effect, Invitation, Organisation, OrganisationMember, Page, Place, Role, State, Visit, Workspace, WorkspaceMember } from '../types.js' */
/** @typedef {State<Awaited<ReturnType<typeof load>>>} Here */

/** What each role is for. @type {Record<Role, string>} */
const MAY = {
  admin: 'An Admin can do everything in the workspace.',
  power_user: 'A Power User can do everything except change settings and members.',
};

const LIST = new Intl.ListFormat(LOCALE);

/** @param {Visit} visit */
async function load({ params, query, local }) {
  const base = `/workspaces/${params.workspace}`;
  const [workspace, listing, invitations] = await Promise.all([get(base), people(`${base}/members`, { query, local }), list(`${base}/invitations`)]);
  return {
    base,
    workspace: /** @type {Workspace} */ (workspace),
    listing,
    invitations: /** @type {Invitation[]} */ (invitations),
    organisation: /** @type {Organisation} */ (await get(`/organisations/${workspace.organisation}`)),
  };
}

/** @param {Here} state @param {WorkspaceMember} one @param {Event} event */
function changeRole(state, one, event) {
  const { base, workspace } = state.data;
  const select = /** @type {HTMLSelectElement} */ (event.target);
  const role = /** @type {Role} */ (select.value);
  // An arrow key is enough to choose: what is not confirmed must not stay on the screen as if it had happened.
  select.value = one.role;
  confirm(state, {
    title: `Make ${one.name} ${ROLE[role]} of ${workspace.name}?`,
    action: `Make ${ROLE[role]}`,
    danger: false,
    body: html`<p>${MAY[role]}</p>`,
    real: () => patch(`${base}/members/${one.user}`, { role }),
    done: `${one.name} is now ${ROLE[role]}.`,
  });
}

/** @param {Here} state @param {WorkspaceMember} one */
const isReader = ({ me }, one) => one.user === me.person.id;

/**
 * The workspaces of the organisation that a member is in; undefined where that is not for the reader to know.
 * @param {Here} state
 * @param {WorkspaceMember} one
 * @returns {Promise<Place[] | undefined>}
 */
async function placesOf(state, one) {
  const { me, data: { organisation } } = state;
  if (!managesOrganisation(me, organisation)) {
    return isReader(state, one) ? me.organisations.find(({ id }) => id === organisation.id)?.workspaces : undefined;
  }
  const { items } = await get(`/organisations/${organisation.id}/members?${new URLSearchParams({ search: one.email })}`);
  return /** @type {OrganisationMember[]} */ (items).find(({ user }) => user === one.user)?.workspaces;
}

/**
 * What a member loses with this workspace and what they keep, as a sentence.
 * @param {Here} state
 * @param {WorkspaceMember} one
 * @param {Effect} effect
 * @param {Place[] | undefined} places
 */
function lossOf(state, one, { counts }, places) {
  const { workspace, organisation } = state.data;
  const [loses, stays] = isReader(state, one) ? ['You lose access to', 'stay'] : [`${one.name} loses access to`, 'stays'];
  const others = places?.filter(({ id }) => id !== workspace.id).map(({ name }) => name);
  const keeps = [];
  if (others?.length) keeps.push(`${stays} in ${LIST.format(others)}`);
  if (one.organisation_admin) keeps.push(`${stays} an organisation admin`);
  const last = !keeps.length && (others || counts.loses);
  if (last) keeps.push(`to everything else in ${organisation.name}`);
  const sentence = `${LIST.format([`${loses} ${workspace.name}`, ...keeps])}.`;
  return others || last ? sentence : `${sentence} They keep their other workspaces.`;
}

/** @param {Here} state @param {WorkspaceMember} one */
function revoke(state, one) {
  const path = `${state.data.base}/members/${one.user}`;
  return attempt(state, async () => {
    const [effect, places] = await Promise.all([remove(`${path}?dry_run=true`), placesOf(state, one)]);
    confirm(state, {
      title: isReader(state, one) ? 'Revoke your own access?' : `Revoke access of ${one.email}?`,
      action: 'Revoke access',
      body: html`<p><strong>${lossOf(state, one, effect, places)}</strong></p>${effectView(effect)}`,
      real: () => remove(path),
      done: `${one.email} is no longer a member of ${state.data.workspace.name}.`,
    });
  });
}

/** @param {Here} state @param {WorkspaceMember} one */
function row(state, one) {
  const { organisation } = state.data;
  return html`<tr>
    <td class="person"><strong>${one.name}</strong><small>${one.email}</small>
      ${one.organisation_admin ? html`<span class="badge accent">Organisation admin</span>` : nothing}
      ${one.disabled ? html`<span class="badge bad">Disabled</span>` : nothing}</td>
    <td data-label="Role"><select aria-label="Role of ${one.email}" @change=${(/** @type {Event} */ event) => changeRole(state, one, event)}>
      ${ROLES.map(([key, text]) => html`<option value=${key} .selected=${key === one.role}>${text}</option>`)}</select></td>
    <td data-label="Last sign-in">${lastSignIn(one)}</td>
    <td class="end"><div class="row">
      <button class="small danger" aria-label="Revoke access of ${one.email}" @click=${() => revoke(state, one)}>Revoke</button>
      ${managesOrganisation(state.me, organisation) ? more(one.email, [html`<button class="small danger" aria-label="Remove from organisation: ${one.email}"
        @click=${() => removeMember(state, organisation, one)}>Remove from organisation</button>`]) : nothing}
    </div></td>
  </tr>`;
}

/** @param {Organisation} organisation */
function questions(organisation) {
  return html`<section class="card stack questions" id="questions"><h2>Questions</h2>
    <details><summary>Does Vestibule create accounts automatically on first SSO sign-in?</summary>
      <p>No. There is no just-in-time provisioning. People your identity provider identifies can sign in only as members of
        ${organisation.name}, or with an invitation that has not expired: their first SSO sign-in then accepts it. Everyone else is
        told to ask an admin, and no account is created. So invite people here first.</p></details>
    <details><summary>What happens when I revoke a person’s access?</summary>
      <p>They leave this workspace, and are signed out of ${organisation.name} at once. After their last workspace they are no
        longer a member and are refused, even if your identity provider still lets them sign in.</p></details>
    <details><summary>What can each role do?</summary>
      <p>${MAY.admin} ${MAY.power_user} Organisation admins also create workspaces and manage people, single sign-on and
        security.</p></details>
  </section>`;
}

/** For those who also use the command line. @param {Here} state */
function commandName(state) {
  const { organisation, workspace } = state.data;
  if (!managesOrganisation(state.me, organisation)) return nothing;
  const name = `${organisation.slug}/${workspace.slug}`;
  return html`<span class="row soft">Name in commands: <code>${name}</code>${copyButton('the name in commands', name)}</span>`;
}

/** @param {Here} state */
function view(state) {
  const { base, workspace, organisation, listing } = state.data;
  const members = /** @type {WorkspaceMember[]} */ (listing.items);
  const crumb = html`${organisation.name} · <a href="/w/${workspace.id}">${workspace.name}</a> · Settings · Members`;
  // Behind fifty people they would be out of sight.
  const beside = html`<span class="row"><a class="button small" href="#invite">Invite people</a><a class="button small quiet" href="#questions">Questions</a></span>`;
  return html`${pageHead('Members', { crumb, beside, lead: commandName(state) })}
    <div class="stack">
      <section class="card stack"><h2>Members</h2>
        ${finder(state, OF_WORKSPACE)}
        ${members.length
          ? table(['Person', 'Role', 'Last sign-in', 'Actions'], members.map((one) => row(state, one)))
          : empty(listing.wanted.size ? 'No one matches. Try a shorter part of the name, or clear the filters.' : 'No members yet. Invite the first one below.')}
        ${foot(state, `${base}/members`, workspace.members)}
      </section>
      ${inviting(state)}
      ${bulkInvite(state)}
      ${invitationList(state)}
      ${questions(organisation)}
    </div>`;
}

/** @type {Page} */
export const members = { title: 'Members', load, view };
