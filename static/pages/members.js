import { get, list, patch, remove } from '../api.js';
import { confirmEffect } from '../ui/dialog.js';
import { attempt } from '../ui/form.js';
import { ROLE, ROLES } from '../ui/format.js';
import { bulkInvite } from '../ui/bulk_invite.js';
import { OF_WORKSPACE, finder, foot, people } from '../ui/directory.js';
import { invitationList, inviting } from '../ui/invitations.js';
import { empty, pageHead } from '../ui/shell.js';
import { lastSignIn, table } from '../ui/table.js';
import { html, nothing } from '../vendor/lit-html.js';

/** @import { Invitation, Organisation, Page, Role, State, Visit, Workspace, WorkspaceMember } from '../types.js' */
/** @typedef {State<Awaited<ReturnType<typeof load>>>} Here */

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
  const select = /** @type {HTMLSelectElement} */ (event.target);
  const role = /** @type {Role} */ (select.value);
  return attempt(state, async () => {
    try {
      await patch(`${state.data.base}/members/${one.user}`, { role });
    } catch (error) {
      // What was refused must not stay on the screen as if it had happened.
      select.value = one.role;
      throw error;
    }
    await state.reload();
    return `${one.name} is now ${ROLE[role]}.`;
  });
}

/** @param {Here} state @param {WorkspaceMember} one */
function revoke(state, one) {
  const path = `${state.data.base}/members/${one.user}`;
  return confirmEffect(state, {
    title: `Revoke access of ${one.email}?`,
    action: 'Revoke access',
    dry: () => remove(`${path}?dry_run=true`),
    real: () => remove(path),
    done: `${one.email} is no longer a member of ${state.data.workspace.name}.`,
  });
}

/** @param {Here} state @param {WorkspaceMember} one */
function row(state, one) {
  return html`<tr>
    <td class="person"><strong>${one.name}</strong><small>${one.email}</small>
      ${one.organisation_admin ? html`<span class="badge accent">Organisation admin</span>` : nothing}</td>
    <td data-label="Role"><select aria-label="Role of ${one.email}" @change=${(/** @type {Event} */ event) => changeRole(state, one, event)}>
      ${ROLES.map(([key, text]) => html`<option value=${key} ?selected=${key === one.role}>${text}</option>`)}</select></td>
    <td data-label="Last sign-in">${lastSignIn(one)}</td>
    <td class="end"><div class="row">
      <button class="small danger" aria-label="Revoke access of ${one.email}" @click=${() => revoke(state, one)}>Revoke</button>
    </div></td>
  </tr>`;
}

/** @param {Organisation} organisation */
function questions(organisation) {
  return html`<section class="card stack questions" id="questions"><h2>Questions</h2>
    <details><summary>Does Vestibule create accounts automatically on first SSO sign-in?</summary>
      <p>No. There is no just-in-time provisioning. Whoever your identity provider vouches for gets in only as a member of
        ${organisation.name}, or with an invitation that has not expired: their first SSO sign-in then accepts it. Anybody else is
        told to ask an admin, and no account is made. So invite people here first.</p></details>
    <details><summary>What happens when I revoke somebody’s access?</summary>
      <p>They leave this workspace, and are signed out of ${organisation.name} at once. After their last workspace they are no
        member any more and are refused, even where your identity provider still lets them sign in.</p></details>
    <details><summary>What may each role do?</summary>
      <p>An Admin may do everything in the workspace. A Power User may do everything but settings and members. Organisation admins
        also create workspaces and manage people, single sign-on and security.</p></details>
  </section>`;
}

/** @param {Here} state */
function view(state) {
  const { base, workspace, organisation, listing } = state.data;
  const members = /** @type {WorkspaceMember[]} */ (listing.items);
  const crumb = html`${organisation.name} · <a href="/w/${workspace.id}">${workspace.name}</a> · Settings · Members`;
  // Behind fifty people they would be out of sight.
  const beside = html`<span class="row"><a class="button small" href="#invite">Invite people</a><a class="button small quiet" href="#questions">Questions</a></span>`;
  return html`${pageHead('Users & Permissions', { crumb, beside })}
    <div class="stack">
      <section class="card stack"><h2>Members</h2>
        ${finder(state, OF_WORKSPACE)}
        ${members.length
          ? table(['Person', 'Role', 'Last sign-in', 'Actions'], members.map((one) => row(state, one)))
          : empty(listing.wanted.size ? 'Nobody fits. Try a shorter part of the name, or clear the filters.' : 'Nobody is a member yet. Invite the first one below.')}
        ${foot(state, `${base}/members`, workspace.members)}
      </section>
      ${inviting(state)}
      ${bulkInvite(state)}
      ${invitationList(state)}
      ${questions(organisation)}
    </div>`;
}

/** @type {Page} */
export const members = { title: 'Users & Permissions', load, view };
