import { get, list, patch, post, remove } from '../api.js';
import { LEVEL } from '../ui/application_words.js';
import { confirm, confirmEffect } from '../ui/dialog.js';
import { attempt, field, fieldText, submit, submitButton } from '../ui/form.js';
import { ROLE, ROLES, number } from '../ui/format.js';
import { LEVELS, levelChanges, roleOptions } from '../ui/level_changes.js';
import { empty, pageHead } from '../ui/shell.js';
import { table } from '../ui/table.js';
import { t } from '../texts.js';
import { html, nothing } from '../vendor/lit-html.js';

/** @import { Application, CustomRole, Effect, Level, Organisation, Page, State, Visit, Workspace } from '../types.js' */
/** @typedef {State<Awaited<ReturnType<typeof load>>>} Here */

/** @param {Visit} visit */
async function load({ params, query }) {
  const base = `/organisations/${params.org}`;
  const [organisation, roles, workspaces] = await Promise.all([get(base), list(`${base}/roles`), list(`${base}/workspaces`)]);
  const spaces = /** @type {Workspace[]} */ (workspaces);
  const workspace = spaces.find(({ id }) => id === query.get('workspace')) ?? spaces[0];
  return {
    base,
    organisation: /** @type {Organisation} */ (organisation),
    roles: /** @type {CustomRole[]} */ (roles),
    workspaces: spaces,
    workspace,
    applications: /** @type {Application[]} */ (workspace ? await list(`/workspaces/${workspace.id}/applications`) : []),
  };
}

/**
 * Asks before a level of a role is changed. `level`: null for the default level; `application`: undefined for the default level itself.
 * @param {Here} state
 * @param {CustomRole} role
 * @param {Application | undefined} application
 * @param {Event} event
 */
function changeLevel(state, role, application, event) {
  const select = /** @type {HTMLSelectElement} */ (event.target);
  const level = /** @type {Level | ''} */ (select.value);
  // An arrow key changes the choice: until the change is confirmed, the current level stays selected.
  select.value = (application ? role.levels[application.id] : role.default_level) ?? '';
  const path = `${state.data.base}/roles/${role.id}`;
  const change = application ? { levels: { [application.id]: level || null } } : { default_level: level };
  const levelName = LEVEL[level || role.default_level];
  return confirmEffect(state, {
    title: application ? t('roles-level-title', { role: role.name, level: levelName, application: application.name })
      : t('roles-default-title', { role: role.name, level: levelName }),
    action: t('roles-level-change'),
    danger: false,
    dry: async (query) => (await patch(`${path}?${query}`, change)).effect,
    view: levelChanges,
    real: () => patch(path, change),
    done: t('roles-level-changed', { role: role.name }),
  });
}

/** @param {Here} state @param {CustomRole} role */
function askToRemove(state, role) {
  const path = `${state.data.base}/roles/${role.id}`;
  const others = state.data.roles.filter(({ id }) => id !== role.id).map(({ id, name }) => ({ role: id, name }));
  const used = role.members + role.invitations > 0;
  const foresee = async (/** @type {string} */ by) => /** @type {Effect} */ (await remove(`${path}?dry_run=true${by && `&replace_by=${by}`}`));
  return attempt(state, async () => {
    let effect = await foresee(used ? 'power_user' : '');
    const choose = (/** @type {Event} */ { target }) => attempt(state, async () => {
      effect = await foresee(/** @type {HTMLSelectElement} */ (target).value);
      state.update();
    });
    const replacement = () => html`<p>${t('roles-in-use', { members: role.members, invitations: role.invitations })}</p>
      <div @change=${choose}>${field(state, { name: 'replace_by', label: t('roles-replace-by'), options: roleOptions(others, ROLES), value: 'power_user' })}</div>`;
    confirm(state, {
      title: t('roles-remove-title', { role: role.name }),
      action: t('roles-remove'),
      body: () => html`${used ? replacement() : nothing}${levelChanges(effect)}`,
      real: () => remove(used ? `${path}?replace_by=${fieldText('replace_by')}` : path),
      done: t('roles-removed', { role: role.name }),
    });
  });
}

/** @param {Here} state @param {string | null} id */
function edit(state, id) {
  state.local.renaming = id;
  state.update();
  document.getElementById('renamed')?.focus();
}

/** @param {Here} state @param {CustomRole} role */
function rename(state, role) {
  const work = submit(state, async ({ renamed }) => {
    await patch(`${state.data.base}/roles/${role.id}`, { name: renamed });
    state.local.renaming = null;
    await state.reload();
    return t('roles-renamed');
  });
  return html`<form @submit=${work}>
    ${field(state, { name: 'renamed', label: t('roles-new-name'), value: role.name, errorOf: 'name' })}
    <div class="row">${submitButton(state, t('save'), 'primary small')}
      <button type="button" class="small" @click=${() => edit(state, null)}>${t('cancel')}</button></div>
  </form>`;
}

