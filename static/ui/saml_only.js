/** SAML-only authentication: the switch, which shows the people who are affected, and the recovery codes. */

import { get, post, put } from '../api.js';
import { copyAllButton } from './copy.js';
import { confirm, confirmEffect } from './dialog.js';
import { effectView, foresee } from './effect.js';
import { attempt } from './form.js';
import { day } from './format.js';
import { helpLink } from './help.js';
import { onceBox } from './once.js';
import { readinessView } from './readiness.js';
import { parts, t } from '../texts.js';
import { html, nothing } from '../vendor/lit-html.js';

/** @import { Organisation, SamlOnlyForesight, State } from '../types.js' */

const WHERE_CODES = t('saml-only-where-codes');

/** @param {State} state @param {boolean} enabled */
function ask(state, enabled) {
  const path = `${state.data.base}/sso/saml-only`;
  return confirmEffect(state, {
    title: enabled ? t('saml-only-enable-title') : t('saml-only-allow-title'),
    action: enabled ? t('saml-only-enable-action') : t('saml-only-disable-action'),
    danger: enabled,
    dry: (query) => put(`${path}?${query}`, { enabled }),
    real: async () => {
      noteCodes(state, await put(path, { enabled }));
    },
    done: enabled ? `${t('saml-only-is-on')} ${WHERE_CODES}` : t('saml-only-is-off'),
  });
}

/** Makes new recovery codes. Asks first if unused ones are left, which stop working. @param {State} state */
function renew(state) {
  const { base, connection: { recovery_codes_left: count } } = state.data;
  const done = `${t('codes-renewed')} ${WHERE_CODES}`;
  const real = async () => noteCodes(state, await post(`${base}/sso/recovery-codes`));
  if (count) return confirm(state, { title: t('codes-renew-title'), action: t('codes-renew-action'), body: html`<p>${t('codes-renew-lead', { count })}</p>`, real, done });
  return attempt(state, async () => {
    await real();
    await state.reload();
    return done;
  });
}

/** @param {State} state @param {{recovery_codes?: string[]}} answer */
function noteCodes({ local }, { recovery_codes: codes }) {
  Object.assign(local, { codes, codesAt: new Date().toISOString() });
}

/** The text of the file with the codes: the organisation, their purpose and the codes. @param {State} state */
function codesFile({ local: { codes, codesAt }, data: { organisation } }) {
  return `${t('codes-file', { organisation: organisation.name, host: location.host, day: day(codesAt) })}\n\n${codes.join('\n')}\n`;
}

/** The heading above the printed codes. Nothing else of the page is printed. @param {State} state */
function codesHead({ local: { codesAt }, data: { organisation } }) {
  return html`<div class="on-paper stack"><p class="paper-title">${t('codes-of', { organisation: organisation.name })}</p>
    <p>${t('codes-for', { origin: location.origin, day: day(codesAt) })}</p>
    <p>${t('codes-sheet')}</p></div>`;
}

/** The new codes, until the page is left. @param {State} state */
function codesView(state) {
  const { local: { codes }, data: { organisation } } = state;
  if (!codes?.length) return nothing;
  const text = codesFile(state);
  const saved = (/** @type {Event} */ event) => event.target?.dispatchEvent(new CustomEvent('kept', { bubbles: true, detail: text }));
  return onceBox(t('codes'), codes, html`<p class="on-screen">${parts('codes-lead', { title: html`<strong>${t('codes-title')}</strong>` })}</p>
    ${codesHead(state)}
    <ol class="codes" data-value>${codes.map((/** @type {string} */ code) => html`<li><code>${code}</code></li>`)}</ol>
    <div class="row on-screen">${copyAllButton(t('codes-all'), codes.join('\n'))}
      <a class="button small" download="recovery-codes-${organisation.slug}.txt" href="data:text/plain;charset=utf-8,${encodeURIComponent(text)}" @click=${saved}>${t('codes-download')}</a>
      <button type="button" class="small" @click=${() => print()}>${t('codes-print')}</button>
      ${helpLink('/help/administration#recovery-codes', t('help-recovery-codes'))}</div>`, 'printed');
}

