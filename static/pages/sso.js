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
import { t } from '../texts.js';
import { html, nothing } from '../vendor/lit-html.js';

/** @import { Attempt, Connection, Organisation, OwnKeys, Page, SetupLink, SsoStatus, State, Visit, WholeAttempt } from '../types.js' */
/** @typedef {State<Awaited<ReturnType<typeof load>>>} Here */

/** The complete trace of one sign-in; null if there is none. @param {string} base @param {string | null | undefined} id */
async function attemptOf(base, id) {
  if (!id) return null;
  try {
    return await get(`${base}/sso/attempts/${encodeURIComponent(id)}`);
  } catch (error) {
    if (error instanceof ApiError && !isSignedOut(error)) return null;
    throw error;
  }
}

/** Whether to show the settings instead of a step of the set-up: a ready connection has only the steps `test` and `activate`. @param {URLSearchParams} query @param {Connection} connection */
const isSettled = (query, { status }) => status === 'ready' && !['test', 'activate'].includes(query.get('step') ?? '');

/** The people who have used SSO and those who have not. Not loaded for the test, which does not show them. @param {string} base @param {URLSearchParams} query @param {Connection} connection */
const readinessHere = (base, query, { available, status }) => (available && status === 'ready' && query.get('step') !== 'test' ? readinessOf(base) : {});

/** Loads only the data that the current step shows. @param {Visit} visit */
async function load({ params, query }) {
  const base = `/organisations/${params.org}`;
  const named = query.get('attempt');
  // The result of a test sign-in is not shown again when the page is reloaded.
  if (query.has('tested')) history.replaceState(null, '', location.pathname);
  const [organisation, connection, asked] = await Promise.all([
    /** @type {Promise<Organisation>} */ (get(base)), /** @type {Promise<Connection>} */ (get(`${base}/sso`)), attemptOf(base, named),
  ]);
  const { available, status } = connection;
  // The steps `test` and `activate` of a ready connection show neither the latest sign-ins nor our keys.
  const isWhole = !available || status !== 'ready' || isSettled(query, connection);
  const listOf = async (/** @type {boolean} */ wanted, /** @type {string} */ path) => (wanted ? (await get(`${base}/sso/${path}`)).items : []);
  const [items, keys, setupLinks, readiness] = await Promise.all([
    // The latest sign-ins are not shown beside the trace of one sign-in, which is long.
    listOf(isWhole && !asked, 'attempts?limit=3'),
    // The server creates our keys at the first request for them, so only organisations that can use SSO ask.
    listOf(isWhole && available, 'own-keys'),
    listOf(!available, 'setup-links'),
    readinessHere(base, query, connection),
  ]);
  // A refused test sign-in redirects here with its id. Until a sign-in has succeeded, the last refused one is shown as the problem to fix.
  const failed = named === null && status === 'draft' && items[0]?.outcome === 'refused' ? await attemptOf(base, items[0].id) : null;
  const attempt = asked ?? failed;
  return {
    base,
    organisation,
    connection,
    keys: /** @type {OwnKeys[]} */ (keys),
    setupLinks: /** @type {SetupLink[]} */ (setupLinks),
    attempts: /** @type {Attempt[]} */ (attempt ? [] : items),
    attempt: /** @type {WholeAttempt | null} */ (attempt),
    ...readiness,
  };
}

/** @type {Record<SsoStatus, [string, string]>} */
const BADGE = { none: ['', t('sso-not-set-up')], draft: ['warn', t('sso-draft')], ready: ['good', t('sso-ready')] };

/** @param {Here} state */
function upgrade({ me, data: { organisation } }) {
  return html`<div class="notice info stack"><p><strong>${t('sso-needs-enterprise')}</strong> ${t('sso-on-plan', { name: organisation.name, plan: organisation.plan.name })}</p>
    <p>${me.person.operator ? html`<a href="/o/${organisation.slug}/settings">${t('switch-plan')}</a>` : t('ask-to-switch-plan')}</p></div>`;
}

/** The connection of an organisation whose plan no longer includes SSO. @param {Connection} connection */
function inactive(connection) {
  if (connection.status === 'none') return nothing;
  return html`<section class="card stack"><h2>${t('sso-asleep')}</h2>
    <p class="soft">${t('sso-asleep-lead')}</p>
    <dl class="facts"><dt>${t('sso-provider')}</dt><dd>${recognised(connection).name}</dd>
      <dt>${t('portal-key')}</dt><dd>${connection.portal_key}</dd>
      <dt>${t('sso-sign-on-url')}</dt><dd>${connection.sign_on_url}</dd>
      <dt>${t('entity-id')}</dt><dd>${connection.idp_entity_id}</dd></dl></section>`;
}

/** @param {Here} state */
function beginning(state) {
  const { connection, organisation } = state.data;
  if (connection.status !== 'none') return html`${chooseStep(state)}${setupLinksView(state)}`;
  const meanwhile = onlySaml(organisation) ? t('sso-nobody-yet-admins') : t('sso-nobody-yet-members');
  return html`<p class="notice info">${t('sso-nobody-yet')} ${meanwhile}</p>${chooseStep(state)}${setupLinksView(state)}`;
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

/** @param {Here} state */
const settled = ({ query, data: { connection } }) => isSettled(query, connection);

/** @param {Here} state */
function content(state) {
  const { connection } = state.data;
  if (!connection.available) return html`${upgrade(state)}${inactive(connection)}${leftLinksView(state)}${certificatesView(state)}${latest(state)}`;
  return settled(state) ? settingsView(state) : wizard(state);
}

/** @param {Here} state */
function view(state) {
  const { organisation, connection } = state.data;
  const [kind, text] = BADGE[connection.status];
  const beside = connection.available ? html`<span class="badge ${kind}">${text}</span>` : nothing;
  const lead = t('sso-lead', { name: organisation.name });
  const head = !connection.available || settled(state)
    ? pageHead(t('single-sign-on'), { crumb: organisation.name, lead, beside })
    : pageHead(stepTitle(state, stepHere(state)), { crumb: `${organisation.name} · ${t('single-sign-on')}`, beside });
  return html`${head}<div class="stack">${content(state)}</div>`;
}

/** Times are in UTC, as in SAML messages. @type {Page} */
export const sso = { title: t('single-sign-on'), zone: 'UTC', load, view };
