/** The form of a SAML connection, in the chosen provider's own words. */

import { post, put } from '../api.js';
import { html, nothing } from '../vendor/lit-html.js';
import { confirm } from './dialog.js';
import { effectView } from './effect.js';
import { attempt, field, submit, submitButton } from './form.js';
import { NOT_LISTED, PROVIDERS } from './guides.js';

/** @import { Connection, Effect, Metadata, Provider, State } from '../types.js' */
/** @typedef {State<{base: string, connection: Connection}>} Here */

const KEY_HINT = 'What members type to sign in. 3 to 64 letters, digits, hyphens or underscores; no other organisation may have it.';

/** The most certificates that a connection holds. */
const MOST_CERTIFICATES = 4;

/** @param {Here} state @returns {Provider} */
export const chosenProvider = ({ local, data }) => local.provider ?? data.connection.provider ?? 'google';

/** @param {Here} state @returns {string} */
export const typedKey = ({ local, data: { connection } }) => local.key ?? connection.portal_key ?? connection.suggested_portal_key;

/** @param {Here} state */
export function providerTiles(state) {
  const chosen = chosenProvider(state);
  const choose = (/** @type {Event} */ event) => {
    state.local.provider = /** @type {HTMLInputElement} */ (event.target).value;
    state.update();
  };
  return html`<section class="card"><fieldset>
    <legend><h2>Your identity provider</h2></legend>
    <div class="choices centred" @change=${choose}>
      ${Object.entries(PROVIDERS).map(([id, { name, hint }]) => html`<label>
        <input type="radio" name="provider" value=${id} ?checked=${id === chosen}><span>${name}<small>${hint}</small></span></label>`)}
    </div>
    <p class="hint">${NOT_LISTED}</p>
  </fieldset></section>`;
}

/**
 * Reads metadata at the server and fills the form with what it says.
 * @param {Here} state
 * @param {string} xml
 */
async function fill(state, xml) {
  const found = /** @type {Metadata} */ (await post(`${state.data.base}/sso/metadata`, { metadata_xml: xml }));
  Object.assign(state.local, { filled: found, certificates: found.certificates });
  state.update();
  // What was typed over an earlier filling gives way too.
  for (const name of /** @type {const} */ (['sign_on_url', 'idp_entity_id'])) {
    const input = /** @type {HTMLInputElement | null} */ (document.getElementById(name));
    if (input) input.value = found[name];
  }
  return 'The form is filled from the metadata. Look it over, then save.';
}

/** @param {Here} state */
function metadata(state) {
  const choose = async (/** @type {Event} */ event) => {
    const file = /** @type {HTMLInputElement} */ (event.target).files?.[0];
    if (!file) return;
    const xml = await file.text();
    await attempt(state, () => fill(state, xml));
  };
  return html`<details ?open=${Boolean(state.errors.metadata_xml)}>
    <summary><strong>Fill the form from the provider’s metadata</strong></summary>
    <form class="metadata" @submit=${submit(state, ({ metadata_xml }) => fill(state, metadata_xml))}>
      <div class="field"><label for="metadata-file">Metadata file</label>
        <input id="metadata-file" type="file" accept=".xml,text/xml,application/xml,application/samlmetadata+xml" @change=${choose}></div>
      ${field(state, { name: 'metadata_xml', label: 'Metadata XML', lines: 4, hint: 'Or paste its text here.' })}
      ${submitButton(state, 'Fill the form', '')}
    </form></details>`;
}

/** @param {Here} state */
function certificates({ local, data }) {
  const texts = /** @type {string[]} */ (local.certificates ?? data.connection.certificates.map(({ pem }) => pem));
  return texts.length ? texts : [''];
}

/** @param {Here} state @param {string} label */
function certificateFields(state, label) {
  const shown = certificates(state);
  const more = () => {
    state.local.certificates = [...shown, ''];
    state.update();
    document.getElementById(`certificate-${shown.length}`)?.focus();
  };
  return html`${shown.map((pem, n) => field(state, {
      name: `certificate-${n}`,
      errorOf: 'certificates',
      label: n ? `${label} ${n + 1}` : label,
      value: pem,
      lines: 6,
      required: n === 0,
      hint: n ? 'Empty it to remove it.' : 'With or without its BEGIN and END lines.',
    }))}
    ${shown.length < MOST_CERTIFICATES ? html`<p class="field"><button type="button" class="small" @click=${more}>Add another certificate</button></p>` : nothing}`;
}

/** @param {Effect} effect */
const concernsSomebody = ({ counts, warnings }) => Boolean(counts.grants || counts.loses || warnings.length);

/** @param {Here} state */
function save(state) {
  const path = `${state.data.base}/sso`;
  return submit(state, async (values) => {
    const texts = Object.keys(values).filter((name) => name.startsWith('certificate-')).map((name) => values[name]);
    const { portal_key, sign_on_url, idp_entity_id } = values;
    const certificates = texts.filter((text) => text.trim());
    const body = { provider: chosenProvider(state), portal_key, sign_on_url, idp_entity_id, certificates };
    const { effect } = await put(`${path}?dry_run=true`, body);
    const real = async () => {
      await put(path, body);
      state.local = {};
    };
    if (concernsSomebody(effect)) {
      return confirm(state, { title: 'Save these settings?', action: 'Save', danger: effect.counts.loses > 0, body: effectView(effect), real, done: 'Saved.' });
    }
    await real();
    await state.reload();
    return state.data.connection.status === 'draft' ? 'Saved. Now test it with your own sign-in.' : 'Saved.';
  });
}

/** @param {Here} state */
export function ssoForm(state) {
  const { local: { filled }, data: { connection } } = state;
  const { labels } = PROVIDERS[chosenProvider(state)];
  const typed = (/** @type {Event} */ event) => {
    const input = /** @type {HTMLInputElement} */ (event.target);
    if (input.name !== 'portal_key') return;
    state.local.key = input.value;
    state.update();
  };
  return html`<section class="card stack"><h2>Your provider’s values</h2>
    ${metadata(state)}
    <form @submit=${save(state)} @input=${typed}>
      ${field(state, { name: 'portal_key', label: 'SSO Portal Key', value: typedKey(state), hint: KEY_HINT })}
      ${field(state, { name: 'sign_on_url', label: labels.sign_on_url, value: filled?.sign_on_url ?? connection.sign_on_url })}
      ${field(state, { name: 'idp_entity_id', label: labels.idp_entity_id, value: filled?.idp_entity_id ?? connection.idp_entity_id })}
      ${certificateFields(state, labels.certificate)}
      ${submitButton(state, 'Save')}
    </form></section>`;
}
