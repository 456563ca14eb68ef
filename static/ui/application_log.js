/** The last decisions about requests to an application, and a light that shows when the first request arrives. */

import { get } from '../api.js';
import { t } from '../texts.js';
import { html, nothing } from '../vendor/lit-html.js';
import { exact } from './format.js';
import { table } from './table.js';

/** @import { Application, ApplicationDecision, ApplicationOutcome, State } from '../types.js' */
/** @typedef {State<{application: Application, log: ApplicationDecision[]}>} Here */

/** The pause between two looks, and how long the page looks by itself, in milliseconds. */
const PAUSE_MS = 3000;
const LOOKS_MS = 10 * 60 * 1000;

/** The decisions that the page shows. @param {string} id of the application */
export const decisions = async (id) => /** @type {ApplicationDecision[]} */ ((await get(`/applications/${id}/log?limit=20`)).items);

/** The name and colour of each decision. @type {Record<ApplicationOutcome, [string, string]>} */
const OUTCOME = {
  allowed: [t('application-allowed'), 'good'],
  sign_in: [t('application-sent-to-sign-in'), ''],
  denied: [t('application-refused'), 'bad'],
};

/** Looks for new decisions while the page is open and its tab is shown. @param {Here} state */
async function watch(state) {
  const { local, params } = state;
  const until = Date.now() + LOOKS_MS;
  local.watching = true;
  const isHere = () => state.local === local && state.params === params && !state.failure;
  while (isHere() && Date.now() < until) {
    await new Promise((resolve) => { setTimeout(resolve, PAUSE_MS); });
    if (!isHere() || document.hidden || state.busy || state.dialog) continue;
    const log = await decisions(state.data.application.id).catch(() => null);
    if (!log || !isHere()) continue;
    const isNew = JSON.stringify(log) !== JSON.stringify(state.data.log);
    state.data.log = log;
    if (isNew) state.update();
  }
  local.watching = false;
  if (isHere()) state.update();
}

/** @param {ApplicationDecision} one */
function row({ at, email, method, path, decision, reason }) {
  const [text, kind] = OUTCOME[decision];
  return html`<tr>
    <td class="moment" data-label=${t('when')}>${exact(at)}</td>
    <td data-label=${t('person')}>${email ?? t('application-nobody')}</td>
    <td data-label=${t('application-request')}><code>${method} ${path}</code></td>
    <td data-label=${t('application-decision')}><span><span class="badge ${kind}">${text}</span> <small>${reason}</small></span></td>
  </tr>`;
}

/** @param {Here} state */
function light({ data: { application, log }, local }) {
  const isClient = application.kind === 'oidc';
  if (log.length) return html`<span class="key good"></span>${isClient ? t('client-seen') : t('application-seen')}`;
  const waiting = isClient ? t('client-waiting') : t('application-waiting');
  return html`<span class="key rest"></span>${local.watching ? waiting : t('application-not-seen')}`;
}

/** @param {Here} state */
export function logView(state) {
  const { local, data: { application, log } } = state;
  // Begins after the page is rendered.
  if (local.watching === undefined) watch(state);
  const again = () => {
    watch(state);
    state.update();
  };
  return html`<section class="card stack"><h2>${t('application-log')}</h2>
    <p role="status">${light(state)}</p>
    ${local.watching ? nothing : html`<p><button class="small" @click=${again}>${t('application-watch')}</button></p>`}
    ${log.length ? table([t('when'), t('person'), t('application-request'), t('application-decision')], log.map(row)) : nothing}
    ${log.length || application.kind === 'oidc' ? nothing : html`<p><a href="/help/proxies" target="_blank" data-outside>${t('application-proxies')}</a></p>`}
  </section>`;
}
