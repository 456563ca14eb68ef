import { ApiError, SETUP_LINK, get, useSetupLink } from '../api.js';
import { moment } from '../ui/format.js';
import { takeToken } from '../ui/link_token.js';
import { pageHead } from '../ui/shell.js';
import { chooseStep, copyStep, pasteStep, progress, stepAddress, stepHere, stepTitle } from '../ui/sso_wizard.js';
import { t } from '../texts.js';
import { html } from '../vendor/lit-html.js';

/** @import { Page, SetupConnection, State, Visit } from '../types.js' */
/** @typedef {State<{base: string, connection: SetupConnection}>} Here */

/** The steps of the set-up that the holder of a link can do. */
const MINE = /** @type {('choose' | 'copy' | 'paste')[]} */ (['choose', 'copy', 'paste']);

/** @param {Visit} visit */
async function load({ query }) {
  useSetupLink(takeToken(query));
  try {
    return { base: SETUP_LINK, connection: /** @type {SetupConnection} */ (await get(`${SETUP_LINK}/sso`)) };
  } catch (error) {
    if (error instanceof ApiError && [401, 403, 404, 409].includes(error.status)) return { ended: error };
    throw error;
  }
}

/** @type {Record<string, string>} */
const ENDED = { setup_done: t('sso-setup-done'), plan_required: t('sso-setup-no-plan') };

/** The reason why the link gives no access to the set-up. @param {ApiError} error */
function endedView({ status, code, message }) {
  return html`<h1 tabindex="-1">${ENDED[code] ?? t('sso-setup-over')}</h1>
    <p>${status === 401 ? t('sso-setup-open-again') : message}</p>
    <p class="soft">${t('sso-setup-close')}</p>`;
}

/** When settings were last saved since this page was opened; null if they were not. The API does not say who saved the current ones. @type {string | null} */
let savedAt = null;
const noteSaved = () => { savedAt = new Date().toISOString(); };

/** @param {SetupConnection} connection */
function standing({ status, organisation, expires_at: expiresAt }) {
  const at = moment(expiresAt);
  if (status === 'none') return html`<p class="notice info">${t('sso-setup-lead', { organisation, at })}</p>`;
  if (!savedAt) return html`<div class="notice info"><p><strong>${t('sso-setup-before')}</strong> ${t('sso-setup-before-next', { organisation, at })}</p></div>`;
  return html`<div class="notice good" role="status"><p><strong>${t('sso-setup-saved')}</strong> ${t('sso-setup-saved-next', { organisation, at })} <small>${moment(savedAt)}</small></p></div>`;
}

/** @param {Here & {data: {ended?: ApiError}}} state */
function view(state) {
  const { connection, ended } = state.data;
  if (ended) return endedView(ended);
  const step = /** @type {typeof MINE[number]} */ (stepHere(state, MINE));
  const views = { choose: chooseStep, copy: copyStep, paste: (/** @type {Here} */ here) => pasteStep(here, stepAddress(here, 'paste'), noteSaved) };
  return html`${pageHead(stepTitle(state, step), { crumb: `${connection.organisation} · ${t('sso-setup-title')}` })}
    <div class="stack">${standing(connection)}${progress(state, step, MINE)}${views[step](state)}</div>`;
}

/** @type {Page} */
export const ssoSetup = { title: t('sso-setup-title'), open: true, broad: ({ ended }) => !ended, load, view };
