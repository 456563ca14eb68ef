/** SAML as the only way in: seen by name before it happens, and with codes that lead back. */

import { post, put } from '../api.js';
import { copyButton } from './copy.js';
import { confirmEffect } from './dialog.js';
import { attempt } from './form.js';
import { plural } from './format.js';
import { readinessView } from './readiness.js';
import { html, nothing } from '../vendor/lit-html.js';

/** @import { Organisation, State } from '../types.js' */

/** @param {State} state @param {boolean} enabled */
function ask(state, enabled) {
  const path = `${state.data.base}/sso/saml-only`;
  return confirmEffect(state, {
    title: enabled ? 'Enable SAML-only authentication?' : 'Let passwords in again?',
    action: enabled ? 'Enable SAML-only' : 'Disable SAML-only',
    danger: enabled,
    dry: (query) => put(`${path}?${query}`, { enabled }),
    real: async () => {
      state.local.codes = (await put(path, { enabled })).recovery_codes;
    },
    done: enabled ? 'SAML is the only way in now. Keep the recovery codes.' : 'Members may sign in with a password again.',
  });
}

/** @param {State} state */
function renew(state) {
  return attempt(state, async () => {
    state.local.codes = (await post(`${state.data.base}/sso/recovery-codes`)).recovery_codes;
    await state.reload();
    return 'Ten new recovery codes; the old ones no longer work.';
  });
}

/** The new codes, while this page stays. @param {State} state */
function codesView({ local: { codes }, data: { organisation } }) {
  if (!codes?.length) return nothing;
  const text = codes.join('\n');
  const head = `Recovery codes of ${organisation.name} at ${location.host}. Each lets an organisation admin in once.\n\n`;
  return html`<div class="notice info stack" role="status" data-values><p><strong>Recovery codes.</strong> Shown this once: a reload of this page removes them, so print
      them or keep them in a password manager first. Each lets an organisation admin in once, with e-mail and password, where your identity
      provider cannot.</p>
    <ol class="codes" data-value>${codes.map((/** @type {string} */ code) => html`<li><code>${code}</code></li>`)}</ol>
    <div class="row">${copyButton('all recovery codes', text, 'Copy all')}
      <a class="button small" download="recovery-codes-${organisation.slug}.txt" href="data:text/plain;charset=utf-8,${encodeURIComponent(`${head}${text}\n`)}">Download as text</a></div></div>`;
}

/** Whether the plan leaves no other way in. @param {Organisation} organisation */
export const onlySaml = ({ plan }) => plan.auth_mode === 'saml';

/** Whether this session came in by one of these. @param {State} state @param {string[]} methods */
function cameBy(state, methods) {
  const { id } = state.data.organisation;
  return state.me.grants.some((one) => one.organisation === id && methods.includes(one.method));
}

/** @param {State} state */
function off(state) {
  return html`<p>Members then sign in through your identity provider alone; passwords are refused. You see whom that concerns first.</p>
    ${cameBy(state, ['saml'])
      ? html`<p><button class="danger" @click=${() => ask(state, true)}>Enable SAML-only authentication</button></p>`
      : html`<p class="soft">Sign in through SSO yourself first (<em>Test sign-in</em> does it): it shows that you will get in.</p>`}`;
}

/** How many ways back are left. @param {State} state */
const codesLeft = ({ data: { connection } }) => `${plural(connection.recovery_codes_left, 'recovery code is', 'recovery codes are')} left.`;

/** @param {State} state */
function renewal(state) {
  return cameBy(state, ['saml', 'recovery']) ? html`<button @click=${() => renew(state)}>New recovery codes</button>` : nothing;
}

/** @param {State} state */
function on(state) {
  return html`<p>Passwords are refused. ${codesLeft(state)}</p>
    <p class="row"><button @click=${() => ask(state, false)}>Disable SAML-only authentication</button>${renewal(state)}</p>`;
}

/** Where there is nothing to switch. @param {State} state */
function byPlan(state) {
  const button = renewal(state);
  return html`<p><strong>The plan signs in through SAML alone.</strong> Passwords are refused. ${codesLeft(state)}</p>
    <p>${button === nothing ? html`<span class="soft">To make new ones, sign in through SSO or with a recovery code first.</span>` : button}</p>`;
}

/** @param {State} state */
export function samlOnlyView(state) {
  const { organisation, connection } = state.data;
  if (connection.status !== 'ready') return nothing;
  const switchable = connection.saml_only ? on : off;
  return html`<section class="card stack"><h2>SAML-only authentication</h2>
    ${codesView(state)}
    ${readinessView(state)}
    ${onlySaml(organisation) ? byPlan(state) : switchable(state)}</section>`;
}
