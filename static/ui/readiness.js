/** The people who have used SSO and those who have not, with reminders for the latter. */

import { get, post } from '../api.js';
import { parts, t } from '../texts.js';
import { html, nothing } from '../vendor/lit-html.js';
import { copyable } from './copy.js';
import { attempt } from './form.js';
import { day, moment } from './format.js';
import { splitView } from './split.js';

/** @import { OrganisationMember, Readiness, State } from '../types.js' */

/** The number of people named beside the switch of SAML-only who have not used SSO yet. */
const NAMED = 10;

/** @param {string} base the organisation's path in the API */
export async function readinessOf(base) {
  const [readiness, waiting] = await Promise.all([get(`${base}/sso/readiness`), get(`${base}/members?saml=waiting&limit=${NAMED}`)]);
  return { readiness: /** @type {Readiness} */ (readiness), waiting: /** @type {OrganisationMember[]} */ (waiting.items) };
}

/** @param {State} state @param {OrganisationMember} one */
function remindOne(state, { email }) {
  return attempt(state, async () => {
    await post(`${state.data.base}/sso/reminders`, { email });
    await state.reload();
    return t('reminded', { email });
  });
}

/** @param {State} state */
function remindAll(state) {
  return attempt(state, async () => {
    let [all, before] = [0, 0];
    for (let left = 1; left > 0;) {
      const answer = await post(`${state.data.base}/sso/reminders`);
      all += answer.reminded;
      before ||= answer.skipped;
      left = answer.left;
    }
    await state.reload();
    return [t('reminded-many', { count: all }), before && t('reminded-before', { count: before })].filter(Boolean).join(' ');
  });
}

/** The text that an admin can send to people if no mail server is set up. @param {State} state */
function ownWords({ data: { organisation, connection, readiness } }) {
  const text = connection.saml_only
    ? t('remind-text-only', { organisation: organisation.name, url: readiness.portal_url })
    : t('remind-text', { organisation: organisation.name, url: readiness.portal_url });
  return html`<p class="soft">${t('remind-no-mail')}</p>${copyable(t('remind-text-title'), text)}`;
}

/** @param {State} state @param {OrganisationMember} one */
function line(state, one) {
  const at = one.reminded_at;
  return html`<li class="row spread"><span><strong>${one.name}</strong> <span class="soft">${one.email}</span></span>
    <span class="row">${at ? html`<small>${t('reminded-at', { at: moment(at) })}</small>` : nothing}
      ${state.data.readiness.mail_server ? html`<button class="small" aria-label=${t('remind-named', { email: one.email })} @click=${() => remindOne(state, one)}>${t('remind')}</button>` : nothing}</span></li>`;
}

/** @param {State} state */
function waitingView(state) {
  const { readiness, waiting } = state.data;
  const count = readiness.total - readiness.ready;
  if (!count) return html`<p>${parts('readiness-all', { everyone: html`<strong>${t('readiness-everyone')}</strong>` })}</p>`;
  const all = `/o/${state.params.org}/people?saml=waiting`;
  return html`<div class="tight"><h3>${t('readiness-waiting', { count })}</h3>
    <ul class="lines">${waiting.map((/** @type {OrganisationMember} */ one) => line(state, one))}</ul>
    <p class="row">${readiness.mail_server ? html`<button @click=${() => remindAll(state)}>${t('remind-all', { count })}</button>` : nothing}
      <a href=${all}>${count > waiting.length ? t('readiness-see-all', { count }) : t('readiness-see')}</a></p>
    ${readiness.mail_server ? nothing : ownWords(state)}</div>`;
}

/** @param {State} state */
export function readinessView(state) {
  const { ready, total, since } = /** @type {Readiness} */ (state.data.readiness);
  const signedIn = html`<strong>${t('readiness-signed-in', { ready, total })}</strong>`;
  return html`<div class="stack">
    <p>${since ? parts('readiness-since', { signedIn, day: day(since) }) : parts('readiness-told', { signedIn })}</p>
    ${splitView({ count: ready, kind: 'good', text: t('readiness-ready', { count: ready }) }, { count: total - ready, kind: 'rest', text: t('readiness-not-yet', { count: total - ready }) })}
    ${waitingView(state)}
  </div>`;
}
