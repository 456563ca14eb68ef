import { get } from '../api.js';
import { ROLE, plural } from '../ui/format.js';
import { icons } from '../ui/icons.js';
import { nextSteps } from '../ui/next_steps.js';
import { managesOrganisation } from '../ui/place.js';
import { pageHead } from '../ui/shell.js';
import { html, nothing } from '../vendor/lit-html.js';

/** @import { Organisation, Page, State, Steps, Visit, Workspace } from '../types.js' */

/** @param {Visit} visit */
async function load({ me, params }) {
  const workspace = /** @type {Workspace} */ (await get(`/workspaces/${params.workspace}`));
  const path = `/organisations/${workspace.organisation}`;
  const admin = me.organisations.some(({ id, admin }) => admin && id === workspace.organisation);
  const [organisation, steps] = await Promise.all([get(path), admin ? get(`${path}/next-steps`) : null]);
  return { workspace, organisation: /** @type {Organisation} */ (organisation), steps: /** @type {Steps | null} */ (steps) };
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
  const { me, data: { workspace, organisation, steps } } = state;
  const manages = managesOrganisation(me, organisation);
  const lead = `${workspace.role ? `You are ${ROLE[workspace.role]} here.` : 'You are not a member.'} ${plural(workspace.members, 'member', 'members')}.`;
  const base = `/o/${organisation.slug}`;
  return html`${pageHead(workspace.name, { crumb: organisation.name, lead })}
    <div class="stack">${nextSteps(state, `Next steps for ${organisation.name}`, organisation.id, steps)}
    <ul class="grid">
      ${manages || workspace.role === 'admin'
        ? tile(`/w/${workspace.id}/members`, icons.people, 'Members', 'People, roles and invitations') : nothing}
      ${manages ? html`${tile(`${base}/sso`, icons.key, 'Single sign-on', 'Let members sign in through your identity provider')}
        ${tile(`${base}/workspaces`, icons.list, 'Workspaces', `All workspaces of ${organisation.name}`)}` : nothing}
      ${tile('/account', icons.account, 'Your account', me.password ? 'Name, password, sessions' : 'Language, colours, sessions')}
    </ul></div>`;
}

/** @type {Page} */
export const workspace = { title: 'Workspace', load, view };
