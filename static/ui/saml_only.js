/** SAML as the only way in: seen by name before it happens, and with codes that lead back. */

import { post, put } from '../api.js';
import { copyButton } from './copy.js';
import { confirmEffect } from './dialog.js';
import { attempt } from './form.js';
import { day, plural } from './format.js';
import { helpLink } from './help.js';
import { onceBox } from './once.js';
import { readinessView } from './readiness.js';
import { html, nothing } from '../vendor/lit-html.js';

/** @import { Organisation, State } from '../types.js' */

const WHERE_CODES = 'The recovery codes are under “SAML-only authentication”: save them before you leave.';

/** @param {State} state @param {boolean} enabled */
function ask(state, enabled) {
  const path = `${state.data.base}/sso/saml-only`;
  return confirmEffect(state, {
    title: enabled ? 'Enable SAML-only authentication?' : 'Allow passwords again?',
    action: enabled ? 'Enable SAML-only' : 'Disable SAML-only',
    danger: enabled,
    dry: (query) => put(`${path}?${query}`, { enabled }),
    real: async () => {
      noteCodes(state, await put(path, { enabled }));
    },
    done: enabled ? `SAML-only is on. ${WHERE_CODES}` : 'Members can sign in with a password again.',
  });
}

/** @param {State} state */
function renew(state) {
  return attempt(state, async () => {
    noteCodes(state, await post(`${state.data.base}/sso/recovery-codes`));
    await state.reload();
    return `Ten new recovery codes; the old ones no longer work. ${WHERE_CODES}`;
  });
}

/** @param {State} state @param {{recovery_codes?: string[]}} answer */
function noteCodes({ local }, { recovery_codes: codes }) {
  Object.assign(local, { codes, codesAt: new Date().toISOString() });
}

/** The codes as a file: for whom, and what they are for. @param {State} state */
function codesFile({ local: { codes, codesAt }, data: { organisation } }) {
  return `Recovery codes of ${organisation.name} at ${location.host}, made on ${day(codesAt)}. With each, an organisation admin can sign in once.\n\n${codes.join('\n')}\n`;
}

/** What is printed above the codes: nothing else of the page is. @param {State} state */
function codesHead({ local: { codesAt }, data: { organisation } }) {
  return html`<div class="on-paper stack"><p class="paper-title">Recovery codes of ${organisation.name}</p>
    <p>For ${location.origin}, made on ${day(codesAt)}.</p>
    <p>Each code lets an organisation admin sign in once without the identity provider: on the sign-in page, with e-mail, password and “Use a recovery
      code”. Cross out each code that is used. New codes replace all of these. Keep this sheet where only organisation admins find it.</p></div>`;
}

/** The new codes, while this page stays. @param {State} state */
function codesView(state) {
  const { local: { codes }, data: { organisation } } = state;
  if (!codes?.length) return nothing;
  const text = codesFile(state);
  const saved = (/** @type {Event} */ event) => event.target?.dispatchEvent(new CustomEvent('kept', { bubbles: true, detail: text }));
  return onceBox('Recovery codes', codes, html`<p class="on-screen"><strong>Recovery codes.</strong> They will not be shown again: print them, download them or save them in a password manager before you leave or reload this page. With each, an organisation admin can sign in once, with e-mail and password, when your identity provider is not available.</p>
    ${codesHead(state)}
    <ol class="codes" data-value>${codes.map((/** @type {string} */ code) => html`<li><code>${code}</code></li>`)}</ol>
    <div class="row on-screen">${copyButton('all recovery codes', codes.join('\n'), 'Copy all')}
      <a class="button small" download="recovery-codes-${organisation.slug}.txt" href="data:text/plain;charset=utf-8,${encodeURIComponent(text)}" @click=${saved}>Download as text</a>
      <button type="button" class="small" @click=${() => print()}>Print</button>
      ${helpLink('/help/administration#recovery-codes', 'recovery codes')}</div>`, 'printed');
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
  return html`<p>Members then sign in only through your identity provider; passwords are refused. You first see who is affected.</p>
    ${cameBy(state, ['saml'])
      ? html`<p><button class="danger" @click=${() => ask(state, true)}>Enable SAML-only authentication</button></p>`
      : html`<p class="soft">First sign in through SSO yourself (use <em>Test sign-in</em>), to be sure that you are not locked out.</p>`}`;
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
  return html`<p><strong>The plan allows only SAML.</strong> Passwords are refused. ${codesLeft(state)}</p>
    <p>${button === nothing ? html`<span class="soft">To make new ones, sign in through SSO or with a recovery code first.</span>` : button}</p>`;
}

/** @param {State} state */
export function samlOnlyView(state) {
  const { organisation, connection } = state.data;
  if (connection.status !== 'ready') return nothing;
  const switchable = connection.saml_only ? on : off;
  return html`<section class="card stack"><div class="row"><h2>SAML-only authentication</h2>
      ${helpLink('/help/switching', 'SAML-only authentication')}</div>
    ${codesView(state)}
    ${readinessView(state)}
    ${onlySaml(organisation) ? byPlan(state) : switchable(state)}</section>`;
}
