/** The certificates of a connection: those in use, candidates, and the warning before the last one expires. */

import { post, remove } from '../api.js';
import { t } from '../texts.js';
import { html, nothing } from '../vendor/lit-html.js';
import { attempt } from './form.js';
import { day } from './format.js';
import { typed } from './typed.js';

/** @import { Candidate, Certificate, Connection, State } from '../types.js' */
/** @typedef {State<{base: string, connection: Connection}>} Here */

/** The number of days before its expiry from which a certificate is marked. */
const SOON_DAYS = 30;

/** @param {Certificate} certificate */
function endBadge({ days_left }) {
  if (days_left < 0) return html`<span class="badge bad">${t('expired')}</span>`;
  if (days_left === 0) return html`<span class="badge bad">${t('certificate-within-day')}</span>`;
  if (days_left > SOON_DAYS) return nothing;
  return html`<span class="badge warn">${t('certificate-days-left', { count: days_left })}</span>`;
}

/** @param {Certificate} one @param {unknown} [action] */
function line(one, action = nothing) {
  return html`<li class="row spread"><div><p class="row"><strong>${one.subject || t('certificate-no-name')}</strong><span class="badge">${one.key}</span>
      <span class="soft">${t('certificate-period', { from: day(one.not_before), to: day(one.not_after) })}</span>${endBadge(one)}</p>
    <p class="soft">SHA-256 <code>${one.fingerprint}</code></p></div>${action}</li>`;
}

/** @param {Here} state @param {Certificate} one */
function adopt(state, one) {
  return attempt(state, async () => {
    await post(`${state.data.base}/sso/candidates/${one.fingerprint}/adopt`);
    typed(state).certificates = undefined;
    await state.reload();
    return t('certificate-adopted');
  });
}

/** @param {Here} state @param {Candidate} one */
function reject(state, one) {
  return attempt(state, async () => {
    await remove(`${state.data.base}/sso/candidates/${one.fingerprint}`);
    await state.reload();
    return t('certificate-rejected');
  });
}

/** The warning before a certificate is adopted: its private key can sign in as any member. */
const keyWarning = t('certificate-warning');

/** The source of a candidate: the metadata, or the API key or set-up link that added it. @param {Candidate} one */
const source = (one) => html`<span class="soft">${one.added_by ? t('certificate-added-by', { name: one.added_by }) : t('certificate-found')}</span>`;

/** The candidates of an organisation whose plan has no SSO, where they cannot be adopted or rejected. @param {Candidate[]} found */
function inactive(found) {
  return html`<div class="notice info stack"><p>${t('certificates-wait-for-plan', { count: found.length })}</p>
    <ul class="lines">${found.map((one) => line(one, source(one)))}</ul></div>`;
}

/** @param {Here} state */
function candidates(state) {
  const found = state.data.connection.candidates;
  if (!found.length) return nothing;
  if (!state.data.connection.available) return inactive(found);
  const button = (/** @type {Candidate} */ one) => html`<div class="row"><button class="primary" @click=${() => adopt(state, one)}>${t('certificate-adopt')}</button>
    ${one.added_by ? html`<button @click=${() => reject(state, one)}>${t('certificate-reject')}</button>` : nothing}</div>`;
  return html`<div class="notice info stack"><p><strong>${t('certificates-wait', { count: found.length })}</strong>
      ${found.some((one) => one.added_by) ? keyWarning : t('certificates-announced')}</p>
    <ul class="lines">${found.map((one) => line(one, html`${source(one)} ${button(one)}`))}</ul></div>`;
}

/** @param {Here} state */
export function certificatesView(state) {
  const { connection } = state.data;
  if (!connection.certificates.length) return nothing;
  return html`<section class="card stack"><h2>${connection.available ? t('certificates-in-use') : t('certificates')}</h2>${candidates(state)}
    <ul class="lines">${connection.certificates.map((one) => line(one))}</ul></section>`;
}

/** The whole days until a time. @param {string} end RFC 3339 */
const remaining = (end) => Math.floor((Date.parse(end) - Date.now()) / 86_400_000);

/**
 * The banner that warns an organisation's admins, on all of its pages, before its last certificate expires.
 * @param {{slug: string, certificates_end_at?: string | null} | null | undefined} organisation
 */
export function expiryBanner(organisation) {
  const end = organisation?.certificates_end_at;
  if (!organisation || !end) return nothing;
  const left = remaining(end);
  const soon = () => (left < 1 ? t('certificate-end-within-day') : t('certificate-end-in-days', { count: left, day: day(end) }));
  const words = left < 0 ? t('certificate-ended', { day: day(end) }) : soon();
  return html`<p class="notice ${left < 1 ? 'bad' : 'warn'} banner" role="status"><strong>${words}</strong>
    <a href="/o/${organisation.slug}/sso">${left < 0 ? t('certificate-replace') : t('certificate-add-next')}</a></p>`;
}
