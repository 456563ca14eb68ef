import { get, list, patch, remove } from '../api.js';
import { confirm, confirmEffect } from '../ui/dialog.js';
import { effectView } from '../ui/effect.js';
import { attempt } from '../ui/form.js';
import { ROLE, ROLES, together } from '../ui/format.js';
import { bulkInvite } from '../ui/bulk_invite.js';
import { copyButton } from '../ui/copy.js';
import { finder, foot, ofWorkspace, people } from '../ui/directory.js';
import { invitationList, inviting } from '../ui/invitations.js';
import { levelChanges, roleOptions } from '../ui/level_changes.js';
import { more } from '../ui/menu.js';
import { managesOrganisation } from '../ui/place.js';
import { removeMember } from '../ui/removal.js';
import { empty, pageHead } from '../ui/shell.js';
import { lastSignIn, table } from '../ui/table.js';
import { parts, t } from '../texts.js';
import { html, nothing } from '../vendor/lit-html.js';

/** @import { Effect, Invitation, Organisation, OrganisationMember, Page, Place, Role, RoleChoice, State, Visit, Workspace, WorkspaceMember } from '../types.js' */
/** @typedef {State<Awaited<ReturnType<typeof load>>>} Here */

/** What each built-in role allows. @type {Record<string, string>} */
const MAY = {
  admin: t('members-admin-may'),
  power_user: t('members-power-user-may'),
};

/** @param {Visit} visit */
async function load({ params, query, local }) {
  const base = `/workspaces/${params.workspace}`;
  const [workspace, listing, invitations, { items }] = await Promise.all([get(base), people(`${base}/members`, { query, local }), list(`${base}/invitations`), get(`${base}/roles`)]);
  const custom = /** @type {RoleChoice[]} */ (items).filter(({ role }) => !(role in ROLE));
  return {
    base,
    workspace: /** @type {Workspace} */ (workspace),
    listing,
    invitations: /** @type {Invitation[]} */ (invitations),
    roleOptions: roleOptions(custom, ROLES),
    organisation: /** @type {Organisation} */ (await get(`/organisations/${workspace.organisation}`)),
  };
}

/** @param {Here} state @param {WorkspaceMember} one @param {Event} event */
function changeRole(state, one, event) {
  const { base, workspace } = state.data;
  const select = /** @type {HTMLSelectElement} */ (event.target);
  const role = /** @type {Role} */ (select.value);
  const roleText = state.data.roleOptions.find(([key]) => key === role)?.[1] ?? role;
  const path = `${base}/members/${one.user}`;
  // An arrow key changes the choice: until the change is confirmed, the current role stays selected.
  select.value = one.role;
  return confirmEffect(state, {
    title: t('members-make-title', { name: one.name, role: roleText, workspace: workspace.name }),
    action: t('members-make', { role: roleText }),
    danger: false,
    dry: async (query) => (await patch(`${path}?${query}`, { role })).effect,
    view: (effect) => html`<p>${MAY[role] ?? t('members-custom-role-may')}</p>${levelChanges(effect)}`,
    real: () => patch(path, { role }),
    done: t('members-made', { name: one.name, role: roleText }),
  });
}

/** @param {Here} state @param {WorkspaceMember} one */
const isReader = ({ me }, one) => one.user === me.person.id;

/**
 * The member's workspaces in the organisation; undefined if the reader may not see them.
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

/** The part of their access that a member keeps, as the selector of the texts. @param {boolean | null} others whether they keep other workspaces; null if the reader may not see them @param {boolean} admin */
function kept(others, admin) {
  if (others === null) return admin ? 'admin-unseen' : 'unseen';
  if (others) return admin ? 'both' : 'others';
  return admin ? 'admin' : 'nothing';
}

/**
 * A sentence that says which access a member loses with this workspace, and which they keep.
 * @param {Here} state
 * @param {WorkspaceMember} one
 * @param {Effect} effect
 * @param {Place[] | undefined} places
 */
function lossOf(state, one, { counts }, places) {
  const { workspace: { id, name: workspace }, organisation: { name: organisation } } = state.data;
  const seen = places?.filter((place) => place.id !== id).map(({ name }) => name);
  const others = together(seen ?? []);
  const keeps = kept(seen || counts.loses ? Boolean(seen?.length) : null, one.organisation_admin);
  return isReader(state, one)
    ? t('members-loss-own', { keeps, workspace, others, organisation })
    : t('members-loss', { keeps, name: one.name, workspace, others, organisation });
}

