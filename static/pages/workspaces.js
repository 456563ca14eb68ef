import { get, list, patch, post, remove } from '../api.js';
import { confirmEffect } from '../ui/dialog.js';
import { field, submit, submitButton } from '../ui/form.js';
import { day, number } from '../ui/format.js';
import { empty, pageHead } from '../ui/shell.js';
import { table } from '../ui/table.js';
import { t } from '../texts.js';
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
    return t('workspaces-renamed');
  });
  return html`<form @submit=${work}>
    ${field(state, { name: 'renamed', label: t('workspaces-new-name'), value: one.name, errorOf: 'name' })}
    <div class="row">${submitButton(state, t('save'), 'primary small')}
      <button type="button" class="small" @click=${() => edit(state, null)}>${t('cancel')}</button></div>
  </form>`;
}

/** @param {Here} state @param {Workspace} one */
function askToDelete(state, one) {
  return confirmEffect(state, {
    title: t('keys-delete-title', { name: one.name }),
    action: t('workspaces-delete'),
    dry: (query) => remove(`/workspaces/${one.id}?${query}`),
    real: () => remove(`/workspaces/${one.id}`),
    done: t('workspaces-deleted', { name: one.name }),
  });
}

/** @param {Here} state @param {Workspace} one */
function row(state, one) {
  return html`<tr>
    <td>${state.local.renaming === one.id ? rename(state, one) : html`<a href="/w/${one.id}"><strong>${one.name}</strong></a>
      <br><code class="soft" title=${t('workspaces-command-name')}>${state.data.organisation.slug}/${one.slug}</code>`}</td>
    <td data-label=${t('members')}>${number(one.members)}</td>
    <td data-label=${t('created')}>${day(one.created_at)}</td>
    <td class="end"><div class="row">
      <a class="button small" href="/w/${one.id}/members#invite" aria-label=${t('workspaces-invite-to', { name: one.name })}>${t('members-invite')}</a>
      <a class="button small" href="/w/${one.id}/members" aria-label=${t('workspaces-members-of', { name: one.name })}>${t('members')}</a>
      <button class="small" aria-label=${t('workspaces-rename-of', { name: one.name })} @click=${() => edit(state, one.id)}>${t('workspaces-rename')}</button>
      <button class="small danger" aria-label=${t('delete-named', { name: one.name })} @click=${() => askToDelete(state, one)}>${t('delete')}</button>
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
    return t('workspaces-created', { name });
  });
  return html`<section class="card stack"><h2>${t('workspaces-new')}</h2>
    <p class="soft">${t('workspaces-new-lead')}${limit ? ` ${t('workspaces-limit', { plan: organisation.plan.name, limit })}` : ''}</p>
    <form @submit=${create}>
      ${field(state, { name: 'name', label: t('name') })}
      ${submitButton(state, t('workspaces-create'))}
    </form></section>`;
}

/** @param {Here} state */
function view(state) {
  const { organisation, items } = state.data;
  return html`${pageHead(t('workspaces'), { crumb: organisation.name, lead: t('workspaces-lead') })}
    <div class="stack">
      <section class="card" aria-label=${t('workspaces')}>
        ${items.length
          ? table([t('workspace'), t('members'), t('created'), t('actions')], items.map((one) => row(state, one)))
          : empty(t('workspaces-none'))}
      </section>
      ${creation(state)}
    </div>`;
}

/** @type {Page} */
export const workspaces = { title: t('workspaces'), load, view };
