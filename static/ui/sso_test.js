/** The last steps of the set-up: the admin's test sign-in, the reason if it was refused, and the page after it succeeded. */

import { parts, t } from '../texts.js';
import { html, nothing } from '../vendor/lit-html.js';
import { copyable } from './copy.js';
import { moment } from './format.js';
import { onlySaml, samlOnlyView } from './saml_only.js';
import { onward, stepAddress } from './sso_wizard.js';
import { rulesView, whyRefused } from './trace.js';

/** @import { Attempt, Connection, Organisation, State, WholeAttempt } from '../types.js' */
/** @typedef {State<{base: string, organisation: Organisation, connection: Connection, attempt: WholeAttempt | null, attempts: Attempt[]}>} Here */

/** Only an organisation admin can make the test sign-in: an operator from outside has no account at the provider. @param {Here} state */
function mayTest({ me, data: { organisation } }) {
  return me.organisations.some((one) => one.admin && one.id === organisation.id);
}

/** The page after a test sign-in of a ready connection: it says that the sign-in succeeded. @param {Here} state */
const tested = ({ path }) => `${path}?tested=1`;

/** @param {Here} state @param {{kind?: string, text?: string, back?: string}} [options] */
export function testButton(state, { kind = '', text = t('test-sign-in'), back = tested(state) } = {}) {
  if (!mayTest(state)) return nothing;
  const { portal_key: key = '', settings_digest: digest = '' } = state.data.connection;
  const test = `/sso?key=${encodeURIComponent(key)}&test=1&settings=${encodeURIComponent(digest)}&return=${encodeURIComponent(back)}`;
  return html`<a class="button ${kind}" href=${test} data-outside>${text}</a>`;
}

/** The result of the test sign-in that has just returned to this page. @param {Here} state */
export function testResult({ me, query, data: { attempts } }) {
  if (!query.has('tested')) return nothing;
  const own = attempts.find(({ email }) => email === me.person.email);
  if (own?.outcome !== 'signed_in') return nothing;
  return html`<p class="notice good" role="status">${t('test-succeeded', { at: moment(own.at), email: me.person.email })}</p>`;
}

/** @param {Here} state @param {WholeAttempt} attempt */
function failure(state, attempt) {
  const page = `${state.path}/attempts/${attempt.id}`;
  return html`<p class="notice" role="status"><strong>${t('test-refused', { at: moment(attempt.at) })}</strong> ${t('test-refused-lead')}</p>
    ${attempt.refusal ? whyRefused(attempt.refusal, `/o/${state.data.organisation.slug}/people`) : nothing}
    <p class="row"><a class="button" href=${stepAddress(state, 'copy')}>${t('test-change-there')}</a>
      <a class="button" href=${state.data.connection.status === 'ready' ? state.path : stepAddress(state, 'paste')}>${t('test-change-here')}</a></p>
    <section class="card stack"><div class="row spread"><h2>${t('test-rules')}</h2><a href=${page}>${t('test-trace', { reference: attempt.reference })}</a></div>
      ${attempt.rules.length ? rulesView(attempt.rules, attempt.refusal) : html`<p class="soft">${t('test-no-rule')}</p>`}</section>`;
}

/** @param {Here} state */
export function testStep(state) {
  const { connection, attempt, organisation } = state.data;
  const ready = connection.status === 'ready';
  const failed = attempt?.outcome === 'refused' ? attempt : null;
  const again = failed ? t('test-again') : t('test-sign-in');
  const how = mayTest(state)
    ? t('test-how', { organisation: organisation.name, email: state.me.person.email })
    : t('test-how-not-you');
  const button = testButton(state, { kind: 'primary', text: again, back: `${state.path}?step=activate` });
  return html`<section class="card stack">
      ${ready ? html`<p>${t('test-ready')} ${how}</p>` : html`<p><strong>${t('test-saved')}</strong> ${how} ${t('test-then-ready')}</p>`}
      <dl class="facts"><dt>${t('sign-on-url')}</dt><dd>${connection.sign_on_url}</dd><dt>${t('entity-id')}</dt><dd>${connection.idp_entity_id}</dd></dl>
      ${button === nothing ? nothing : html`<p>${button}</p>`}</section>
    ${failed ? failure(state, failed) : nothing}
    ${ready ? html`<p><a class="button quiet" href=${state.path}>${t('test-all-settings')}</a></p>` : onward(state, 'paste')}`;
}

/** Says where SAML-only can be turned on later. @param {Here} state */
function later({ path, data: { organisation } }) {
  return html`<details class="card"><summary><h2>${t('later-title')}</h2></summary>
    <p class="prose unfolded">${parts('later-lead', {
      organisation: organisation.name, samlOnly: html`<em>${t('saml-only-title')}</em>`, settings: html`<a href=${path}>${t('later-settings')}</a>`,
    })}</p></details>`;
}

/** @param {Here} state */
export function activateStep(state) {
  const { connection, organisation } = state.data;
  const only = onlySaml(organisation) || connection.saml_only;
  return html`<p class="notice good"><strong>${t('activated')}</strong> ${only ? t('activated-only') : t('activated-either')}
      ${t('activated-tested', { at: moment(connection.last_tested_at) })}</p>
    <section class="card stack"><h2>${t('activated-tell')}</h2>
      ${copyable(t('portal-url'), connection.portal_url ?? '')}
      ${copyable(t('portal-key'), connection.portal_key ?? '')}
      <p class="soft">${t('activated-portal')}
        ${parts('activated-invite', { invite: html`<a href="/o/${organisation.slug}/people#invite">${t('activated-invite-link')}</a>` })}</p></section>
    ${only ? samlOnlyView(state) : later(state)}
    <p><a class="button primary" href=${state.path}>${t('activated-done')}</a></p>`;
}
