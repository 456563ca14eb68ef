import { get, list, patch, post, remove } from '../api.js';
import { attempt, field, outcome, submit } from '../ui/form.js';
import { moment } from '../ui/format.js';
import { organisationTabs } from '../ui/shell.js';
import { html, nothing } from '../vendor/lit-html.js';

/** @param {any} state */
async function load(state) {
  const { org } = state.params;
  const [organisation, items] = await Promise.all([get(`/organisations/${org}`), list(`/organisations/${org}/workspaces`)]);
  state.data = { ...state.data, organisation, items };
}

/** @param {any} state @param {any} one */
function rename(state, one) {
  const work = submit(state, async ({ renamed }) => {
    await patch(`/workspaces/${one.id}`, { name: renamed });
    state.data.renaming = null;
    await state.reload();
    return 'The workspace is renamed.';
  });
  return html`<form @submit=${work}>
    ${field(state, { name: 'renamed', label: 'New name', value: one.name, errorOf: 'name' })}
    <div class="row"><button class="primary small">Save</button>
      <button type="button" class="small" @click=${() => edit(state, null)}>Cancel</button></div>
  </form>`;
}

/** @param {any} state @param {string | null} id */
function edit(state, id) {
  state.data.renaming = id;
  state.update();
}

/** @param {any} state @param {any} one */
function drop(state, one) {
  if (!confirm(`Delete the workspace "${one.name}" with its memberships and invitations?`)) return;
  return attempt(state, async () => {
    await remove(`/workspaces/${one.id}`);
    await state.reload();
    return 'The workspace is deleted.';
  });
}

/** @param {any} state @param {any} one */
function row(state, one) {
  return html`<tr>
    <td>${state.data.renaming === one.id ? rename(state, one) : html`<a href="/w/${one.id}"><strong>${one.name}</strong></a>`}</td>
    <td data-label="Members">${one.members}</td>
    <td data-label="Made">${moment(one.created_at)}</td>
    <td class="end"><span class="row">
      <a href="/w/${one.id}/members" aria-label="Users and permissions of ${one.name}">Users &amp; Permissions</a>
      <button class="small" aria-label="Rename ${one.name}" @click=${() => edit(state, one.id)}>Rename</button>
      <button class="small danger" aria-label="Delete ${one.name}" @click=${() => drop(state, one)}>Delete</button>
    </span></td>
  </tr>`;
}

/** @param {any} state */
function view(state) {
  const { organisation, items } = state.data;
  const create = submit(state, async ({ name }, form) => {
    await post(`/organisations/${organisation.id}/workspaces`, { name });
    form.reset();
    await state.reload();
    return `The workspace ${name} is made.`;
  });
  const limit = organisation.plan.max_workspaces;
  return html`${organisationTabs(state, organisation)}
    <h1 tabindex="-1">Manage Workspaces</h1>
    ${outcome(state)}
    <section class="card">
      <table><thead><tr><th>Workspace</th><th>Members</th><th>Made</th><th><span class="hidden">Actions</span></th></tr></thead>
        <tbody>${items.map((/** @type {any} */ one) => row(state, one))}</tbody></table>
      ${items.length ? nothing : html`<div class="empty"><p>No workspace yet.</p></div>`}
    </section>
    <section class="card"><h2>New workspace</h2>
      <p class="soft">${limit ? `The ${organisation.plan.name} plan has room for ${limit}.` : 'The plan has no limit.'} SSO covers it from the start.</p>
      <form @submit=${create}>
        ${field(state, { name: 'name', label: 'Name' })}
        <button class="primary" ?disabled=${state.busy}>Create workspace</button>
      </form></section>`;
}

/** @type {import('../router.js').Page} */
export const workspaces = { title: 'Manage Workspaces', load, view };
