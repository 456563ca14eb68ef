import { get, list, post, remove } from '../api.js';
import { confirm, confirmEffect } from '../ui/dialog.js';
import { finder, ofOrganisation, foot, people as find } from '../ui/directory.js';
import { disabling, passwordLink } from '../ui/disabling.js';
import { download } from '../ui/download.js';
import { ROLES, listed, roleName } from '../ui/format.js';
import { roleOptions } from '../ui/level_changes.js';
import { more } from '../ui/menu.js';
import { onceView, reveal } from '../ui/once.js';
import { inviteView } from '../ui/people_invite.js';
import { endSessions, removeMember } from '../ui/removal.js';
import { empty, pageHead } from '../ui/shell.js';
import { lastSignIn, table } from '../ui/table.js';
import { t } from '../texts.js';
import { html, nothing } from '../vendor/lit-html.js';

/** @import { CustomRole, Organisation, OrganisationMember, Page, State, Visit, Workspace } from '../types.js' */
/** @typedef {State<Awaited<ReturnType<typeof load>>>} Here */

/** The name in `local` of the password links that were created on this page. */
const RESETS = 'resets';

/** @param {Visit} visit */
async function load({ params, query, local }) {
  const base = `/organisations/${params.org}`;
  const [organisation, listing, workspaces, custom] = await Promise.all([get(base), find(`${base}/members`, { query, local }), list(`${base}/workspaces`), list(`${base}/roles`)]);
  const roles = /** @type {CustomRole[]} */ (custom).map(({ id, name }) => ({ role: id, name }));
  return { base, organisation: /** @type {Organisation} */ (organisation), listing, workspaces: /** @type {Workspace[]} */ (workspaces), roleOptions: roleOptions(roles, ROLES) };
}

/** @param {Here} state @param {OrganisationMember} one */
function promote(state, { name, email }) {
  const { base, organisation } = state.data;
  confirm(state, {
    title: t('people-promote-title', { name, organisation: organisation.name }),
    action: t('people-promote'),
    danger: false,
    body: html`<p>${t('organisation-admins-may')}</p>`,
    real: () => post(`${base}/admins`, { email }),
    done: t('people-promoted', { email }),
  });
}

/** @param {Here} state @param {OrganisationMember} one */
function demote(state, one) {
  const path = `${state.data.base}/admins/${one.user}`;
  return confirmEffect(state, {
    title: t('people-demote-title', { email: one.email }),
    action: t('people-demote'),
    dry: () => remove(`${path}?dry_run=true`),
    real: () => remove(path),
    done: t('people-demoted', { email: one.email }),
  });
}

/** @param {Here} state @param {OrganisationMember} one */
function makeLink(state, one) {
  return passwordLink(state, one, (url) => {
    reveal(state, RESETS, { id: one.user, label: one.email, value: url });
    return t('people-link-above', { email: one.email });
  });
}

/** @param {Here} state @param {OrganisationMember} one */
function actions(state, one) {
  const { me: { person }, data: { organisation } } = state;
  const button = (/** @type {string} */ text, /** @type {string} */ name, /** @type {() => unknown} */ act, kind = '') =>
    html`<button class="small ${kind}" aria-label=${name} @click=${act}>${text}</button>`;
  return html`<div class="row">
    ${button(t('remove'), t('people-remove-of', { email: one.email }), () => removeMember(state, organisation, one), 'danger')}
    ${more(one.email, [
      one.admin
        ? button(t('people-demote'), t('people-demote-of', { email: one.email }), () => demote(state, one))
        : button(t('people-promote'), t('people-promote-of', { email: one.email }), () => promote(state, one)),
      button(t('people-sessions'), t('people-sessions-of', { email: one.email }), () => endSessions(state, one)),
      ...(person.operator ? [button(t('operators-password-link'), t('operators-password-link-of', { email: one.email }), () => makeLink(state, one)), disabling(state, one)] : []),
    ])}
  </div>`;
}

/** @param {Here} state @param {OrganisationMember} one */
function row(state, one) {
  const places = listed(one.workspaces.map((place) => t('people-place', { name: place.name, role: roleName(place) })));
  return html`<tr>
    <td class="person"><strong>${one.name}</strong><small>${one.email}</small>
      ${one.admin ? html`<span class="badge accent">${t('organisation-admin-badge')}</span>` : nothing}
      ${one.disabled ? html`<span class="badge bad">${t('disabled-badge')}</span>` : nothing}</td>
    <td data-label=${t('workspaces')}>${places || t('none')}</td>
    <td data-label=${t('password')} class="short">${one.password ? t('operators-password-set') : t('none')}</td>
    <td data-label=${t('last-sign-in')}>${lastSignIn(one)}</td>
    <td class="end">${actions(state, one)}</td>
  </tr>`;
}

/** @param {Here} state */
const resetLinks = (state) => onceView(state, RESETS, {
  name: t('people-links', { count: state.local[RESETS]?.length ?? 0 }),
  lead: t('people-links-lead'),
});

/** @param {Here} state */
function view(state) {
  const { base, organisation, listing } = state.data;
  const items = /** @type {OrganisationMember[]} */ (listing.items);
  const lead = [t('people-lead'), t('organisation-admins-may'), t('people-join')].join(' ');
  const beside = html`<a class="button small" href="#invite">${t('members-invite')}</a>`;
  return html`${pageHead(t('people'), { crumb: organisation.name, beside, lead })}
    <div class="stack">
      ${resetLinks(state)}
      <section class="card stack" aria-label=${t('people')}>
        ${finder(state, ofOrganisation(state.data.roleOptions))}
        ${items.length
          ? table([t('person'), t('workspaces'), t('password'), t('last-sign-in'), t('actions')], items.map((one) => row(state, one)))
          : empty(listing.wanted.size ? t('no-one-matches') : t('people-none'))}
        ${foot(state, `${base}/members`, organisation.people)}
        ${items.length ? download(state, `${base}/members.csv?${new URLSearchParams([...listing.wanted, ['bom', 'true']])}`) : nothing}
      </section>
      ${inviteView(state)}
    </div>`;
}

/** @type {Page} */
export const people = { title: t('people'), load, view };
