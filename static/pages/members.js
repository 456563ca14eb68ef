import { get, list, patch, post, remove } from '../api.js';
import { copyable } from '../ui/copy.js';
import { confirmEffect } from '../ui/dialog.js';
import { attempt, field, outcome, submit } from '../ui/form.js';
import { ROLES, moment, word } from '../ui/format.js';
import { html, nothing } from '../vendor/lit-html.js';

/** @param {any} state */
async function load(state) {
  const base = `/workspaces/${state.params.workspace}`;
  const [workspace, members, invitations] = await Promise.all([get(base), list(`${base}/members`), list(`${base}/invitations`)]);
  const organisation = await get(`/organisations/${workspace.organisation}`);
  state.data = { ...state.data, base, workspace, organisation, members, invitations };
}

/** @param {any} state @param {any} one @param {string} role */
function changeRole(state, one, role) {
  return attempt(state, async () => {
    try {
      await patch(`${state.data.base}/members/${one.user}`, { role });
    } finally {
      await state.reload();
    }
    return `${one.email} is ${word(role)} now.`;
  });
}

/** @param {any} state @param {any} one */
function revoke(state, one) {
  const path = `${state.data.base}/members/${one.user}`;
  return confirmEffect(state, {
    title: `Revoke ${one.email}?`,
    action: 'Revoke access',
    dry: () => remove(`${path}?dry_run=true`),
    real: () => remove(path),
    done: `${one.email} is no longer in this workspace.`,
  });
}

/** @param {any} state @param {any} one */
function member(state, one) {
  const choose = (/** @type {Event} */ event) => changeRole(state, one, /** @type {HTMLSelectElement} */ (event.target).value);
  return html`<tr>
    <td><strong>${one.name}</strong> ${one.organisation_admin ? html`<span class="badge">Organisation admin</span>` : nothing}<br><small>${one.email}</small></td>
    <td data-label="Role"><select aria-label="Role of ${one.email}" .value=${one.role} ?disabled=${state.busy} @change=${choose}>
      ${ROLES.map(([key, text]) => html`<option value=${key} ?selected=${key === one.role}>${text}</option>`)}</select></td>
    <td data-label="Last sign-in">${moment(one.last_sign_in_at)}${one.last_method ? html` <small>by ${word(one.last_method)}</small>` : nothing}</td>
    <td class="end"><button class="small danger" aria-label="Revoke ${one.email}" @click=${() => revoke(state, one)}>Revoke</button></td>
  </tr>`;
}

/** @param {any} state @param {any} one */
function resend(state, one) {
  return attempt(state, async () => {
    state.data.link = await post(`${state.data.base}/invitations/${one.id}/resend`);
    await state.reload();
    return `A new link for ${one.email}; the old one no longer works.`;
  });
}

/** @param {any} state @param {any} one */
function withdraw(state, one) {
  return attempt(state, async () => {
    await remove(`${state.data.base}/invitations/${one.id}`);
    state.data.link = null;
    await state.reload();
    return `The invitation of ${one.email} is withdrawn.`;
  });
}

/** @param {any} state @param {any} one */
function invitation(state, one) {
  const pending = one.status === 'pending';
  return html`<tr>
    <td><strong>${one.email}</strong><br><small>invited by ${one.invited_by}</small></td>
    <td data-label="Role">${word(one.role)}</td>
    <td data-label="State"><span class="badge ${pending ? 'good' : 'warn'}">${pending ? `until ${moment(one.expires_at)}` : 'expired'}</span></td>
    <td class="end"><span class="row">
      <button class="small" aria-label="Resend to ${one.email}" @click=${() => resend(state, one)}>Resend</button>
      <button class="small danger" aria-label="Remove invitation of ${one.email}" @click=${() => withdraw(state, one)}>Remove</button>
    </span></td>
  </tr>`;
}

/** @param {any} state */
function inviting(state) {
  const { base, link } = state.data;
  const invite = submit(state, async ({ email, role }, form) => {
    state.data.link = await post(`${base}/invitations`, { email, role });
    form.reset();
    await state.reload();
    return `${email} is invited.`;
  });
  return html`<section class="card"><h2>Invite somebody</h2>
    <form @submit=${invite}>
      ${field(state, { name: 'email', label: 'E-mail', type: 'email' })}
      ${field(state, { name: 'role', label: 'Role', options: ROLES, value: 'power_user', hint: 'Admin: everything. Power User: everything but settings and members.' })}
      <button class="primary" ?disabled=${state.busy}>Invite</button>
    </form>
    ${link?.accept_url ? html`<div class="notice info"><p>No mail server is set: hand this link to ${link.email} yourself. It is shown once and lasts a day.</p>
      ${copyable('Invitation link', link.accept_url)}</div>` : nothing}
  </section>`;
}

/** @param {any} organisation */
function questions(organisation) {
  return html`<section class="card"><h2>Questions</h2>
    <details><summary>Does Vestibule create accounts by itself at the first SSO sign-in (just-in-time provisioning)?</summary>
      <p>No. Whoever your identity provider vouches for gets in only when they are a member of ${organisation.name}, or hold an
        invitation that is still good. Invite people here first; their first SSO sign-in then accepts the invitation. Somebody else
        is told to ask an admin, and no account is made.</p></details>
    <details><summary>What happens when I revoke somebody?</summary>
      <p>Their sessions here end at once, and they are refused from then on, also when your identity provider still lets them sign in.</p></details>
  </section>`;
}

/** @param {any} state */
function view(state) {
  const { workspace, organisation, members, invitations } = state.data;
  return html`<p class="crumb">${organisation.name} · <a href="/w/${workspace.id}">${workspace.name}</a> · Settings</p>
    <h1 tabindex="-1">Users &amp; Permissions</h1>
    ${outcome(state)}
    <section class="card"><h2>Members</h2>
      <table><thead><tr><th>Person</th><th>Role</th><th>Last sign-in</th><th><span class="hidden">Actions</span></th></tr></thead>
        <tbody>${members.map((/** @type {any} */ one) => member(state, one))}</tbody></table></section>
    ${inviting(state)}
    <section class="card"><h2>Invitations</h2>
      ${invitations.length
        ? html`<table><thead><tr><th>E-mail</th><th>Role</th><th>State</th><th><span class="hidden">Actions</span></th></tr></thead>
            <tbody>${invitations.map((/** @type {any} */ one) => invitation(state, one))}</tbody></table>`
        : html`<div class="empty"><p>Nobody is invited at the moment.</p></div>`}</section>
    ${questions(organisation)}`;
}

/** @type {import('../router.js').Page} */
export const members = { title: 'Users & Permissions', load, view };