/** Whether the plan allows only SAML. @param {Organisation} organisation */
export const onlySaml = ({ plan }) => plan.auth_mode === 'saml';

/** Whether this session signed in to the organisation by one of these methods. @param {State} state @param {string[]} methods */
function signedInBy(state, methods) {
  const { id } = state.data.organisation;
  return state.me.grants.some((one) => one.organisation === id && methods.includes(one.method));
}

/** Shows the effect that turning SAML-only on would have, and why this person cannot turn it on yet. @param {State} state */
function preview(state) {
  const path = `${state.data.base}/sso/saml-only`;
  return attempt(state, async () => {
    /** @type {SamlOnlyForesight['obstacle']} */
    let obstacle = null;
    const { effect, more } = await foresee(state, async (query) => {
      const foresight = /** @type {SamlOnlyForesight} */ (await get(`${path}?${query}`));
      ({ obstacle } = foresight);
      return foresight;
    });
    confirm(state, {
      title: t('saml-only-preview-title'),
      body: () => html`${obstacle ? html`<p class="notice info">${t('saml-only-not-yet', { why: obstacle.message })}</p>` : nothing}
        <p>${t('saml-only-preview-lead')}</p>${effectView(effect, more)}`,
      cancel: t('close'),
    });
  });
}

/** The button that shows the effect before this person can turn SAML-only on. @param {State} state */
const previewButton = (state) => html`<button @click=${() => preview(state)}>${t('saml-only-preview')}</button>`;

/** The card of a draft: SAML-only cannot be turned on before the connection is ready. @param {State} state */
export function samlOnlyLater(state) {
  if (onlySaml(state.data.organisation)) return nothing;
  return html`<section class="card stack"><h2>${t('saml-only-title')}</h2>
    <p>${t('saml-only-off-lead')} ${t('saml-only-once-ready')}</p><p>${previewButton(state)}</p></section>`;
}

/** @param {State} state */
function off(state) {
  return html`<p>${t('saml-only-off-lead')}</p>
    ${signedInBy(state, ['saml'])
      ? html`<p><button class="danger" @click=${() => ask(state, true)}>${t('saml-only-enable')}</button></p>`
      : html`<p class="soft">${parts('saml-only-test-first', { test: html`<em>${t('test-sign-in')}</em>` })}</p>
        <p>${previewButton(state)}</p>`}`;
}

/** The number of unused recovery codes. @param {State} state */
const codesLeft = ({ data: { connection } }) => t('codes-left', { count: connection.recovery_codes_left });

/** @param {State} state */
function renewal(state) {
  return signedInBy(state, ['saml', 'recovery']) ? html`<button @click=${() => renew(state)}>${t('codes-renew')}</button>` : nothing;
}

/** @param {State} state */
function on(state) {
  return html`<p>${t('saml-only-refuses')} ${codesLeft(state)}</p>
    <p class="row"><button @click=${() => ask(state, false)}>${t('saml-only-disable')}</button>${renewal(state)}</p>`;
}

/** The card of an organisation whose plan allows only SAML, so that there is no switch. @param {State} state */
function byPlan(state) {
  const button = renewal(state);
  return html`<p><strong>${t('saml-only-by-plan')}</strong> ${t('saml-only-refuses')} ${codesLeft(state)}</p>
    <p>${button === nothing ? html`<span class="soft">${t('codes-sign-in-first')}</span>` : button}</p>`;
}

/** @param {State} state */
export function samlOnlyView(state) {
  const { organisation, connection } = state.data;
  if (connection.status !== 'ready') return nothing;
  const switchable = connection.saml_only ? on : off;
  return html`<section class="card stack"><div class="row"><h2>${t('saml-only-title')}</h2>
      ${helpLink('/help/switching', t('saml-only-title'))}</div>
    ${codesView(state)}
    ${readinessView(state)}
    ${onlySaml(organisation) ? byPlan(state) : switchable(state)}</section>`;
}
