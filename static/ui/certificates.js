/** The certificates of a connection: in use, found in the provider's metadata, and near their end. */

import { post, remove } from '../api.js';
import { html, nothing } from '../vendor/lit-html.js';
import { attempt } from './form.js';
import { day, plural } from './format.js';
import { typed } from './typed.js';

/** @import { Candidate, Certificate, Connection, State } from '../types.js' */
/** @typedef {State<{base: string, connection: Connection}>} Here */

/** From so many days on, the end of a certificate is told. */
const SOON_DAYS = 30;

/** @param {Certificate} certificate */
function endBadge({ days_left }) {
  if (days_left < 0) return html`<span class="badge bad">Expired</span>`;
  if (days_left === 0) return html`<span class="badge bad">Expires within a day</span>`;
  if (days_left > SOON_DAYS) return nothing;
  return html`<span class="badge warn">${plural(days_left, 'day', 'days')} left</span>`;
}

/** @param {Certificate} one @param {unknown} [action] */
function line(one, action = nothing) {
  return html`<li class="row spread"><div><p class="row"><strong>${one.subject || 'No name'}</strong><span class="badge">${one.key}</span>
      <span class="soft">${day(one.not_before)} to ${day(one.not_after)}</span>${endBadge(one)}</p>
    <p class="soft">SHA-256 <code>${one.fingerprint}</code></p></div>${action}</li>`;
}

/** @param {Here} state @param {Certificate} one */
function adopt(state, one) {
  return attempt(state, async () => {
    await post(`${state.data.base}/sso/candidates/${one.fingerprint}/adopt`);
    typed(state).certificates = undefined;
    await state.reload();
    return 'Certificate adopted. It is now in use alongside the others.';
  });
}

/** @param {Here} state @param {Candidate} one */
function reject(state, one) {
  return attempt(state, async () => {
    await remove(`${state.data.base}/sso/candidates/${one.fingerprint}`);
    await state.reload();
    return 'Certificate rejected. It was never in use.';
  });
}

/** A leaked key must not be enough to sign in as anybody. */
const keyWarning = 'Anyone who has a certificate’s private key can sign in as any member once you adopt the certificate. If an API key or a set-up link added it, adopt it only if your provider shows the same SHA-256 fingerprint.';

/** Where it comes from. @param {Candidate} one */
const source = (one) => html`<span class="soft">${one.added_by ? `Added by ${one.added_by}.` : 'Found in your provider’s metadata.'}</span>`;

/** Without SSO in the plan there is nothing to decide. @param {Candidate[]} found */
function inactive(found) {
  return html`<div class="notice info stack"><p>${found.length === 1 ? 'A new certificate is' : 'New certificates are'} waiting.
      You can adopt or reject ${found.length === 1 ? 'it' : 'them'} when the plan includes SSO.</p>
    <ul class="lines">${found.map((one) => line(one, source(one)))}</ul></div>`;
}

/** @param {Here} state */
function candidates(state) {
  const found = state.data.connection.candidates;
  if (!found.length) return nothing;
  if (!state.data.connection.available) return inactive(found);
  const button = (/** @type {Candidate} */ one) => html`<div class="row"><button class="primary" @click=${() => adopt(state, one)}>Adopt</button>
    ${one.added_by ? html`<button @click=${() => reject(state, one)}>Reject</button>` : nothing}</div>`;
  return html`<div class="notice info stack"><p><strong>${found.length === 1 ? 'A new certificate is waiting' : 'New certificates are waiting'} for you.</strong>
      ${found.some((one) => one.added_by) ? keyWarning : 'Adopt what your provider announced: it is then accepted alongside the old one, and sign-ins continue when the provider switches.'}</p>
    <ul class="lines">${found.map((one) => line(one, html`${source(one)} ${button(one)}`))}</ul></div>`;
}

/** @param {Here} state */
export function certificatesView(state) {
  const { connection } = state.data;
  if (!connection.certificates.length) return nothing;
  return html`<section class="card stack"><h2>${connection.available ? 'Certificates in use' : 'Certificates'}</h2>${candidates(state)}
    <ul class="lines">${connection.certificates.map((one) => line(one))}</ul></section>`;
}

/** @param {string} end RFC 3339 */
const remaining = (end) => Math.floor((Date.parse(end) - Date.now()) / 86_400_000);

/**
 * Tells an organisation's admins, wherever they are in it, that its last certificate ends.
 * @param {{slug: string, certificates_end_at?: string} | null | undefined} organisation
 */
export function expiryBanner(organisation) {
  const end = organisation?.certificates_end_at;
  if (!organisation || !end) return nothing;
  const left = remaining(end);
  const words = left < 0 ? `expired on ${day(end)}` : left < 1 ? 'expires within a day' : `expires in ${plural(left, 'day', 'days')}, on ${day(end)}`;
  return html`<p class="notice ${left < 1 ? 'bad' : 'warn'} banner" role="status"><strong>The certificate of your identity provider ${words}.</strong>
    <a href="/o/${organisation.slug}/sso">${left < 0 ? 'Replace it' : 'Add the next one now'}</a></p>`;
}
