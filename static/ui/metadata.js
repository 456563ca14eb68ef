/** The provider's metadata: a file or text that fills the form once, or a URL that the server loads once a day. */

import { ApiError, invalid, isSignedOut, post } from '../api.js';
import { parts, t } from '../texts.js';
import { html, nothing } from '../vendor/lit-html.js';
import { base64OfBytes, bytesOf, textOfBytes } from './decoded.js';
import { keepsText } from './drafts.js';
import { attempt, field, submit, submitButton } from './form.js';
import { fileField } from './file_field.js';
import { moment, timed } from './format.js';
import { textOf, tickOf, typed } from './typed.js';

/** @import { Connection, Metadata } from '../types.js' */
/** @import { Guide } from '../guides/screen.js' */
/** @import { Here } from './typed.js' */

/** The metadata URL that the form follows: the saved one, unless it was changed or removed since; null if none. @param {Here} state @returns {string | null} */
export function followedUrl(state) {
  const { metadataUrl } = typed(state);
  return metadataUrl === undefined ? state.data.connection.metadata_url ?? null : metadataUrl;
}

/**
 * Refuses to save if the metadata URL was typed or emptied but not loaded: the values of the form are not from it.
 * @param {Here} state
 */
export function refuseUnfetched(state) {
  const followed = followedUrl(state) ?? '';
  const address = String(typed(state).values.metadata_url ?? followed).trim();
  if (address === followed) return;
  const message = address
    ? t('metadata-unfetched')
    : t('metadata-unfollow');
  throw invalid('metadata_url', message);
}

/**
 * Empties the metadata URL if it could not be loaded, when a person enters the values by hand instead.
 * @param {Here} state
 */
export const dropUnloaded = (state) => (/** @type {Event} */ event) => {
  const { name } = /** @type {HTMLInputElement} */ (event.target);
  const { unloaded, values } = typed(state);
  if (!unloaded || values.metadata_url !== unloaded || !/^(sign_on_url|idp_entity_id|certificate-\d)$/.test(name)) return;
  values.metadata_url = '';
  delete typed(state).unloaded;
  delete state.errors.metadata_url;
};

/** Whether new certificates are adopted automatically. @param {Here} state */
export const adopts = (state) => tickOf(state, 'adopt', state.data.connection.adopt_certificates ?? false);

/**
 * Has the server read metadata, and replaces the values of the form by those found in it.
 * @param {Here} state
 * @param {{metadata_xml: string} | {metadata_url: string}} source
 */
async function fill(state, source) {
  const filled = /** @type {Metadata} */ (await post(`${state.data.base}/sso/metadata`, source));
  const now = typed(state);
  const metadataUrl = 'metadata_url' in source ? source.metadata_url : null;
  const { sign_on_url, idp_entity_id, certificates } = filled;
  Object.assign(now, { filled, certificates, metadataUrl, values: { ...now.values, metadata_url: metadataUrl ?? '', sign_on_url, idp_entity_id } });
  state.update();
  return [t('metadata-filled'), ...filled.warnings, t('metadata-check')].join(' ');
}

/** The largest file that is read, in bytes. */
const MOST_BYTES = 1024 * 1024;

/** The longest text of a file that is kept while a person signs in again, in characters. */
const MOST_KEPT = 512 * 1024;

/**
 * Keeps the text of a file in the field for pasted metadata while `work` runs, in case the session ends.
 * @param {Here} state @param {string} text @param {() => Promise<string>} work
 */
async function keeping(state, text, work) {
  const { values } = typed(state);
  if (text.length <= MOST_KEPT) {
    values.metadata_xml = text;
    keepsText('metadata-file');
  }
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof ApiError && isSignedOut(error))) delete values.metadata_xml;
    throw error;
  }
}

/** @param {string} message */
const wrongFile = (message) => invalid('metadata_file', message);

/** @param {Here} state @param {File} file */
async function fillFrom(state, file) {
  await attempt(state, async () => {
    if (file.size > MOST_BYTES) throw wrongFile(t('metadata-large', { file: file.name }));
    try {
      const bytes = await bytesOf(file);
      // A file that is not text is sent too: the server says what kind of file it is.
      const text = textOfBytes(bytes) ?? base64OfBytes(bytes);
      const told = await keeping(state, text, () => fill(state, { metadata_xml: text }));
      delete typed(state).values.metadata_xml;
      state.update();
      return told;
    } catch (error) {
      if (!(error instanceof ApiError) || error.field !== 'metadata_xml') throw error;
      throw wrongFile(t('metadata-wrong-file', { file: file.name, fault: error.message }));
    }
  });
}

/** @param {Here} state */
function metadataFile(state) {
  return fileField(state, {
    id: 'metadata-file',
    name: 'metadata_file',
    label: t('metadata-file'),
    accept: '.xml,text/xml,application/xml,application/samlmetadata+xml',
    take: (file) => fillFrom(state, file),
  });
}

