/** Where on the site somebody is, and what they may do there. */

/** @import { Me, Organisation, OwnOrganisation, State } from '../types.js' */

/**
 * The organisation of the present page: one's own, or the one that an operator looks at. Null on pages of none.
 * @param {State} state
 * @returns {OwnOrganisation | null}
 */
function onPage({ me, params, data, failure }) {
  const { org, workspace } = params;
  const own = me.organisations.find((one) => one.id === failure?.organisation || (org ? [one.slug, one.id].includes(org) : one.workspaces.some(({ id }) => id === workspace)));
  if (own) return own;
  if (!org && !workspace) return null;
  const { organisation } = data;
  if (!organisation) return null;
  return me.organisations.find(({ id }) => id === organisation.id) ?? { ...organisation, admin: false, open: true, workspaces: [] };
}

/** The organisation that was looked at last: pages of none, such as one's account, keep its navigation. */
let last = /** @type {OwnOrganisation | null} */ (null);

/**
 * @param {State} state
 * @returns {OwnOrganisation | null}
 */
export function organisationHere(state) {
  const open = state.me.organisations.filter((one) => one.open);
  // Looked up again: its name or one's rights may have changed since.
  const before = last && (state.me.organisations.find(({ id }) => id === last?.id) ?? (state.me.person.operator ? last : null));
  last = onPage(state) ?? before ?? (open.length === 1 ? open[0] : null);
  return last;
}

/** Once it is deleted. */
export const forgetOrganisation = () => { last = null; };

/**
 * Whether somebody may manage an organisation.
 * @param {Me} me
 * @param {{id: string}} organisation
 */
export function managesOrganisation(me, organisation) {
  return me.person.operator || me.organisations.some(({ id, admin }) => admin && id === organisation.id);
}

/**
 * Where somebody invites people to an organisation: at its only workspace; else in the list of them, since each invitation is to one.
 * @param {Me} me
 * @param {Organisation} organisation
 */
export function invitePath(me, { id, slug, workspaces }) {
  const own = me.organisations.find((one) => one.id === id)?.workspaces ?? [];
  return workspaces === 1 && own.length === 1 ? `/w/${own[0].id}/members#invite` : `/o/${slug}/workspaces`;
}

/**
 * Where somebody goes who has nothing to choose: the workspace they were in last, or their only one.
 * @param {Me} me
 */
export function onlyPlace({ person, last_workspace: lastWorkspace, organisations }) {
  const places = organisations.flatMap((one) => (one.open ? one.workspaces : []));
  // Somebody who also has an organisation that is closed to this session may be on the way there.
  const only = lastWorkspace ?? (places.length === 1 && organisations.every(({ open }) => open) ? places[0].id : null);
  if (only) return `/w/${only}`;
  return person.operator && !organisations.length ? '/operator/organisations' : null;
}
