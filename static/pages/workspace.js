import { get, list } from '../api.js';
import { roleName } from '../ui/format.js';
import { icons } from '../ui/icons.js';
import { nextSteps } from '../ui/next_steps.js';
import { managesOrganisation } from '../ui/place.js';
import { pageHead } from '../ui/shell.js';
import { tilesView } from '../ui/tiles.js';
import { t } from '../texts.js';
import { html, nothing } from '../vendor/lit-html.js';

/** @import { ApplicationTile, Organisation, Page, State, Steps, Visit, Workspace } from '../types.js' */

/** @param {Visit} visit */
async function load({ me, params }) {
  const workspace = /** @type {Workspace} */ (await get(`/workspaces/${params.workspace}`));
  const path = `/organisations/${workspace.organisation}`;
  const admin = me.organisations.some(({ id, admin }) => admin && id === workspace.organisation);
  const [organisation, steps, tiles] = await Promise.all([get(path), admin ? get(`${path}/next-steps`) : null, list('/me/applications')]);
  return {
    workspace,
    organisation: /** @type {Organisation} */ (organisation),
    steps: /** @type {Steps | null} */ (steps),
    // Tiles have the names of their organisation and workspace.
    tiles: /** @type {ApplicationTile[]} */ (tiles).filter((one) => one.organisation === organisation.name && one.workspace === workspace.name),
  };
}

/**
 * @param {string} path
 * @param {unknown} icon
 * @param {string} title
 * @param {string} text
 */
function tile(path, icon, title, text) {
  return html`<li><a class="card tile" href=${path}>${icon}<strong>${title}</strong><small>${text}</small></a></li>`;
}

/** @param {State<Awaited<ReturnType<typeof load>>>} state */
function view(state) {
  const { me, data: { workspace, organisation, steps, tiles } } = state;
  const manages = managesOrganisation(me, organisation);
  const own = workspace.role ? t('workspace-role', { role: roleName({ role: workspace.role, role_name: workspace.role_name }) }) : t('workspace-not-a-member');
  const lead = `${own} ${t('workspace-member-count', { count: workspace.members })}`;
  const base = `/o/${organisation.slug}`;
  return html`${pageHead(workspace.name, { crumb: organisation.name, lead })}
    <div class="stack">${nextSteps(state, t('next-steps-for', { name: organisation.name }), organisation.id, steps)}
    ${workspace.role || tiles.length ? tilesView(tiles) : nothing}
    <ul class="grid">
      ${manages || workspace.role === 'admin'
        ? tile(`/w/${workspace.id}/members`, icons.people, t('members'), t('workspace-members')) : nothing}
      ${manages || workspace.role === 'admin'
        ? tile(`/w/${workspace.id}/applications`, icons.apps, t('applications'), t('workspace-applications')) : nothing}
      ${manages ? html`${tile(`${base}/sso`, icons.key, t('single-sign-on'), t('workspace-sso'))}
        ${tile(`${base}/workspaces`, icons.list, t('workspaces'), t('workspace-all-of', { name: organisation.name }))}` : nothing}
      ${tile('/account', icons.account, t('your-account'), me.password ? t('workspace-account') : t('workspace-account-without-password'))}
    </ul></div>`;
}

/** @type {Page} */
export const workspace = { title: t('workspace'), load, view };