/**
 * @param {string} label
 * @param {[string, string][]} options
 * @param {string} chosen
 * @param {(event: Event) => unknown} change
 */
const levelSelect = (label, options, chosen, change) => html`<select aria-label=${label} @change=${change}>
  ${options.map(([key, text]) => html`<option value=${key} .selected=${key === chosen}>${text}</option>`)}</select>`;

/** @param {Here} state @param {CustomRole} role */
function row(state, role) {
  const { applications } = state.data;
  /** @type {[string, string][]} */
  const options = [['', t('roles-level-default', { level: LEVEL[role.default_level] })], ...LEVELS];
  return html`<tr>
    <td class="person">${state.local.renaming === role.id ? rename(state, role) : html`<strong>${role.name}</strong><small><code>${role.slug}</code></small>`}</td>
    <td data-label=${t('members')}>${number(role.members)}</td>
    <td data-label=${t('roles-default')}>${levelSelect(t('roles-default-of', { role: role.name }), LEVELS, role.default_level, (event) => changeLevel(state, role, undefined, event))}</td>
    ${applications.map((one) => html`<td data-label=${one.name}>${levelSelect(t('roles-level-of', { role: role.name, application: one.name }), options, role.levels[one.id] ?? '',
    (event) => changeLevel(state, role, one, event))}</td>`)}
    <td class="end"><div class="row">
      <button class="small" aria-label=${t('roles-rename-of', { role: role.name })} @click=${() => edit(state, role.id)}>${t('workspaces-rename')}</button>
      <button class="small danger" aria-label=${t('roles-remove-of', { role: role.name })} @click=${() => askToRemove(state, role)}>${t('remove')}</button>
    </div></td>
  </tr>`;
}

/** A built-in role, whose levels are fixed. @param {Here} state @param {string} name @param {string} level */
const fixed = ({ data: { applications } }, name, level) => html`<tr>
  <td class="person"><strong>${name}</strong><small>${t('roles-built-in')}</small></td>
  <td data-label=${t('members')}>–</td>
  <td data-label=${t('roles-default')}>${level}</td>
  ${applications.map((one) => html`<td data-label=${one.name}>${level}</td>`)}
  <td class="end"></td>
</tr>`;

/** The choice of the workspace whose applications are columns. @param {Here} state */
function workspaceChoice(state) {
  const { workspaces, workspace } = state.data;
  if (workspaces.length < 2) return nothing;
  const choose = (/** @type {Event} */ { target }) => attempt(state, async () => {
    const query = `workspace=${/** @type {HTMLSelectElement} */ (target).value}`;
    state.readdress(`${state.path}?${query}`);
    state.query = new URLSearchParams(query);
    await state.reload();
  });
  return html`<div @change=${choose}>${field(state, { name: 'workspace', label: t('roles-workspace'), options: workspaces.map(({ id, name }) => [id, name]), value: workspace?.id })}</div>`;
}

/** @param {Here} state */
function creation(state) {
  const create = submit(state, async ({ name, default_level }, form) => {
    await post(`${state.data.base}/roles`, { name, default_level });
    form.reset();
    await state.reload();
    return t('roles-created', { role: name });
  });
  return html`<section class="card stack" id="add"><h2>${t('roles-add')}</h2>
    <p class="soft">${t('roles-add-lead')}</p>
    <form @submit=${create}>
      <div class="inline">
        ${field(state, { name: 'name', label: t('name') })}
        ${field(state, { name: 'default_level', label: t('roles-default'), options: LEVELS, value: 'no_access', hint: t('roles-default-hint') })}
      </div>
      ${submitButton(state, t('roles-create'))}
    </form></section>`;
}

/** @param {Here} state */
function view(state) {
  const { organisation, roles, applications, workspace } = state.data;
  const columns = [t('role'), t('members'), t('roles-default'), ...applications.map(({ name }) => name), t('actions')];
  const rows = [fixed(state, ROLE.admin, LEVEL.admin), fixed(state, ROLE.power_user, LEVEL.editor), ...roles.map((role) => row(state, role))];
  return html`${pageHead(t('roles'), { crumb: organisation.name, lead: t('roles-lead'), beside: html`<a class="button small" href="#add">${t('roles-add')}</a>` })}
    <div class="stack">
      <section class="card stack" aria-label=${t('roles')}>
        ${workspaceChoice(state)}
        <div class="matrix" tabindex="0" role="region" aria-label=${t('roles-matrix')}>${table(columns, rows)}</div>
        ${applications.length ? nothing : empty(t('roles-no-applications', { workspace: workspace?.name ?? '' }))}
      </section>
      ${creation(state)}
    </div>`;
}

/** @type {Page} */
export const roles = { title: t('roles'), load, view };
