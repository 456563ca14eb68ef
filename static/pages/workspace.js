import { get } from '../api.js';
import { html, nothing } from '../vendor/lit-html.js';
import { plural, word } from '../ui/format.js';

/** @param {any} state */
async function load(state) {
  state.data.workspace = await get(`/workspaces/${state.params.workspace}`);
  state.data.organisation = await get(`/organisations/${state.data.workspace.organisation}`);
}

/** @param {any} state */
function manages(state) {
  const { workspace, organisation } = state.data;
  const own = state.me.organisations.find((/** @type {any} */ one) => one.id === organisation.id);
  return { workspace: workspace.role === 'admin' || own?.admin || state.me.person.operator, organisation: own?.admin || state.me.person.operator };
}

/** @param {any} state */
function view(state) {
  const { workspace, organisation } = state.data;
  const may = manages(state);
  return html`<p class="crumb">${organisation.name}</p>
    <h1 tabindex="-1">${workspace.name}</h1>
    <p>${workspace.role ? html`You are <strong>${word(workspace.role)}</strong> here.` : 'You look in from outside.'}
      ${plural(workspace.members, 'member', 'members')}.</p>
    <ul class="grid">
      ${may.workspace ? html`<li><a class="card tile" href="/w/${workspace.id}/members"><strong>Users &amp; Permissions</strong><br><small>Members, roles and invitations</small></a></li>` : nothing}
      ${may.organisation ? html`<li><a class="card tile" href="/o/${organisation.slug}/sso"><strong>Single sign-on</strong><br><small>Let members sign in through your identity provider</small></a></li>
        <li><a class="card tile" href="/o/${organisation.slug}/workspaces"><strong>Manage Workspaces</strong><br><small>All workspaces of ${organisation.name}</small></a></li>` : nothing}
      <li><a class="card tile" href="/account"><strong>Your account</strong><br><small>Name, password, sessions</small></a></li>
    </ul>`;
}

/** @type {import('../router.js').Page} */
export const workspace = { title: 'Workspace', load, view };
