/** The settings, secrets and programs of an application that is an OpenID Connect client. */

import { post, remove } from '../api.js';
import { parts, t } from '../texts.js';
import { html, nothing } from '../vendor/lit-html.js';
import { copyButton, copyable } from './copy.js';
import { confirm } from './dialog.js';
import { attempt, field } from './form.js';
import { moment } from './format.js';
import { conceal, onceView, reveal } from './once.js';
import { table } from './table.js';

/** @import { Application, ClientSecret, Snippet, State } from '../types.js' */
/** @typedef {State<{application: Application, snippets: Snippet[]}>} Here */

/** The name in `local` of the secrets that were created on this page. */
const MADE = 'secrets';

/** The secret of a new application, for the page that is opened next. @type {Application | null} */
let fresh = null;

/** Keeps the secret of an application for its page. @param {Application} application */
export const passSecret = (application) => { fresh = application.client_secret ? application : null; };

/** Shows the secret that an application got, if any. @param {State} state @param {Application} application */
export function revealSecret(state, { id, client_secret: value }) {
  if (value) reveal(state, MADE, { id, label: t('client-secret'), value });
}

/** The addresses in a text, one per line. @param {string} text */
const addresses = (text) => text.split(/\s+/).filter(Boolean);

/** The settings in the form, for the API. @param {Record<string, string>} values */
export function clientOf(values) {
  const isPublic = values.client_type === 'public';
  return {
    redirect_uris: addresses(values.redirect_uris),
    post_logout_redirect_uris: addresses(values.post_logout_redirect_uris),
    backchannel_logout_uri: values.backchannel_logout_uri.trim() || null,
    client_type: values.client_type,
    token_auth: isPublic ? 'none' : values.token_auth,
    signing: values.signing,
    pkce_optional: !isPublic && values.pkce_optional === 'on',
  };
}

/** @type {[string, string][]} */
const METHODS = [['client_secret_basic', t('client-auth-basic')], ['client_secret_post', t('client-auth-post')]];
/** @type {[string, string][]} */
const ALGORITHMS = [['RS256', 'RS256'], ['ES256', 'ES256']];
const ADVANCED = ['post_logout_redirect_uris', 'backchannel_logout_uri', 'token_auth', 'signing', 'pkce_optional'];

/** The fields of the form. @param {State} state @param {Application | null} one */
export function clientFields(state, one) {
  const { local, errors } = state;
  local.client_type ??= one?.client_type ?? 'confidential';
  const isPublic = local.client_type === 'public';
  const choose = (/** @type {Event} */ { target }) => {
    local.client_type = /** @type {HTMLInputElement} */ (target).value;
    state.update();
  };
  const option = (/** @type {string} */ type, /** @type {string} */ name, /** @type {string} */ hint) => html`<label>
    <input type="radio" name="client_type" value=${type} .checked=${local.client_type === type}><span>${name}<small>${hint}</small></span></label>`;
  const method = one?.token_auth && one.token_auth !== 'none' ? one.token_auth : 'client_secret_basic';
  return html`${field(state, {
    name: 'redirect_uris', label: t('client-redirect-uris'), hint: t('client-redirect-uris-hint'), lines: 2, value: (one?.redirect_uris ?? []).join('\n'),
  })}
    <fieldset class="field" data-field="client_type" @change=${choose}><legend>${t('client-type')}</legend><div class="choices">
      ${option('confidential', t('client-confidential'), t('client-confidential-hint'))}${option('public', t('client-public'), t('client-public-hint'))}</div></fieldset>
    <details class="stack" ?open=${ADVANCED.some((name) => errors[name])}><summary>${t('client-advanced')}</summary>
      ${field(state, {
        name: 'post_logout_redirect_uris', label: t('client-post-logout'), hint: t('client-post-logout-hint'), lines: 2, required: false,
        value: (one?.post_logout_redirect_uris ?? []).join('\n'),
      })}
      ${field(state, {
        name: 'backchannel_logout_uri', label: t('client-backchannel'), hint: t('client-backchannel-hint'), required: false, value: one?.backchannel_logout_uri ?? '',
      })}
      <div class="inline">
        ${isPublic ? nothing : field(state, { name: 'token_auth', label: t('client-auth'), options: METHODS, value: method })}
        ${field(state, { name: 'signing', label: t('client-signing'), options: ALGORITHMS, value: one?.signing ?? 'RS256' })}
      </div>
      ${isPublic ? nothing : html`<div class="field" data-field="pkce_optional"><div class="choices single"><label>
        <input type="checkbox" name="pkce_optional" .checked=${one?.pkce_optional ?? false}><span>${t('client-pkce-optional')}<small>${t('client-pkce-optional-hint')}</small></span></label></div></div>`}
    </details>`;
}