/** @param {Here} state */
function urlForm(state) {
  const load = submit(state, async ({ metadata_url }) => {
    typed(state).unloaded = metadata_url;
    const told = await fill(state, { metadata_url });
    delete typed(state).unloaded;
    return told;
  });
  return html`<form @submit=${load}>
    ${field(state, {
      name: 'metadata_url',
      label: t('metadata-url'),
      type: 'url',
      value: textOf(state, 'metadata_url', followedUrl(state) ?? ''),
      hint: t('metadata-url-hint'),
    })}
    ${submitButton(state, t('metadata-load'), '')}</form>`;
}

/** @param {Here} state */
function textForm(state) {
  return html`<details ?open=${Boolean(state.errors.metadata_xml || textOf(state, 'metadata_xml', ''))}><summary>${t('metadata-paste')}</summary>
    <form class="unfolded" @submit=${submit(state, ({ metadata_xml }) => fill(state, { metadata_xml }))}>
      ${field(state, { name: 'metadata_xml', label: t('metadata-xml'), lines: 4, value: textOf(state, 'metadata_xml', '') })}
      ${submitButton(state, t('metadata-fill'), '')}</form></details>`;
}

/** The ways to fill the form, with the best one for this provider first. @param {Here} state @param {Guide} guide */
export function metadataFields(state, guide) {
  const ways = guide.metadata === 'url' ? [urlForm(state), metadataFile(state)] : [metadataFile(state), urlForm(state)];
  return html`<div class="metadata stack"><p class="label">${t('metadata-lead')}</p>${ways}${textForm(state)}</div>`;
}

/**
 * The values of the followed metadata, shown instead of fields.
 * @param {Here} state
 * @param {Record<string, string>} labels
 */
export function followedValues(state, labels) {
  const values = typed(state).filled ?? state.data.connection;
  const stop = () => {
    typed(state).metadataUrl = null;
    delete typed(state).values.metadata_url;
    state.update();
    document.getElementById('sign_on_url')?.focus();
  };
  return html`<div class="stack field">
    <p>${parts('metadata-followed', { url: html`<code>${followedUrl(state)}</code>` })}</p>
    <dl class="facts"><dt>${labels.sign_on_url}</dt><dd>${values.sign_on_url}</dd>
      <dt>${labels.idp_entity_id}</dt><dd>${values.idp_entity_id}</dd>
      <dt>${t('certificates')}</dt><dd>${values.certificates.length}</dd></dl>
    ${location.pathname === '/sso-setup' ? nothing : html`<div class="choices single"><label><input type="checkbox" name="adopt" .checked=${adopts(state)}>
      <span>${t('metadata-adopt')}<small>${t('metadata-adopt-hint')}</small></span></label></div>`}
    <p><button type="button" class="small" @click=${stop}>${t('metadata-by-hand')}</button></p></div>`;
}

/** @param {Here} state */
function refresh(state) {
  return attempt(state, async () => {
    await post(`${state.data.base}/sso/metadata/refresh`);
    await state.reload();
    const { metadata } = state.data.connection;
    return metadata?.failure ? undefined : t('metadata-loaded-now');
  });
}

/** @type {Record<string, string>} */
const CHANGED = { idp_entity_id: t('metadata-changed-entity-id'), sign_on_url: t('metadata-changed-sign-on-url') };

/** @param {Connection} connection */
function news({ changes, metadata }) {
  return html`${changes.map(({ field: name, ours, theirs }) => html`<div class="notice warn stack"><p><strong>${CHANGED[name]}</strong>
      ${t('metadata-changed-lead')}</p>
      <dl class="facts"><dt>${t('metadata-saved-here')}</dt><dd>${ours}</dd><dt>${t('metadata-in-it')}</dt><dd>${theirs}</dd></dl></div>`)}
    ${metadata?.failure ? html`<p class="notice warn">${parts('metadata-failed', {
      failed: html`<strong>${t('metadata-failed-at', { at: moment(metadata.failed_at) })}</strong>`, failure: timed(metadata.failure), at: moment(metadata.fetched_at),
    })}</p>` : nothing}`;
}

/** The state of the followed metadata: when it was loaded, and what has changed. @param {Here} state */
export function followedView(state) {
  const { connection } = state.data;
  if (!connection.metadata) return nothing;
  return html`<section class="card stack"><div class="row spread"><h2>${t('metadata-title')}</h2>
      <button class="small" @click=${() => refresh(state)}>${t('metadata-load-now')}</button></div>
    <p class="soft">${parts('metadata-loaded', {
      at: moment(connection.metadata.fetched_at), url: html`<code>${connection.metadata_url}</code>`, next: moment(connection.metadata.next_at),
    })}</p>
    ${news(connection)}</section>`;
}
