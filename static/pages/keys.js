import { get, list } from '../api.js';
import { keyRow, newKey } from '../ui/keys.js';
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

/** @param {Visit} visit */
async function load({ params }) {
  const base = `/organisations/${params.org}`;
  const [organisation, items] = await Promise.all([get(base), list(`${base}/keys`)]);
  return { base, organisation: /** @type {Organisation} */ (organisation), items: /** @type {Key[]} */ (items) };
}

/** @param {Here} state @param {Key} one */
function row(state, one) {
  const may = html`<td data-label="Permissions">${one.scopes.map((scope) => SCOPE[scope][0]).join(', ')}</td>`;
  return keyRow(state, `${state.data.base}/keys`, one, may);
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
function view(state) {
  const { organisation, items } = state.data;
  const lead = html`With a key, programs use <a href="/developers">the API</a> on behalf of this organisation. SAML-only does not affect keys: they keep working.`;
  return html`${pageHead('API keys', { crumb: organisation.name, lead })}
    <div class="stack">
      <section class="card" aria-label="Keys">
        ${items.length
          ? table(['Key', 'Permissions', 'Expires', 'Last used', 'Actions'], items.map((one) => row(state, one)))
          : empty('No key yet. Create the first one below.')}
      </section>
      ${newKey(state, `${state.data.base}/keys`, { fields: scopeChoice(state), values: (form) => ({ scopes: new FormData(form).getAll('scopes') }) })}
    </div>`;
}

/** @type {Page} */
export const keys = { title: 'API keys', load, view };
