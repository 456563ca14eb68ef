/** Our own SAML keys: what the provider's side knows us by, and their exchange. */

import { post, remove } from '../api.js';
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
    return 'New keys are published beside the old ones. Have your provider reload our metadata, then retire the old ones.';
  });
}

/** @param {Here} state @param {OwnKeys} one */
function askToRetire(state, one) {
  const other = state.data.keys.find(({ id }) => id !== one.id);
  const used = one.last_decrypted_at ? `Your provider last encrypted for them ${moment(one.last_decrypted_at)}.` : 'Nothing was ever encrypted for them.';
  const signs = one.signs ? 'Our requests are signed with the other keys from then on.' : '';
  confirm(state, {
    title: one.signs ? 'Retire the old keys?' : 'Withdraw the new keys?',
    action: one.signs ? 'Retire keys' : 'Withdraw keys',
    body: html`<p>They are removed from our metadata, and assertions encrypted for them are refused. ${used} ${signs}</p>
      <p>Make sure that your provider has the certificates made ${moment(other?.created_at)}.</p>`,
    real: () => remove(`${state.data.base}/sso/own-keys/${one.id}`),
    done: one.signs ? 'The old keys are retired.' : 'The new keys are withdrawn.',
  });
}

/** @param {Here} state @param {OwnKeys} one */
function generation(state, one) {
  const rotating = state.data.keys.length > 1;
  const name = `keys made ${moment(one.created_at)}`;
  return html`<li class="stack">
    <div class="row spread"><p class="row"><strong>Made ${moment(one.created_at)}</strong>
        ${rotating ? html`<span class="badge ${one.signs ? '' : 'good'}">${one.signs ? 'Old, still signing' : 'New'}</span>` : nothing}</p>
      ${rotating ? html`<button class="small" aria-label="${one.signs ? 'Retire' : 'Withdraw'} the ${name}" @click=${() => askToRetire(state, one)}>
        ${one.signs ? 'Retire' : 'Withdraw'}</button>` : nothing}</div>
    <p class="soft">Valid until ${day(one.signing.not_after)}. Last decrypted with: ${one.last_decrypted_at ? moment(one.last_decrypted_at) : 'never'}.</p>
    <p class="soft">Signing, SHA-256 <code>${one.signing.fingerprint}</code></p>
    <p class="soft">Encryption, SHA-256 <code>${one.encryption.fingerprint}</code></p></li>`;
}

/** @param {Here} state */
export function ownKeysView(state) {
  const { keys, connection } = state.data;
  return html`<section class="card stack"><h2>Our keys</h2>
    <p class="soft">They sign our requests and decrypt assertions. Their certificates are in
      <a href=${connection.entity_id} data-outside>our metadata</a>; the private keys never leave this server.</p>
    <ul class="lines">${keys.map((one) => generation(state, one))}</ul>
    ${keys.length > 1
      ? html`<p class="notice info">Both are published. When your provider has reloaded our metadata, retire the old ones.</p>`
      : html`<p><button @click=${() => rotate(state)}>Rotate keys</button></p>`}
  </section>`;
}
