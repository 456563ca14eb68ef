import { ApiError, SETUP_LINK, get, useSetupLink } from '../api.js';
import { moment } from '../ui/format.js';
import { takeToken } from '../ui/link_token.js';
import { pageHead } from '../ui/shell.js';
import { chooseStep, copyStep, pasteStep, progress, stepAddress, stepHere, stepTitle } from '../ui/sso_wizard.js';
import { html } from '../vendor/lit-html.js';

/** @import { Page, SetupConnection, State, Visit } from '../types.js' */
/** @typedef {State<{base: string, connection: SetupConnection}>} Here */

/** The steps of the set-up that are the bearer's. */
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
const ENDED = { setup_done: 'Single sign-on is set up', plan_required: 'This plan has no single sign-on' };

/** Why there is nothing to do. @param {ApiError} error */
function endedView({ status, code, message }) {
  return html`<h1 tabindex="-1">${ENDED[code] ?? 'This set-up link no longer works'}</h1>
    <p>${status === 401 ? 'Open the original link again.' : message}</p>
    <p class="soft">You can close this page.</p>`;
}

/** @param {SetupConnection} connection */
function standing({ status, organisation, expires_at: expiresAt }) {
  if (status === 'none') {
    return html`<p class="notice info">${organisation} asks you to connect its identity provider through SAML 2.0. You need no account here; this link
      works until ${moment(expiresAt)}.</p>`;
  }
  return html`<div class="notice good"><p><strong>The settings are saved.</strong> An admin of ${organisation} now tests them with one sign-in. The admins get an e-mail if a mail server is set up; tell them yourself as well. You can still change the settings here until then, at most until ${moment(expiresAt)}.</p></div>`;
}

/** @param {Here & {data: {ended?: ApiError}}} state */
function view(state) {
  const { connection, ended } = state.data;
  if (ended) return endedView(ended);
  const step = /** @type {typeof MINE[number]} */ (stepHere(state, MINE));
  const views = { choose: chooseStep, copy: copyStep, paste: (/** @type {Here} */ here) => pasteStep(here, stepAddress(here, 'paste')) };
  return html`${pageHead(stepTitle(state, step), { crumb: html`${connection.organisation} · Set up single sign-on` })}
    <div class="stack">${standing(connection)}${progress(state, step, MINE)}${views[step](state)}</div>`;
}

/** @type {Page} */
export const ssoSetup = { title: 'Set up single sign-on', open: true, broad: ({ ended }) => !ended, load, view };
