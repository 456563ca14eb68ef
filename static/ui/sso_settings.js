/** Single sign-on once it is ready: all its settings on one page. */

import { remove } from '../api.js';
import { html, nothing } from '../vendor/lit-html.js';
import { attemptTable } from './attempts.js';
import { certificatesView } from './certificates.js';
import { skewMeter } from './clock.js';
import { copyable } from './copy.js';
import { confirmEffect } from './dialog.js';
import { moment } from './format.js';
import { followedView } from './metadata.js';
import { ownKeysView } from './own_keys.js';
import { onlySaml, samlOnlyView } from './saml_only.js';
import { chosenGuide, providerChoice, ssoForm, typedKey } from './sso_form.js';
import { foldedGuide } from './sso_guide.js';
import { testButton } from './sso_test.js';
import { forgetTyped } from './typed.js';

/** @import { Attempt, OwnKeys, State } from '../types.js' */
/** @typedef {import('./sso_test.js').Here & State<{keys: OwnKeys[], attempts: Attempt[]}>} Here */

/** @param {Here} state */
export function elsewhere({ data: { connection } }) {
  const origin = new URL(connection.entity_id).origin;
  if (origin === location.origin) return nothing;
  return html`<p class="notice warn"><strong>You are at ${location.origin}, and the public URL is ${origin}.</strong> The values below are for the
    public URL. If it is wrong, ask an operator to look at <em>Doctor</em> before you give them to your identity provider.</p>`;
}

/** @param {Here} state */
function status(state) {
  const { connection, organisation } = state.data;
  const only = onlySaml(organisation) || connection.saml_only;
  return html`<div class="notice good row spread"><p><strong>Members can sign in through SSO</strong>${only ? ' only' : ', or with their password'}.
    Ready since ${moment(connection.tested_at)}.</p>${testButton(state)}</div>`;
}

/** @param {Here} state */
function ours(state) {
  const { connection } = state.data;
  const origin = new URL(connection.entity_id).origin;
  return html`<section class="card stack"><h2>Our values, for your identity provider</h2>
    ${copyable('Entity ID', connection.entity_id)}
    ${copyable('Callback URL', connection.callback_url)}
    ${copyable('Portal URL', `${origin}/sso?key=${encodeURIComponent(typedKey(state))}`)}
    <p class="soft">Members start at the Portal URL, or type the portal key on the sign-in page.${typedKey(state) === connection.portal_key ? nothing : ' It works once the key is saved.'}
      <a href=${connection.entity_id} data-outside>Open our metadata</a></p>
  </section>`;
}

/** @param {Here} state */
export function latest({ path, data: { attempts } }) {
  if (!attempts.length) return nothing;
  return html`<section class="card stack"><div class="row spread"><h2>Latest sign-ins</h2><a href="${path}/attempts">All SSO sign-ins</a></div>
    ${attemptTable(attempts, `${path}/attempts`)}</section>`;
}

/** @param {Here} state */
function removal(state) {
  const path = `${state.data.base}/sso`;
  const ask = () => confirmEffect(state, {
    title: 'Remove single sign-on?',
    action: 'Remove connection',
    dry: (query) => remove(`${path}?${query}`),
    real: async () => {
      await remove(path);
      forgetTyped(state);
    },
    done: 'Single sign-on is removed.',
  });
  return html`<section class="card stack"><h2>Remove</h2>
    <p>${onlySaml(state.data.organisation) ? 'Then only organisation admins sign in, with a password, until it is set up again.' : 'Members then sign in only with their password.'}
      You see who is affected before it happens.</p>
    <p><button class="danger" @click=${ask}>Remove connection</button></p></section>`;
}

/** The clock, and whether it stands first: what is about to shut people out is not only good to know. @param {Here} state */
function clockView({ data: { connection: { clock } } }) {
  return { clock: clock ? skewMeter(clock) : nothing, off: Boolean(clock) && clock?.level !== 'fine' };
}

/** What is known of a draft besides its set-up. @param {Here} state */
export function draftView(state) {
  const { clock, off } = clockView(state);
  return html`${off ? clock : nothing}${latest(state)}
    <details><summary>More about this draft: certificates, keys, and how to remove it</summary>
      <div class="stack unfolded">${off ? nothing : clock}${certificatesView(state)}${followedView(state)}${ownKeysView(state)}${removal(state)}</div></details>`;
}

/** @param {Here} state */
export function settingsView(state) {
  const { connection } = state.data;
  const { clock, off } = clockView(state);
  return html`${elsewhere(state)}${status(state)}${off ? clock : nothing}${samlOnlyView(state)}${latest(state)}
    ${certificatesView(state)}${followedView(state)}${off ? nothing : clock}${ours(state)}${providerChoice(state)}
    ${foldedGuide(chosenGuide(state), connection)}${ssoForm(state)}${ownKeysView(state)}${removal(state)}`;
}
