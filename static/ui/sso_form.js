/** The form of a SAML connection, with the chosen provider's own names for the fields. */

import { invalid, put } from '../api.js';
import { NOT_LISTED, guideOf, recognised } from '../guides/guides.js';
import { GUIDES } from '../guides/providers.js';
import { t } from '../texts.js';
import { html, nothing } from '../vendor/lit-html.js';
import { base64OfBytes, bytesOf, textOfBytes } from './decoded.js';
import { confirm } from './dialog.js';
import { effectView, foresee } from './effect.js';
import { fileField } from './file_field.js';
import { attempt, field, submit, submitButton } from './form.js';
import { adopts, dropUnloaded, followedUrl, followedValues, metadataFields, refuseUnfetched } from './metadata.js';
import { advancedFields, advancedValues } from './sso_advanced.js';
import { forgetTyped, noting, textOf, typed } from './typed.js';

/** @import { Effect } from '../types.js' */
/** @import { Guide } from '../guides/screen.js' */
/** @import { Here } from './typed.js' */

const KEY_HINT = t('sso-key-hint');

/** The most certificates that a connection can have. */
const MOST_CERTIFICATES = 4;

/** The guide that was chosen in the address or on this page, else the one for the saved provider. @param {Here} state */
export function pickedGuide(state) {
  const { query, data: { connection } } = state;
  return guideOf(query.get('provider')) ?? guideOf(typed(state).guide) ?? (connection.provider ? recognised(connection) : undefined);
}

/** The chosen guide, or the first one. @param {Here} state */
export const chosenGuide = (state) => pickedGuide(state) ?? GUIDES[0];

/** @param {Here} state @returns {string} */
export const typedKey = (state) => {
  const { connection } = state.data;
  return textOf(state, 'portal_key', connection.portal_key ?? connection.suggested_portal_key) ?? '';
};

/** The choice of a provider above the form of a connection that was saved. @param {Here} state */
export function providerChoice(state) {
  const chosen = chosenGuide(state);
  const choose = (/** @type {Event} */ event) => {
    state.query.delete('provider');
    typed(state).guide = /** @type {HTMLInputElement} */ (event.target).value;
    state.update();
  };
  return html`<section class="card"><fieldset>
    <legend><h2>${t('sso-your-provider')}</h2></legend>
    <div class="choices centred" @change=${choose}>
      ${GUIDES.map(({ id, name, hint }) => html`<label>
        <input type="radio" name="provider" value=${id} ?checked=${id === chosen.id}><span>${name}<small>${hint}</small></span></label>`)}
    </div>
    <p class="hint">${NOT_LISTED}</p>
  </fieldset></section>`;
}

/** @param {Here} state */
function certificates(state) {
  const texts = typed(state).certificates ?? state.data.connection.certificates.map(({ pem }) => pem);
  return texts.length ? texts : [''];
}

/** @param {Here} state @param {string} label */
function certificateFields(state, label) {
  const shown = certificates(state);
  // If the error names one certificate, it is not shown at the others.
  const [, meant] = /^Certificate (\d+) of/.exec(state.errors.certificates ?? '') ?? [];
  const note = (/** @type {Event} */ event) => {
    const { name, value } = /** @type {HTMLTextAreaElement} */ (event.target);
    typed(state).certificates = shown.map((pem, n) => (name === `certificate-${n}` ? value : pem));
    state.update();
  };
  const more = () => {
    typed(state).certificates = [...shown, ''];
    state.update();
    document.getElementById(`certificate-${shown.length}`)?.focus();
  };
  return html`<div @input=${note}>${shown.map((pem, n) => field(state, {
      name: `certificate-${n}`,
      errorOf: meant && Number(meant) !== n + 1 ? `certificate-${n}` : 'certificates',
      label: n ? t('sso-certificate-next', { label, number: n + 1 }) : label,
      value: pem,
      lines: 6,
      required: n === 0,
      hint: n ? t('sso-certificate-empty') : t('sso-certificate-lines'),
    }))}</div>
    ${fileField(state, {
      id: 'certificate-file',
      name: 'certificate_file',
      label: t('sso-certificate-file'),
      hint: t('sso-certificate-file-hint'),
      accept: '.pem,.cer,.crt,.der,.p7b,.p7c,.txt',
      take: (file) => takeFile(state, shown, file),
    })}
    ${shown.length < MOST_CERTIFICATES ? html`<p class="field"><button type="button" class="small" @click=${more}>${t('sso-certificate-add')}</button></p>` : nothing}`;
}

