import { get, list } from '../api.js';
import { listed } from '../ui/format.js';
import { keyRow, newKey } from '../ui/keys.js';
import { empty, pageHead } from '../ui/shell.js';
import { table } from '../ui/table.js';
import { parts, t } from '../texts.js';
import { html, nothing } from '../vendor/lit-html.js';

/** @import { Key, Organisation, Page, Scope, State, Visit } from '../types.js' */
/** @typedef {State<Awaited<ReturnType<typeof load>>>} Here */

/**
 * The scopes of a key: the name in the list, and the explanation beside the choice.
 * @type {Record<Scope, [string, string]>}
 */
const SCOPE = {
  read: [t('detail-value-read'), t('keys-read-hint')],
  manage_members: [t('detail-value-manage-members'), t('keys-manage-members-hint')],
  manage_sso: [t('keys-manage-sso'), t('keys-manage-sso-hint')],
  manage_applications: [t('keys-manage-applications'), t('keys-manage-applications-hint')],
};

/** @param {Visit} visit */
async function load({ params }) {
  const base = `/organisations/${params.org}`;
  const [organisation, items] = await Promise.all([get(base), list(`${base}/keys`)]);
  return { base, organisation: /** @type {Organisation} */ (organisation), items: /** @type {Key[]} */ (items) };
}

/** @param {Here} state @param {Key} one */
function row(state, one) {
  const may = html`<td data-label=${t('keys-permissions')}>${listed(one.scopes.map((scope) => SCOPE[scope][0]))}</td>`;
  return keyRow(state, `${state.data.base}/keys`, one, may);
}

/** @param {Here} state */
function scopeChoice({ errors }) {
  const invalid = errors.scopes ? 'true' : nothing;
  const options = Object.entries(SCOPE).map(([scope, [text, hint]]) => html`<label>
    <input type="checkbox" name="scopes" value=${scope} aria-invalid=${invalid} aria-describedby=${errors.scopes ? 'scopes-error' : nothing}>
    <span>${text}<small>${hint}</small></span></label>`);
  return html`<fieldset class="field" data-field="scopes"><legend>${t('keys-scopes')}</legend>
    <div class="choices">${options}</div>
    ${errors.scopes ? html`<p class="error" id="scopes-error">${t('keys-choose-one')}</p>` : nothing}</fieldset>`;
}

/** @param {Here} state */
function view(state) {
  const { organisation, items } = state.data;
  const lead = parts('keys-lead', { api: html`<a href="/developers">${t('the-api')}</a>` });
  return html`${pageHead(t('api-keys'), { crumb: organisation.name, lead })}
    <div class="stack">
      <section class="card" aria-label=${t('keys-list')}>
        ${items.length
          ? table([t('keys-key'), t('keys-permissions'), t('keys-expires'), t('keys-last-used'), t('actions')], items.map((one) => row(state, one)))
          : empty(t('keys-none'))}
      </section>
      ${newKey(state, `${state.data.base}/keys`, { fields: scopeChoice(state), values: (form) => ({ scopes: new FormData(form).getAll('scopes') }) })}
    </div>`;
}

/** @type {Page} */
export const keys = { title: t('api-keys'), load, view };
