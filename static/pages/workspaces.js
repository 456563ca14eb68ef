import { get, list, patch, post, remove } from '../api.js';
import { confirmEffect } from '../ui/dialog.js';
import { field, submit, submitButton } from '../ui/form.js';
import { day } from '../ui/format.js';
import { empty, pageHead } from '../ui/shell.js';
import { table } from '../ui/table.js';
import { html } from '../vendor/lit-html.js';

/** @import { Organisation, Page, State, Visit, Workspace } from '../types.js' */
/** @typedef {State<Awaited<ReturnType<typeof load>>>} Here */

/** @param {Visit} visit */
async function load({ params }) {
  const base = `/organisations/${params.org}`;
  const [organisation, items] = await Promise.all([get(base), list(`${base}/workspaces`)]);
  return { organisation: /** @type {Organisation} */ (organisation), items: /** @type {Workspace[]} */ (items) };
}

/** @param {Here} state @param {string | null} id */
function edit(state, id) {
  state.local.renaming = id;
  state.update();
  document.getElementById('renamed')?.focus();
}

/** @param {Here} state @param {Workspace} one */
function rename(state, one) {
  const work = submit(state, async ({ renamed }) => {
    await patch(`/workspaces/${one.id}`, { name: renamed });
    state.local.renaming = null;
    await state.reload();
    return 'The workspace is renamed.';
  });
  return html`<form @submit=${work}>
    ${field(state, { name: 'renamed', label: 'New name', value: one.name, errorOf: 'name' })}
    <div class="row">${submitButton(state, 'Save', 'primary small')}
      <button type="button" class="small" @click=${() => edit(state, null)}>Cancel</button></div>
  </form>`;
}

/** @param {Here} state @param {Workspace} one */
function askToDelete(state, one) {
  return confirmEffect(state, {
    title: `Delete ${one.name}?`,
    action: 'Delete workspace',
    dry: (query) => remove(`/workspaces/${one.id}?${query}`),
    real: () => remove(`/workspaces/${one.id}`),
    done: `${one.name} is deleted.`,
  });
}

/** @param {Here} state @param {Workspace} one */
function row(state, one) {
  return html`<tr>
    <td>${state.local.renaming === one.id ? rename(state, one) : html`<a href="/w/${one.id}"><strong>${one.name}</strong></a>
      <br><code class="soft" title="Its name on the command line">${state.data.organisation.slug}/${one.slug}</code>`}</td>
    <td data-label="Members">${one.members}</td>
    <td data-label="Created">${day(one.created_at)}</td>
    <td class="end"><div class="row">
      <a class="button small" href="/w/${one.id}/members" aria-label="Members of ${one.name}">Members</a>
      <button class="small" aria-label="Rename ${one.name}" @click=${() => edit(state, one.id)}>Rename</button>
      <button class="small danger" aria-label="Delete ${one.name}" @click=${() => askToDelete(state, one)}>Delete</button>
    </div></td>
  </tr>`;
}

/** @param {Here} state */
function creation(state) {
  const { organisation } = state.data;
  const limit = organisation.plan.max_workspaces;
  const create = submit(state, async ({ name }, form) => {
    await post(`/organisations/${organisation.id}/workspaces`, { name });
    form.reset();
    await state.reload();
    return `${name} is created.`;
  });
  return html`<section class="card stack"><h2>New workspace</h2>
    <p class="soft">Single sign-on covers it from the start.${limit ? ` The ${organisation.plan.name} plan allows ${limit}.` : ''}</p>
    <form @submit=${create}>
      ${field(state, { name: 'name', label: 'Name' })}
      ${submitButton(state, 'Create workspace')}
    </form></section>`;
}

/** @param {Here} state */
function view(state) {
  const { organisation, items } = state.data;
  return html`${pageHead('Workspaces', { crumb: organisation.name, lead: 'People are members of workspaces, with a role in each.' })}
    <div class="stack">
      <section class="card" aria-label="Workspaces">
        ${items.length
          ? table(['Workspace', 'Members', 'Created', 'Actions'], items.map((one) => row(state, one)))
          : empty('No workspace yet. Create the first one below.')}
      </section>
      ${creation(state)}
    </div>`;
}

/** @type {Page} */
export const workspaces = { title: 'Workspaces', load, view };