/** The largest file that is read, in bytes: far more than any certificate has. */
const MOST_FILE_BYTES = 64 * 1024;

/**
 * Puts the certificate of a file into the first empty field, or into a new one.
 * @param {Here} state @param {string[]} shown @param {File} file
 */
function takeFile(state, shown, file) {
  return attempt(state, async () => {
    const refuse = (/** @type {string} */ message) => {
      throw invalid('certificate_file', message);
    };
    if (file.size > MOST_FILE_BYTES) refuse(t('sso-certificate-large', { file: file.name }));
    const free = shown.findIndex((text) => !text.trim());
    if (free < 0 && shown.length >= MOST_CERTIFICATES) refuse(t('sso-certificate-full'));
    const bytes = await bytesOf(file);
    const text = textOfBytes(bytes) ?? base64OfBytes(bytes);
    if (text.includes('PRIVATE KEY')) refuse(t('sso-certificate-private', { file: file.name }));
    const at = free < 0 ? shown.length : free;
    typed(state).certificates = Object.assign([...shown], { [at]: text });
    state.update();
    document.getElementById(`certificate-${at}`)?.focus();
    return t('sso-certificate-added', { file: file.name });
  });
}

/** @param {Effect} effect */
const concernsSomebody = ({ counts, warnings }) => Boolean(counts.grants || counts.loses || warnings.length);

/**
 * The provider's values for the API: the URL of its metadata, or the values of the fields.
 * @param {Here} state
 * @param {Record<string, string>} values
 */
function source(state, values) {
  const metadata_url = followedUrl(state);
  if (metadata_url) return { metadata_url, adopt_certificates: adopts(state) };
  const texts = Object.keys(values).filter((name) => name.startsWith('certificate-')).map((name) => values[name]);
  const { sign_on_url, idp_entity_id } = values;
  return { sign_on_url, idp_entity_id, certificates: texts.filter((text) => text.trim()) };
}

/** @param {Here} state @param {{to?: string, noted?: () => void}} onward the page to open after saving; `noted` is called before that */
function save(state, { to, noted }) {
  const path = `${state.data.base}/sso`;
  return submit(state, async (values) => {
    refuseUnfetched(state);
    const body = { provider: chosenGuide(state).provider, portal_key: values.portal_key, ...source(state, values), ...advancedValues(values) };
    const { effect, more } = await foresee(state, async (query) => (await put(`${path}?${query}`, body)).effect);
    const real = async () => {
      await put(path, body);
      forgetTyped(state);
      noted?.();
    };
    if (concernsSomebody(effect)) {
      return confirm(state, { title: t('sso-save-title'), action: t('save'), danger: effect.counts.loses > 0, body: () => effectView(effect, more), real, done: t('saved'), to });
    }
    await real();
    if (to) return state.go(to);
    await state.reload();
    return t('saved');
  });
}

/** @param {Here} state @param {Guide['labels']} labels */
function valueFields(state, labels) {
  const { connection } = state.data;
  return html`${field(state, { name: 'sign_on_url', label: labels.sign_on_url, value: textOf(state, 'sign_on_url', connection.sign_on_url) })}
    ${field(state, { name: 'idp_entity_id', label: labels.idp_entity_id, value: textOf(state, 'idp_entity_id', connection.idp_entity_id) })}
    ${certificateFields(state, labels.certificate)}`;
}

/**
 * The form for the provider's values, which are loaded from its metadata or entered by hand.
 * @param {Here} state
 * @param {{button?: string, to?: string, noted?: () => void}} [onward] the text of the button, and the page to open after saving; `noted` is called before that
 */
export function ssoForm(state, { button = t('save'), ...onward } = {}) {
  const guide = chosenGuide(state);
  return html`<section class="card stack" @input=${noting(state)}><h2>${t('sso-provider-values')}</h2>
    ${metadataFields(state, guide)}
    <form @submit=${save(state, onward)} @input=${dropUnloaded(state)}>
      ${field(state, { name: 'portal_key', label: t('portal-key'), value: typedKey(state), hint: KEY_HINT })}
      ${followedUrl(state) ? followedValues(state, guide.labels) : valueFields(state, guide.labels)}
      ${advancedFields(state)}
      ${submitButton(state, button)}
    </form></section>`;
}
