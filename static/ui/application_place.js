/** The workspace in which applications are shown. */

import { get } from '../api.js';
import { managesOrganisation } from './place.js';

/** @import { Organisation, Visit, Workspace } from '../types.js' */

/**
 * The workspace of the address with its organisation and the hosts that are granted to it, and whether the person manages its applications.
 * `granted`: null if the person may not see the hosts.
 * @param {Visit} visit
 */
export async function applicationPlace({ me, params }) {
  const workspace = /** @type {Workspace} */ (await get(`/workspaces/${params.workspace}`));
  const path = `/organisations/${workspace.organisation}`;
  const administers = managesOrganisation(me, { id: workspace.organisation });
  const [organisation, hosts] = await Promise.all([get(path), administers ? get(`${path}/application-hosts`) : null]);
  return {
    workspace,
    organisation: /** @type {Organisation} */ (organisation),
    granted: /** @type {string[] | null} */ (hosts?.hosts ?? null),
    manages: administers || workspace.role === 'admin',
  };
}
