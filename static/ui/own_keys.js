/** Our own SAML keys, with which we sign requests and decrypt assertions, and their rotation. */

import { post, remove } from '../api.js';
import { parts, t } from '../texts.js';
import { html, nothing } from '../vendor/lit-html.js';
import { confirm } from './dialog.js';
import { attempt } from './form.js';
import { day, moment } from './format.js';

/** @import { Connection, OwnKeys, State } from '../types.js' */
/** @typedef {State<{base: string, connection: Connection, keys: OwnKeys[]}>} Here */

/** @param {Here} state */
function rotate(state) {
  return attempt(state, async () => {
    await post(`${state.data.base}/sso/own-keys`);
    await state.reload();
    return t('own-keys-rotated');
  });
}

/** @param {Here} state @param {OwnKeys} one */
function askToRetire(state, one) {
  const other = state.data.keys.find(({ id }) => id !== one.id);
  const used = one.last_decrypted_at ? t('own-keys-used', { at: moment(one.last_decrypted_at) }) : t('own-keys-never-used');
  const signs = one.signs ? t('own-keys-signs') : '';
  confirm(state, {
    title: one.signs ? t('own-keys-retire-title') : t('own-keys-withdraw-title'),
    action: one.signs ? t('own-keys-retire-action') : t('own-keys-withdraw-action'),
    body: html`<p>${t('own-keys-remove-lead')} ${used} ${signs}</p>
      <p>${t('own-keys-other', { at: moment(other?.created_at) })}</p>`,
    real: () => remove(`${state.data.base}/sso/own-keys/${one.id}`),
    done: one.signs ? t('own-keys-retired') : t('own-keys-withdrawn'),
  });
}

/** @param {Here} state @param {OwnKeys} one */
function generation(state, one) {
  const rotating = state.data.keys.length > 1;
  const at = moment(one.created_at);
  return html`<li class="stack">
    <div class="row spread"><p class="row"><strong>${t('own-keys-made', { at })}</strong>
        ${rotating ? html`<span class="badge ${one.signs ? '' : 'good'}">${one.signs ? t('own-keys-old') : t('own-keys-new')}</span>` : nothing}</p>
      ${rotating ? html`<button class="small" aria-label=${one.signs ? t('own-keys-retire-of', { at }) : t('own-keys-withdraw-of', { at })} @click=${() => askToRetire(state, one)}>
        ${one.signs ? t('own-keys-retire') : t('own-keys-withdraw')}</button>` : nothing}</div>
    <p class="soft">${t('own-keys-valid', { day: day(one.signing.not_after), at: moment(one.last_decrypted_at) })}</p>
    <p class="soft">${parts('own-keys-signing', { fingerprint: html`<code>${one.signing.fingerprint}</code>` })}</p>
    <p class="soft">${parts('own-keys-encryption', { fingerprint: html`<code>${one.encryption.fingerprint}</code>` })}</p></li>`;
}

/** @param {Here} state */
export function ownKeysView(state) {
  const { keys, connection } = state.data;
  return html`<section class="card stack"><h2>${t('own-keys-title')}</h2>
    <p class="soft">${parts('own-keys-lead', { metadata: html`<a href=${connection.entity_id} data-outside>${t('our-metadata')}</a>` })}</p>
    <ul class="lines">${keys.map((one) => generation(state, one))}</ul>
    ${keys.length > 1
      ? html`<p class="notice info">${t('own-keys-both')}</p>`
      : html`<p><button @click=${() => rotate(state)}>${t('own-keys-rotate')}</button></p>`}
  </section>`;
}
