import { get, list, post, remove } from '../api.js';
import { copyable } from '../ui/copy.js';
import { confirm } from '../ui/dialog.js';
import { field, submit, submitButton } from '../ui/form.js';
import { day, moment } from '../ui/format.js';
import { empty, pageHead } from '../ui/shell.js';
import { table } from '../ui/table.js';
import { html, nothing } from '../vendor/lit-html.js';

/** @import { Key, Organisation, Page, Scope, State, Visit } from '../types.js' */
/** @typedef {State<Awaited<ReturnType<typeof load>>>} Here */

/**
 * What a key may do: in the list, and explained where it is chosen.
 * @type {Record<Scope, [string, string]>}
 */
const SCOPE = {
  read: ['Read', 'See people, workspaces, settings and the audit log.'],
  manage_members: ['Manage members', 'Invite people, change roles, revoke access.'],
  manage_sso: ['Manage SSO', 'Change the single sign-on connection.'],
};

/** How many days a key lasts; empty is for ever. @type {[string, string][]} */
const LASTS = [['30', '30 days'], ['90', '90 days'], ['365', '1 year'], ['', 'No expiry']];

const DAY_MS = 24 * 3600 * 1000;

/** @param {Visit} visit */
async function load({ params }) {
  const base = `/organisations/${params.org}`;
  const [organisation, items] = await Promise.all([get(base), list(`${base}/keys`)]);
  return { base, organisation: /** @type {Organisation} */ (organisation), items: /** @type {Key[]} */ (items) };
}

/** @param {Here} state @param {Key} one */
function askToDelete(state, one) {
  confirm(state, {
    title: `Delete ${one.name}?`,
    action: 'Delete key',
    body: html`<p>Whatever uses this key is refused at once. This cannot be taken back.</p>`,
    real: async () => {
      await remove(`${state.data.base}/keys/${one.id}`);
      if (state.local.made?.id === one.id) state.local.made = null;
    },
    done: `${one.name} is deleted.`,
  });
}

/** @param {string | null} at */
function expiry(at) {
  if (!at) return 'never';
  const over = Date.parse(at) <= Date.now();
  return over ? html`<span><span class="badge warn">Expired</span> <small>${day(at)}</small></span>` : day(at);
}

/** @param {Here} state @param {Key} one */
function row(state, one) {
  return html`<tr>
    <td class="person"><strong>${one.name}</strong><small>made by ${one.created_by}, ${day(one.created_at)}</small></td>
    <td data-label="May">${one.scopes.map((scope) => SCOPE[scope][0]).join(', ')}</td>
    <td data-label="Expires">${expiry(one.expires_at)}</td>
    <td data-label="Last used">${moment(one.last_used_at)}</td>
    <td class="end"><div class="row">
      <button class="small danger" aria-label="Delete ${one.name}" @click=${() => askToDelete(state, one)}>Delete</button>
    </div></td>
  </tr>`;
}

/** @param {Here} state */
function scopeChoice({ errors }) {
  const invalid = errors.scopes ? 'true' : nothing;
  const options = Object.entries(SCOPE).map(([scope, [text, hint]]) => html`<label>
    <input type="checkbox" name="scopes" value=${scope} aria-invalid=${invalid} aria-describedby=${errors.scopes ? 'scopes-error' : nothing}>
    <span>${text}<small>${hint}</small></span></label>`);
  return html`<fieldset class="field" data-field="scopes"><legend>What it may do</legend>
    <div class="choices">${options}</div>
    ${errors.scopes ? html`<p class="error" id="scopes-error">Choose at least one.</p>` : nothing}</fieldset>`;
}

/** @param {Here} state */
function made({ local }) {
  const key = /** @type {(Key & {key: string}) | null | undefined} */ (local.made);
  if (!key) return nothing;
  return html`<div class="notice info stack" role="status">
    <p>Copy the key <strong>${key.name}</strong> to where it is used. It is shown only now.</p>
    ${copyable('API key', key.key)}
    <p class="soft">Programs send it with each request to the API: <code>Authorization: Bearer</code> and the key.</p>
  </div>`;
}

/** @param {Here} state */
function creation(state) {
  const create = submit(state, async ({ name, days }, form) => {
    const expires_at = days ? new Date(Date.now() + Number(days) * DAY_MS).toISOString() : undefined;
    const scopes = new FormData(form).getAll('scopes');
    state.local.made = await post(`${state.data.base}/keys`, { name, scopes, expires_at });
    form.reset();
    await state.reload();
    return `${name} is made.`;
  });
  return html`<section class="card stack"><h2>New key</h2>
    <form @submit=${create}>
      <div class="inline">
        ${field(state, { name: 'name', label: 'Name', hint: 'What it is for, such as the program that uses it.' })}
        ${field(state, { name: 'days', errorOf: 'expires_at', label: 'Expires after', options: LASTS, value: '90' })}
      </div>
      ${scopeChoice(state)}
      ${submitButton(state, 'Make key')}
    </form>
    ${made(state)}
  </section>`;
}

/** @param {Here} state */
function view(state) {
  const { organisation, items } = state.data;
  const lead = html`With a key, programs use <a href="/developers">the API</a> in this organisation’s name. SAML-only does not touch keys: they go on working.`;
  return html`${pageHead('API keys', { crumb: organisation.name, lead })}
    <div class="stack">
      <section class="card" aria-label="Keys">
        ${items.length
          ? table(['Key', 'May', 'Expires', 'Last used', 'Actions'], items.map((one) => row(state, one)))
          : empty('No key yet. Make the first one below.')}
      </section>
      ${creation(state)}
    </div>`;
}

/** @type {Page} */
export const keys = { title: 'API keys', load, view };
