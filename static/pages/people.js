import { get, post, remove } from '../api.js';
import { confirm, confirmEffect } from '../ui/dialog.js';
import { OF_ORGANISATION, finder, foot, people as find } from '../ui/directory.js';
import { disabling, passwordLink } from '../ui/disabling.js';
import { download } from '../ui/download.js';
import { ROLE } from '../ui/format.js';
import { more } from '../ui/menu.js';
import { onceView, reveal } from '../ui/once.js';
import { endSessions, removeMember } from '../ui/removal.js';
import { empty, pageHead } from '../ui/shell.js';
import { lastSignIn, table } from '../ui/table.js';
import { html, nothing } from '../vendor/lit-html.js';

/** @import { Organisation, OrganisationMember, Page, State, Visit } from '../types.js' */
/** @typedef {State<Awaited<ReturnType<typeof load>>>} Here */

/** What the role is for. */
const ADMINS_MAY = 'Organisation admins create workspaces and manage people, single sign-on and security.';

/** The password links that were made on this page. */
const RESETS = 'resets';

/** @param {Visit} visit */
async function load({ params, query, local }) {
  const base = `/organisations/${params.org}`;
  const [organisation, listing] = await Promise.all([get(base), find(`${base}/members`, { query, local })]);
  return { base, organisation: /** @type {Organisation} */ (organisation), listing };
}

/** @param {Here} state @param {OrganisationMember} one */
function promote(state, { name, email }) {
  const { base, organisation } = state.data;
  confirm(state, {
    title: `Make ${name} organisation admin of ${organisation.name}?`,
    action: 'Make admin',
    danger: false,
    body: html`<p>${ADMINS_MAY}</p>`,
    real: () => post(`${base}/admins`, { email }),
    done: `${email} is now an organisation admin.`,
  });
}

/** @param {Here} state @param {OrganisationMember} one */
function demote(state, one) {
  const path = `${state.data.base}/admins/${one.user}`;
  return confirmEffect(state, {
    title: `Remove ${one.email} as organisation admin?`,
    action: 'Remove admin',
    dry: () => remove(`${path}?dry_run=true`),
    real: () => remove(path),
    done: `${one.email} is no longer an organisation admin.`,
  });
}

/** @param {Here} state @param {OrganisationMember} one */
function makeLink(state, one) {
  return passwordLink(state, one, (url) => {
    reveal(state, RESETS, { id: one.user, label: one.email, value: url });
    return `The password link for ${one.email} is at the top of this page.`;
  });
}

/** @param {Here} state @param {OrganisationMember} one */
function actions(state, one) {
  const { me: { person }, data: { organisation } } = state;
  const button = (/** @type {string} */ text, /** @type {string} */ name, /** @type {() => unknown} */ act, kind = '') =>
    html`<button class="small ${kind}" aria-label=${name} @click=${act}>${text}</button>`;
  return html`<div class="row">
    ${button('Remove', `Remove ${one.email} from the organisation`, () => removeMember(state, organisation, one), 'danger')}
    ${more(one.email, [
      one.admin
        ? button('Remove admin', `Remove admin: ${one.email}`, () => demote(state, one))
        : button('Make admin', `Make admin: ${one.email}`, () => promote(state, one)),
      button('Sessions', `Sessions of ${one.email}`, () => endSessions(state, one)),
      ...(person.operator ? [button('Password link', `Password link for ${one.email}`, () => makeLink(state, one)), disabling(state, one)] : []),
    ])}
  </div>`;
}

/** @param {Here} state @param {OrganisationMember} one */
function row(state, one) {
  const places = one.workspaces.map((place) => `${place.name} (${ROLE[place.role]})`).join(', ');
  return html`<tr>
    <td class="person"><strong>${one.name}</strong><small>${one.email}</small>
      ${one.admin ? html`<span class="badge accent">Organisation admin</span>` : nothing}
      ${one.disabled ? html`<span class="badge bad">Disabled</span>` : nothing}</td>
    <td data-label="Workspaces">${places || 'none'}</td>
    <td data-label="Password" class="short">${one.password ? 'set' : 'none'}</td>
    <td data-label="Last sign-in">${lastSignIn(one)}</td>
    <td class="end">${actions(state, one)}</td>
  </tr>`;
}

/** @param {Here} state */
const resetLinks = (state) => onceView(state, RESETS, {
  name: state.local[RESETS]?.length > 1 ? 'Password links' : 'Password link',
  lead: 'Pass on the password link yourself: it sets a new password, works once, and will not be shown again.',
});

/** @param {Here} state */
function view(state) {
  const { base, organisation, listing } = state.data;
  const items = /** @type {OrganisationMember[]} */ (listing.items);
  const lead = html`Everyone in any workspace. ${ADMINS_MAY}
    People join by an invitation to a workspace.`;
  return html`${pageHead('People', { crumb: organisation.name, lead })}
    <div class="stack">
      ${resetLinks(state)}
      <section class="card stack" aria-label="People">
        ${finder(state, OF_ORGANISATION)}
        ${items.length
          ? table(['Person', 'Workspaces', 'Password', 'Last sign-in', 'Actions'], items.map((one) => row(state, one)))
          : empty(listing.wanted.size ? 'No one matches. Try a shorter part of the name, or clear the filters.' : 'No one is here yet. Invite people in a workspace, under Members.')}
        ${foot(state, `${base}/members`, organisation.people)}
        ${items.length ? download(`/api/v1${base}/members.csv?${new URLSearchParams([...listing.wanted, ['bom', 'true']])}`) : nothing}
      </section>
    </div>`;
}

/** @type {Page} */
export const people = { title: 'People', load, view };
