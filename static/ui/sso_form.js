/** The form of a SAML connection, in the chosen provider's own words. */

import { post, put } from '../api.js';
import { html, nothing } from '../vendor/lit-html.js';
import { attempt, field, submit } from './form.js';
import { PROVIDERS } from './guides.js';

/** @param {any} state */
function tiles(state) {
  const choose = (/** @type {Event} */ event) => {
    state.data.provider = /** @type {HTMLInputElement} */ (event.target).value;
    state.update();
  };
  return html`<fieldset>
    <legend>Your identity provider</legend>
    <div class="providers" @change=${choose}>
      ${Object.entries(PROVIDERS).map(([id, provider]) => html`<label>
        <input type="radio" name="provider" value=${id} ?checked=${id === state.data.provider}> ${provider.name}</label>`)}
    </div>
    <p class="soft">Not listed? Choose Other: any provider that speaks SAML 2.0 works, for example Keycloak, ADFS, JumpCloud or OneLogin.</p>
  </fieldset>`;
}

/**
 * Reads metadata at the server and fills the form with what it says.
 * @param {any} state
 * @param {string} xml
 */
function fill(state, xml) {
  return attempt(state, async () => {
    const found = await post(`${state.data.base}/sso/metadata`, { metadata_xml: xml });
    Object.assign(state.data, { filled: found, certificates: found.certificates });
    return 'The form is filled from the metadata. Check it and save.';
  });
}

/** @param {any} state */
function metadata(state) {
  const paste = submit(state, async ({ metadata_xml }) => { setTimeout(() => fill(state, metadata_xml)); });
  const choose = async (/** @type {Event} */ event) => {
    const file = /** @type {HTMLInputElement} */ (event.target).files?.[0];
    if (file) fill(state, await file.text());
  };
  return html`<details class="card" ?open=${Boolean(state.errors.metadata_xml)}><summary><strong>Fill the form from the provider’s metadata</strong></summary>
    <form @submit=${paste}>
      <div class="field"><label for="metadata-file">Metadata file</label><input id="metadata-file" type="file" accept=".xml,text/xml,application/xml" @change=${choose}></div>
      ${field(state, { name: 'metadata_xml', label: 'or its XML', lines: 4 })}
      <button ?disabled=${state.busy}>Fill the form</button>
    </form></details>`;
}

/** @param {any} state @param {string} label */
function certificateFields(state, label) {
  const { certificates } = state.data;
  const shown = certificates.length ? certificates : [''];
  const more = () => {
    state.data.certificates = [...shown, ''];
    state.update();
  };
  return html`${shown.map((/** @type {string} */ pem, /** @type {number} */ n) => field(state, {
      name: `certificate-${n}`,
      errorOf: 'certificates',
      label: n ? `${label} ${n + 1}` : label,
      value: pem,
      lines: 6,
      required: n === 0,
      hint: n ? 'Empty it to remove it.' : 'With or without the BEGIN CERTIFICATE line.',
    }))}
    ${shown.length < 4 ? html`<p><button type="button" class="small" @click=${more}>Add another certificate</button></p>` : nothing}`;
}

/** @param {any} state */
function save(state) {
  const path = `${state.data.base}/sso`;
  return submit(state, async (values) => {
    const certificates = Object.keys(values).filter((name) => name.startsWith('certificate-')).map((name) => values[name]);
    const { provider } = state.data;
    const body = { provider, portal_key: values.portal_key, sign_on_url: values.sign_on_url, idp_entity_id: values.idp_entity_id, certificates };
    state.data.certificates = certificates;
    const dry = await put(`${path}?dry_run=true`, body);
    const real = async () => {
      await put(path, body);
      Object.assign(state.data, { certificates: null, filled: null, key: null, provider: null });
    };
    if (dry.effect.counts.grants || dry.effect.counts.loses || dry.effect.warnings.length) {
      state.dialog = { title: 'Save these settings?', action: 'Save', danger: false, effect: dry.effect, real, done: 'Saved.' };
      return;
    }
    await real();
    await state.reload();
    return 'Saved.';
  });
}

/**
 * @param {any} state
 * @param {unknown} guide shown between the tiles and the fields
 */
export function ssoForm(state, guide) {
  const { connection, filled, provider, key } = state.data;
  const { labels } = PROVIDERS[provider];
  const typed = (/** @type {Event} */ event) => {
    const input = /** @type {HTMLInputElement} */ (event.target);
    if (input.name !== 'portal_key') return;
    state.data.key = input.value;
    state.update();
  };
  return html`<section class="card">${tiles(state)}</section>
    ${guide}
    ${metadata(state)}
    <section class="card"><h2>Their values</h2>
      <form @submit=${save(state)} @input=${typed}>
        ${field(state, { name: 'portal_key', label: 'SSO Portal Key', value: key, hint: '3 to 64 letters, digits, hyphens or underscores; no other organisation may have it.' })}
        ${field(state, { name: 'sign_on_url', label: labels.sign_on_url, value: filled?.sign_on_url ?? connection.sign_on_url ?? '' })}
        ${field(state, { name: 'idp_entity_id', label: labels.idp_entity_id, value: filled?.idp_entity_id ?? connection.idp_entity_id ?? '' })}
        ${certificateFields(state, labels.certificate)}
        <button class="primary" ?disabled=${state.busy}>${state.busy ? 'Saving …' : 'Save'}</button>
      </form></section>`;
}
