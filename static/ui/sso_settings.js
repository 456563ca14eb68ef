/** The page of a connection that is ready: all settings together. */

import { remove } from '../api.js';
import { parts, t } from '../texts.js';
import { html, nothing } from '../vendor/lit-html.js';
import { attemptTable } from './attempts.js';
import { certificatesView } from './certificates.js';
import { skewMeter } from './clock.js';
import { copyable } from './copy.js';
import { confirmEffect } from './dialog.js';
import { moment } from './format.js';
import { followedView } from './metadata.js';
import { ownKeysView } from './own_keys.js';
import { onlySaml, samlOnlyLater, samlOnlyView } from './saml_only.js';
import { chosenGuide, providerChoice, ssoForm, typedKey } from './sso_form.js';
import { foldedGuide } from './sso_guide.js';
import { testButton, testResult } from './sso_test.js';
import { forgetTyped } from './typed.js';

/** @import { Attempt, OwnKeys, State } from '../types.js' */
/** @typedef {import('./sso_test.js').Here & State<{keys: OwnKeys[], attempts: Attempt[]}>} Here */

/** @param {Here} state */
export function elsewhere({ data: { connection } }) {
  const origin = new URL(connection.entity_id).origin;
  if (origin === location.origin) return nothing;
  return html`<p class="notice warn"><strong>${t('sso-elsewhere', { here: location.origin, origin })}</strong>
    ${parts('sso-elsewhere-lead', { doctor: html`<em>${t('doctor')}</em>` })}</p>`;
}

/** @param {Here} state */
function status(state) {
  const { connection, organisation } = state.data;
  const only = onlySaml(organisation) || connection.saml_only;
  const through = html`<strong>${t('sso-status-through')}</strong>`;
  return html`<div class="notice good row spread"><p>${only ? parts('sso-status-only', { through }) : parts('sso-status-either', { through })}
    ${t('sso-ready-since', { at: moment(connection.tested_at) })}</p>${testButton(state)}</div>`;
}

/** @param {Here} state */
function ours(state) {
  const { connection } = state.data;
  const origin = new URL(connection.entity_id).origin;
  return html`<section class="card stack"><h2>${t('sso-our-values')}</h2>
    ${copyable(t('entity-id'), connection.entity_id)}
    ${copyable(t('callback-url'), connection.callback_url)}
    ${copyable(t('portal-url'), `${origin}/sso?key=${encodeURIComponent(typedKey(state))}`)}
    <p class="soft">${typedKey(state) === connection.portal_key ? t('sso-portal-lead') : t('sso-portal-lead-unsaved')}
      <a href=${connection.entity_id} data-outside>${t('sso-open-metadata')}</a></p>
  </section>`;
}

/** @param {Here} state */
export function latest({ path, data: { attempts } }) {
  if (!attempts.length) return nothing;
  return html`<section class="card stack"><div class="row spread"><h2>${t('sso-latest')}</h2><a href="${path}/attempts">${t('sso-all-attempts')}</a></div>
    ${attemptTable(attempts, `${path}/attempts`)}</section>`;
}

/** @param {Here} state */
function removal(state) {
  const path = `${state.data.base}/sso`;
  const ask = () => confirmEffect(state, {
    title: t('sso-remove-title'),
    action: t('sso-remove'),
    dry: (query) => remove(`${path}?${query}`),
    real: async () => {
      await remove(path);
      forgetTyped(state);
    },
    done: t('sso-removed'),
  });
  return html`<section class="card stack"><h2>${t('sso-remove-heading')}</h2>
    <p>${onlySaml(state.data.organisation) ? t('sso-remove-only') : t('sso-remove-either')}
      ${t('sso-remove-effect')}</p>
    <p><button class="danger" @click=${ask}>${t('sso-remove')}</button></p></section>`;
}

/** The chart of the clocks, and whether to show it first, because sign-ins may fail. @param {Here} state */
function clockView({ data: { connection: { clock } } }) {
  return { clock: clock ? skewMeter(clock) : nothing, off: Boolean(clock) && clock?.level !== 'fine' };
}

/** The further settings of a draft, below the steps of its set-up. @param {Here} state */
export function draftView(state) {
  const { clock, off } = clockView(state);
  return html`${off ? clock : nothing}${latest(state)}
    <details><summary>${t('sso-draft-more')}</summary>
      <div class="stack unfolded">${off ? nothing : clock}${certificatesView(state)}${followedView(state)}${ownKeysView(state)}${samlOnlyLater(state)}${removal(state)}</div></details>`;
}

/** @param {Here} state */
export function settingsView(state) {
  const { connection } = state.data;
  const { clock, off } = clockView(state);
  return html`${testResult(state)}${elsewhere(state)}${status(state)}${off ? clock : nothing}${samlOnlyView(state)}${latest(state)}
    ${certificatesView(state)}${followedView(state)}${off ? nothing : clock}${ours(state)}${providerChoice(state)}
    ${foldedGuide(chosenGuide(state), connection)}${ssoForm(state)}${ownKeysView(state)}${removal(state)}`;
}
