import { ApiError, get, isSignedOut } from '../api.js';
import { recognised } from '../guides/guides.js';
import { certificatesView } from '../ui/certificates.js';
import { readinessOf } from '../ui/readiness.js';
import { onlySaml } from '../ui/saml_only.js';
import { leftLinksView, setupLinksView } from '../ui/setup_links.js';
import { pageHead } from '../ui/shell.js';
import { draftView, elsewhere, latest, settingsView } from '../ui/sso_settings.js';
import { activateStep, testStep } from '../ui/sso_test.js';
import { chooseStep, copyStep, pasteStep, progress, stepHere, stepTitle } from '../ui/sso_wizard.js';
import { html, nothing } from '../vendor/lit-html.js';

/** @import { Attempt, Connection, Organisation, OwnKeys, Page, SetupLink, SsoStatus, State, Visit, WholeAttempt } from '../types.js' */
/** @typedef {State<Awaited<ReturnType<typeof load>>>} Here */

/** One sign-in whole, if there is one. @param {string} base @param {string | null | undefined} id */
async function attemptOf(base, id) {
  if (!id) return null;
  try {
    return await get(`${base}/sso/attempts/${encodeURIComponent(id)}`);
  } catch (error) {
    if (error instanceof ApiError && !isSignedOut(error)) return null;
    throw error;
  }
}

/** @param {Visit} visit */
async function load({ params, query }) {
  const base = `/organisations/${params.org}`;
  const named = query.get('attempt');
  const [organisation, connection, { items }, asked] = await Promise.all([
    get(base), get(`${base}/sso`), get(`${base}/sso/attempts?limit=3`), attemptOf(base, named),
  ]);
  // A test that was refused leads here by its name; until a sign-in has succeeded, the last refused one is shown as the problem to fix.
  const failed = connection.status === 'draft' && items[0]?.outcome === 'refused' ? items[0].id : null;
  const attempt = named === null ? await attemptOf(base, failed) : asked;
  // Keys are made when they are first asked for: not for those who have no use for them.
  const keys = connection.available ? (await get(`${base}/sso/own-keys`)).items : [];
  const setupLinks = connection.available ? [] : (await get(`${base}/sso/setup-links`)).items;
  return {
    base,
    keys: /** @type {OwnKeys[]} */ (keys),
    setupLinks: /** @type {SetupLink[]} */ (setupLinks),
    organisation: /** @type {Organisation} */ (organisation),
    connection: /** @type {Connection} */ (connection),
    // Beside the whole of one sign-in, which is long, the latest are not shown.
    attempts: /** @type {Attempt[]} */ (attempt ? [] : items),
    attempt: /** @type {WholeAttempt | null} */ (attempt),
    ...(connection.status === 'ready' ? await readinessOf(base) : {}),
  };
}

/** @type {Record<SsoStatus, [string, string]>} */
const BADGE = { none: ['', 'Not set up'], draft: ['warn', 'Draft'], ready: ['good', 'Ready'] };

/** @param {Here} state */
function upgrade({ me, data: { organisation } }) {
  return html`<div class="notice info stack"><p><strong>Single sign-on comes with the Enterprise plan.</strong> ${organisation.name} is on ${organisation.plan.name},
    where members sign in with a password.</p>
    <p>${me.person.operator ? html`<a href="/o/${organisation.slug}/settings">Switch plan</a>` : 'Ask your operator to switch the plan.'}</p></div>`;
}

/** What was set up before the plan left SSO behind. @param {Connection} connection */
function asleep(connection) {
  if (connection.status === 'none') return nothing;
  return html`<section class="card stack"><h2>Kept for later</h2>
    <p class="soft">This connection is kept but inactive. It works again, unchanged, when the plan includes SSO.</p>
    <dl class="facts"><dt>Provider</dt><dd>${recognised(connection).name}</dd>
      <dt>SSO Portal Key</dt><dd>${connection.portal_key}</dd>
      <dt>Sign on URL</dt><dd>${connection.sign_on_url}</dd>
      <dt>Entity ID</dt><dd>${connection.idp_entity_id}</dd></dl></section>`;
}

/** @param {Here} state */
function beginning(state) {
  const { connection, organisation } = state.data;
  if (connection.status !== 'none') return html`${chooseStep(state)}${setupLinksView(state)}`;
  const meanwhile = onlySaml(organisation) ? 'Until it is ready, only organisation admins sign in, with a password.' : 'Members continue to sign in as before.';
  return html`<p class="notice info">No one signs in through SSO yet. ${meanwhile}</p>${chooseStep(state)}${setupLinksView(state)}`;
}

/** @param {Here} state */
function wizard(state) {
  const step = stepHere(state);
  const views = {
    choose: beginning,
    copy: (/** @type {Here} */ here) => html`${elsewhere(here)}${copyStep(here)}`,
    paste: (/** @type {Here} */ here) => pasteStep(here),
    test: (/** @type {Here} */ here) => html`${testStep(here)}${here.data.connection.status === 'draft' ? html`${setupLinksView(here)}${draftView(here)}` : nothing}`,
    activate: activateStep,
  };
  return html`${progress(state, step)}${views[step](state)}`;
}

/** Once it is ready, the set-up is left but for a test and its end. @param {Here} state */
const settled = ({ query, data: { connection } }) => connection.status === 'ready' && !['test', 'activate'].includes(query.get('step') ?? '');

/** @param {Here} state */
function content(state) {
  const { connection } = state.data;
  if (!connection.available) return html`${upgrade(state)}${asleep(connection)}${leftLinksView(state)}${certificatesView(state)}${latest(state)}`;
  return settled(state) ? settingsView(state) : wizard(state);
}

/** @param {Here} state */
function view(state) {
  const { organisation, connection } = state.data;
  const [kind, text] = BADGE[connection.status];
  const beside = connection.available ? html`<span class="badge ${kind}">${text}</span>` : nothing;
  const lead = `SAML 2.0, for all workspaces of ${organisation.name}, including future ones.`;
  const head = !connection.available || settled(state)
    ? pageHead('Single sign-on', { crumb: organisation.name, lead, beside })
    : pageHead(stepTitle(state, stepHere(state)), { crumb: html`${organisation.name} · Single sign-on`, beside });
  return html`${head}<div class="stack">${content(state)}</div>`;
}

/** Its times are compared with those of SAML messages. @type {Page} */
export const sso = { title: 'Single sign-on', zone: 'UTC', load, view };
