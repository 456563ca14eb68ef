/** The organisation of the current page, and the person's rights in it. */

/** @import { Me, OwnOrganisation, State } from '../types.js' */

/**
 * The organisation of the current page: one of the person's own, or any for an operator. Null if the page belongs to no organisation.
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

/** The organisation of the last page that belonged to one: pages such as *Your account* keep its navigation. */
let last = /** @type {OwnOrganisation | null} */ (null);

/**
 * @param {State} state
 * @returns {OwnOrganisation | null}
 */
export function organisationHere(state) {
  const open = state.me.organisations.filter((one) => one.open);
  // Looked up again: its name or the person's rights may have changed.
  const before = last && (state.me.organisations.find(({ id }) => id === last?.id) ?? (state.me.person.operator ? last : null));
  last = onPage(state) ?? before ?? (open.length === 1 ? open[0] : null);
  return last;
}

/** Forgets the last organisation after it was deleted. */
export const forgetOrganisation = () => { last = null; };

/**
 * Whether a person may manage an organisation.
 * @param {Me} me
 * @param {{id: string}} organisation
 */
export function managesOrganisation(me, organisation) {
  return me.person.operator || me.organisations.some(({ id, admin }) => admin && id === organisation.id);
}

/**
 * The path to redirect a person to who has no choice to make at `/`: their last or only workspace; null if they have to choose.
 * @param {Me} me
 */
export function onlyPlace({ person, last_workspace: lastWorkspace, organisations }) {
  const places = organisations.flatMap((one) => (one.open ? one.workspaces : []));
  // A person with another organisation, which this session has no access to, may want to sign in to that one.
  const only = lastWorkspace ?? (places.length === 1 && organisations.every(({ open }) => open) ? places[0].id : null);
  if (only) return `/w/${only}`;
  return person.operator && !organisations.length ? '/operator/organisations' : null;
}