/** @param {Here} state */
function snippetView(state) {
  const { local, data: { snippets } } = state;
  const shown = snippets.find(({ name }) => name === local.snippet) ?? snippets[0];
  if (!shown) return nothing;
  const choose = (/** @type {Event} */ { target }) => {
    local.snippet = /** @type {HTMLSelectElement} */ (target).value;
    state.update();
  };
  return html`<h3>${t('client-snippets')}</h3>
    <p class="soft">${parts('client-snippets-lead', { help: html`<a href="/help/clients" target="_blank" data-outside>${t('client-help')}</a>` })}</p>
    <div class="field"><label for="snippet">${t('client-snippet')}</label>
      <select id="snippet" @change=${choose}>${snippets.map(({ name }) => html`<option value=${name} .selected=${name === shown.name}>${name}</option>`)}</select></div>
    <div class="copy"><pre class="told" tabindex="0" role="region" aria-label=${t('client-snippet')}>${shown.text}</pre>${copyButton(t('client-snippet'), shown.text)}</div>`;
}

/** What to enter in the application. @param {Here} state */
export function connectView(state) {
  const { application } = state.data;
  if (fresh?.id === application.id) {
    revealSecret(state, fresh);
    fresh = null;
  }
  const issuer = location.origin;
  return html`<section class="card stack"><h2>${t('client-connect')}</h2>
    <p>${t('client-connect-lead')}</p>
    ${onceView(state, MADE, { name: t('client-secret'), lead: t('client-secret-lead') })}
    ${copyable(t('client-issuer'), issuer)}
    ${copyable(t('client-id'), application.id)}
    ${application.pkce_optional ? html`<p class="notice warn">${t('client-weak-pkce')}</p>` : nothing}
    <details class="stack"><summary>${t('client-endpoints')}</summary>
      ${copyable(t('client-discovery'), `${issuer}/.well-known/openid-configuration`)}
      ${copyable(t('client-authorize'), `${issuer}/oauth2/authorize`)}
      ${copyable(t('client-token'), `${issuer}/oauth2/token`)}
      ${copyable(t('client-userinfo'), `${issuer}/oauth2/userinfo`)}
      ${copyable(t('client-logout'), `${issuer}/oauth2/logout`)}
    </details>
    ${snippetView(state)}
  </section>`;
}

/** The secrets of a confidential client. @param {Here} state */
export function secretsView(state) {
  const { application } = state.data;
  const secrets = application.secrets ?? [];
  if (application.client_type === 'public') return nothing;
  const path = `/applications/${application.id}/secrets`;
  const create = () => attempt(state, async () => {
    const { id, client_secret: value } = await post(path);
    reveal(state, MADE, { id, label: t('client-secret'), value });
    await state.reload();
    return t('client-secret-made');
  });
  const ask = (/** @type {ClientSecret} */ one) => confirm(state, {
    title: t('client-secret-delete-title'),
    action: t('client-secret-delete'),
    body: html`<p>${t('client-secret-delete-lead', { at: moment(one.created_at) })}</p>`,
    real: async () => {
      await remove(`${path}/${one.id}`);
      conceal(state, MADE, one.id);
    },
    done: t('client-secret-deleted'),
  });
  const row = (/** @type {ClientSecret} */ one) => html`<tr><td class="person"><strong>${t('client-secret-of', { at: moment(one.created_at) })}</strong>
      ${secrets.length > 1 ? nothing : html`<span class="soft">${t('client-secret-only')}</span>`}</td>
    <td class="end">${secrets.length > 1
      ? html`<button class="small danger" aria-label=${t('client-secret-delete-of', { at: moment(one.created_at) })} @click=${() => ask(one)}>${t('delete')}</button>`
      : nothing}</td></tr>`;
  return html`<section class="card stack"><h2>${t('client-secrets')}</h2>
    <p>${t('client-secrets-lead')}</p>
    ${table([t('client-secret'), t('actions')], secrets.map(row))}
    ${secrets.length > 1 ? nothing : html`<p><button @click=${create}>${t('client-secret-create')}</button></p>`}
  </section>`;
}
