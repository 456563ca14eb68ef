import { get, list, post, remove } from '../api.js';
import { confirmEffect } from '../ui/dialog.js';
import { field, outcome, submit } from '../ui/form.js';
import { moment, word } from '../ui/format.js';
import { organisationTabs } from '../ui/shell.js';
import { html, nothing } from '../vendor/lit-html.js';

/** @param {any} state */
async function load(state) {
  const base = `/organisations/${state.params.org}`;
  const [organisation, items] = await Promise.all([get(base), list(`${base}/members`)]);
  state.data = { ...state.data, base, organisation, items };
}

/** @param {any} state @param {any} one */
function demote(state, one) {
  const path = `${state.data.base}/admins/${one.user}`;
  return confirmEffect(state, {
    title: `Remove ${one.email} as organisation admin?`,
    action: 'Remove admin',
    dry: () => remove(`${path}?dry_run=true`),
    real: () => remove(path),
    done: `${one.email} is no longer organisation admin.`,
  });
}

/** @param {any} state @param {any} one */
function row(state, one) {
  const places = one.workspaces.map((/** @type {any} */ place) => `${place.name} (${word(place.role)})`).join(', ');
  return html`<tr>
    <td><strong>${one.name}</strong> ${one.admin ? html`<span class="badge">Organisation admin</span>` : nothing}<br><small>${one.email}</small></td>
    <td data-label="Workspaces">${places || 'none'}</td>
    <td data-label="Password">${one.password ? 'yes' : 'no'}</td>
    <td data-label="Last sign-in">${moment(one.last_sign_in_at)}${one.last_method ? html` <small>by ${word(one.last_method)}</small>` : nothing}</td>
    <td class="end">${one.admin ? html`<button class="small danger" aria-label="Remove ${one.email} as admin" @click=${() => demote(state, one)}>Remove admin</button>` : nothing}</td>
  </tr>`;
}

/** @param {any} state */
function view(state) {
  const { base, organisation, items } = state.data;
  const promote = submit(state, async ({ email }, form) => {
    await post(`${base}/admins`, { email });
    form.reset();
    await state.reload();
    return `${email} is organisation admin now.`;
  });
  return html`${organisationTabs(state, organisation)}
    <h1 tabindex="-1">People &amp; admins</h1>
    <p>Organisation admins make workspaces, manage people, and set up single sign-on. People join by an invitation to a workspace.</p>
    ${outcome(state)}
    <section class="card">
      <table><thead><tr><th>Person</th><th>Workspaces</th><th>Password</th><th>Last sign-in</th><th><span class="hidden">Actions</span></th></tr></thead>
        <tbody>${items.map((/** @type {any} */ one) => row(state, one))}</tbody></table></section>
    <section class="card"><h2>Make somebody organisation admin</h2>
      <form @submit=${promote}>
        ${field(state, { name: 'email', label: 'E-mail of a member', type: 'email' })}
        <button class="primary" ?disabled=${state.busy}>Make organisation admin</button>
      </form></section>`;
}

/** @type {import('../router.js').Page} */
export const people = { title: 'People & admins', load, view };
