import { get, remove } from '../api.js';
import { copyable } from '../ui/copy.js';
import { confirmEffect } from '../ui/dialog.js';
import { outcome } from '../ui/form.js';
import { PROVIDERS } from '../ui/guides.js';
import { moment } from '../ui/format.js';
import { organisationTabs } from '../ui/shell.js';
import { ssoForm } from '../ui/sso_form.js';
import { html, nothing } from '../vendor/lit-html.js';

/** @param {any} state */
async function load(state) {
  const base = `/organisations/${state.params.org}`;
  const [organisation, connection] = await Promise.all([get(base), get(`${base}/sso`)]);
  const key = state.data.key ?? connection.portal_key ?? connection.suggested_portal_key;
  const provider = state.data.provider ?? connection.provider ?? 'google';
  const certificates = state.data.certificates ?? connection.certificates.map((/** @type {any} */ one) => one.pem);
  state.data = { ...state.data, base, organisation, connection, key, provider, certificates };
}

/** @param {any} state */
function ours(state) {
  const { connection, key } = state.data;
  const origin = new URL(connection.entity_id).origin;
  return html`<section class="card"><h2>Our values, for your identity provider</h2>
    ${copyable('Entity ID', connection.entity_id)}
    ${copyable('Callback URL', connection.callback_url)}
    ${copyable('Portal URL', `${origin}/sso?key=${key}`)}
    <p class="soft">Members begin at the Portal URL, or type the portal key on the sign-in page.
      <a href=${connection.entity_id} data-outside>Our metadata</a></p>
  </section>`;
}

/** @param {any} state */
function status(state) {
  const { connection } = state.data;
  const back = encodeURIComponent(location.pathname);
  const test = `/sso?key=${encodeURIComponent(connection.portal_key ?? '')}&test=1&return=${back}`;
  const button = html`<a class="button primary" href=${test} data-outside>Test sign-in</a>`;
  if (connection.status === 'draft') {
    return html`<div class="notice warn"><p><strong>Draft.</strong> Members cannot sign in through SSO yet. Test it once as yourself, ${state.me.person.email}; then it is ready.</p>
      <p class="row">${button}<a href="${location.pathname}/attempts">See what happened</a></p></div>`;
  }
  if (connection.status === 'ready') {
    return html`<div class="notice good"><p><strong>Ready</strong> since ${moment(connection.tested_at)}. Members sign in through SSO${connection.saml_only ? ' only' : ', or with their password'}.</p>
      <p class="row">${button}<a href="${location.pathname}/attempts">Sign-ins so far</a></p></div>`;
  }
  return nothing;
}

/** @param {any} connection */
function certificates(connection) {
  if (!connection.certificates.length) return nothing;
  return html`<section class="card"><h2>Certificates in use</h2><ul class="lines">
    ${connection.certificates.map((/** @type {any} */ one) => html`<li><strong>${one.subject || 'no name'}</strong> <span class="badge">${one.key}</span>
      until ${moment(one.not_after)}<br><small>SHA-256 <code>${one.fingerprint}</code></small></li>`)}
  </ul></section>`;
}

/** @param {any} state */
function removal(state) {
  const path = `${state.data.base}/sso`;
  const ask = () => confirmEffect(state, {
    title: 'Remove single sign-on?',
    action: 'Remove connection',
    dry: () => remove(`${path}?dry_run=true`),
    real: () => remove(path),
    done: 'The connection is removed.',
  });
  return html`<section class="card"><h2>Remove</h2>
    <p>Members then sign in with their password alone. You see who is concerned before it happens.</p>
    <button class="danger" @click=${ask}>Remove connection</button></section>`;
}

/** @param {any} state */
function upgrade(state) {
  const { organisation } = state.data;
  return html`<div class="notice info"><p><strong>Single sign-on comes with the Enterprise plan.</strong> ${organisation.name} is on ${organisation.plan.name}.
    ${state.me.person.operator ? html`<a href="/o/${organisation.slug}/settings">Switch the plan</a>` : 'Ask the operator to switch the plan.'}</p></div>`;
}

/** @param {any} state */
function guide(state) {
  const provider = PROVIDERS[state.data.provider];
  return html`<section class="card"><h2>How to, at ${provider.name === 'Other' ? 'your provider' : provider.name}</h2>
    <ol class="steps">${provider.steps.map((step) => html`<li>${step}</li>`)}</ol>
    ${provider.note ? html`<p class="soft">${provider.note}</p>` : nothing}</section>`;
}

/** @param {any} state */
function view(state) {
  const { organisation, connection } = state.data;
  return html`${organisationTabs(state, organisation)}
    <h1 tabindex="-1">Single sign-on (SAML 2.0)</h1>
    ${outcome(state)}
    ${connection.available ? status(state) : upgrade(state)}
    ${ours(state)}
    ${connection.available ? html`${ssoForm(state, guide(state))}${certificates(connection)}` : certificates(connection)}
    ${connection.available && connection.status !== 'none' ? removal(state) : nothing}`;
}

/** @type {import('../router.js').Page} */
export const sso = { title: 'Single sign-on', load, view };
