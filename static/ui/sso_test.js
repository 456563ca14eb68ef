/** The end of the set-up: the admin's own test sign-in, why it failed if it did, and what comes once it is ready. */

import { html, nothing } from '../vendor/lit-html.js';
import { copyable } from './copy.js';
import { moment } from './format.js';
import { onlySaml, samlOnlyView } from './saml_only.js';
import { onward, stepAddress } from './sso_wizard.js';
import { rulesView, whyRefused } from './trace.js';

/** @import { Attempt, Connection, Organisation, State, WholeAttempt } from '../types.js' */
/** @typedef {State<{base: string, organisation: Organisation, connection: Connection, attempt: WholeAttempt | null, attempts: Attempt[]}>} Here */

/** The test is an organisation admin's own: an operator from outside has no place at that provider. @param {Here} state */
function mayTest({ me, data: { organisation } }) {
  return me.organisations.some((one) => one.admin && one.id === organisation.id);
}

/** @param {Here} state @param {{kind?: string, text?: string, back?: string}} [options] */
export function testButton(state, { kind = '', text = 'Test sign-in', back = state.path } = {}) {
  if (!mayTest(state)) return nothing;
  const { portal_key: key = '', settings_digest: digest = '' } = state.data.connection;
  const test = `/sso?key=${encodeURIComponent(key)}&test=1&settings=${encodeURIComponent(digest)}&return=${encodeURIComponent(back)}`;
  return html`<a class="button ${kind}" href=${test} data-outside>${text}</a>`;
}

/** @param {Here} state @param {WholeAttempt} attempt */
function failure(state, attempt) {
  const page = `${state.path}/attempts/${attempt.id}`;
  return html`<p class="notice" role="status"><strong>The sign-in of ${moment(attempt.at)} was refused.</strong> If you have fixed it since, test again. If not, this is why:</p>
    ${attempt.refusal ? whyRefused(attempt.refusal) : nothing}
    <p class="row"><a class="button" href=${stepAddress(state, 'copy')}>Change it at the provider</a>
      <a class="button" href=${state.data.connection.status === 'ready' ? state.path : stepAddress(state, 'paste')}>Change the settings here</a></p>
    <section class="card stack"><div class="row spread"><h2>Rule by rule</h2><a href=${page}>The whole trace of ${attempt.reference}</a></div>
      ${attempt.rules.length ? rulesView(attempt.rules, attempt.refusal) : html`<p class="soft">It was refused before any rule was checked.</p>`}</section>`;
}

/** @param {Here} state */
export function testStep(state) {
  const { connection, attempt, organisation } = state.data;
  const ready = connection.status === 'ready';
  const failed = attempt?.outcome === 'refused' ? attempt : null;
  const again = failed ? 'Test again' : 'Test sign-in';
  const how = mayTest(state)
    ? `Sign in through ${organisation.name}’s identity provider once as yourself, ${state.me.person.email}.`
    : 'One of the organisation’s admins must sign in through it once; you are not one of them.';
  const button = testButton(state, { kind: 'primary', text: again, back: `${state.path}?step=activate` });
  return html`<section class="card stack">
      ${ready ? html`<p>Members can sign in through SSO. ${how}</p>` : html`<p><strong>Saved, but not open to members yet.</strong> ${how} Then it is ready.</p>`}
      <dl class="facts"><dt>Sign-on URL</dt><dd>${connection.sign_on_url}</dd><dt>Entity ID</dt><dd>${connection.idp_entity_id}</dd></dl>
      ${button === nothing ? nothing : html`<p>${button}</p>`}</section>
    ${failed ? failure(state, failed) : nothing}
    ${ready ? html`<p><a class="button quiet" href=${state.path}>All settings</a></p>` : onward(state, 'paste')}`;
}

/** SSO as the only way in is another choice, for another day: here it is only said where. @param {Here} state */
function later({ path, data: { organisation } }) {
  return html`<details class="card"><summary><h2>Later: require SSO for everyone</h2></summary>
    <p class="prose unfolded">Nothing more is needed now: SSO is on, and passwords still work. Once the members of ${organisation.name} have signed in through SSO,
      you can turn passwords off. <em>SAML-only authentication</em> among <a href=${path}>all settings</a> shows first who has used SSO, and who would
      be locked out.</p></details>`;
}

/** @param {Here} state */
export function activateStep(state) {
  const { connection, organisation } = state.data;
  const only = onlySaml(organisation) || connection.saml_only;
  return html`<p class="notice good"><strong>SSO is on.</strong> Members can sign in through SSO${only ? ' only' : ', or with their password as before'}.
      Tested ${moment(connection.tested_at)}.</p>
    <section class="card stack"><h2>Tell your members where to sign in</h2>
      ${copyable('Portal URL', connection.portal_url ?? '')}
      ${copyable('SSO Portal Key', connection.portal_key ?? '')}
      <p class="soft">They open the Portal URL, or type the key on the sign-in page. The provider’s own app tile may point at the Portal URL too.
        Accounts aren’t created automatically: <a href="/o/${organisation.slug}/people">invite anyone who is missing</a>.</p></section>
    ${only ? samlOnlyView(state) : later(state)}
    <p><a class="button primary" href=${state.path}>Done</a></p>`;
}