/** @param {Here} state @param {WorkspaceMember} one */
function revoke(state, one) {
  const path = `${state.data.base}/members/${one.user}`;
  return attempt(state, async () => {
    const [effect, places] = await Promise.all([remove(`${path}?dry_run=true`), placesOf(state, one)]);
    confirm(state, {
      title: isReader(state, one) ? t('members-revoke-own-title') : t('members-revoke-title', { email: one.email }),
      action: t('members-revoke-action'),
      body: html`<p><strong>${lossOf(state, one, effect, places)}</strong></p>${effectView(effect)}`,
      real: () => remove(path),
      done: t('members-revoked', { email: one.email, workspace: state.data.workspace.name }),
    });
  });
}

/** @param {Here} state @param {WorkspaceMember} one */
function row(state, one) {
  const { organisation } = state.data;
  return html`<tr>
    <td class="person"><strong>${one.name}</strong><small>${one.email}</small>
      ${one.organisation_admin ? html`<span class="badge accent">${t('organisation-admin-badge')}</span>` : nothing}
      ${one.disabled ? html`<span class="badge bad">${t('disabled-badge')}</span>` : nothing}</td>
    <td data-label=${t('role')}><select aria-label=${t('members-role-of', { email: one.email })} @change=${(/** @type {Event} */ event) => changeRole(state, one, event)}>
      ${state.data.roleOptions.map(([key, text]) => html`<option value=${key} .selected=${key === one.role}>${text}</option>`)}</select></td>
    <td data-label=${t('last-sign-in')}>${lastSignIn(one)}</td>
    <td class="end"><div class="row">
      <button class="small danger" aria-label=${t('members-revoke-of', { email: one.email })} @click=${() => revoke(state, one)}>${t('revoke')}</button>
      ${managesOrganisation(state.me, organisation) ? more(one.email, [html`<button class="small danger" aria-label=${t('members-remove-of', { email: one.email })}
        @click=${() => removeMember(state, organisation, one)}>${t('removal-action')}</button>`]) : nothing}
    </div></td>
  </tr>`;
}

/** @param {Organisation} organisation */
function questions(organisation) {
  return html`<section class="card stack questions" id="questions"><h2>${t('members-questions')}</h2>
    <details><summary>${t('members-question-accounts')}</summary>
      <p>${t('members-question-accounts-answer', { organisation: organisation.name })}</p></details>
    <details><summary>${t('members-question-revoke')}</summary>
      <p>${t('members-question-revoke-answer', { organisation: organisation.name })}</p></details>
    <details><summary>${t('members-question-roles')}</summary>
      <p>${MAY.admin} ${MAY.power_user} ${t('members-custom-role-may')} ${t('members-organisation-admins-may')}</p></details>
  </section>`;
}

/** The name of the workspace in commands. @param {Here} state */
function commandName(state) {
  const { organisation, workspace } = state.data;
  if (!managesOrganisation(state.me, organisation)) return nothing;
  const name = `${organisation.slug}/${workspace.slug}`;
  return html`<span class="row soft">${parts('members-command-name', { name: html`<code>${name}</code>` })}${copyButton(t('members-command-name-copied'), name)}</span>`;
}

/** @param {Here} state */
function view(state) {
  const { base, workspace, organisation, listing } = state.data;
  const members = /** @type {WorkspaceMember[]} */ (listing.items);
  const crumb = html`${organisation.name} · <a href="/w/${workspace.id}">${workspace.name}</a> · ${t('settings')} · ${t('members')}`;
  // Below fifty people, these sections would not be seen.
  const beside = html`<span class="row"><a class="button small" href="#invite">${t('members-invite')}</a><a class="button small quiet" href="#questions">${t('members-questions')}</a></span>`;
  return html`${pageHead(t('members'), { crumb, beside, lead: commandName(state) })}
    <div class="stack">
      <section class="card stack"><h2>${t('members')}</h2>
        ${finder(state, ofWorkspace(state.data.roleOptions))}
        ${members.length
          ? table([t('person'), t('role'), t('last-sign-in'), t('actions')], members.map((one) => row(state, one)))
          : empty(listing.wanted.size ? t('no-one-matches') : t('members-none'))}
        ${foot(state, `${base}/members`, workspace.members)}
      </section>
      ${inviting(state)}
      ${bulkInvite(state)}
      ${invitationList(state)}
      ${questions(organisation)}
    </div>`;
}

/** @type {Page} */
export const members = { title: t('members'), load, view };
