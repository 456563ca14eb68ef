import { ApiError, post } from '../api.js';
import { field, submit, submitButton } from '../ui/form.js';
import { dropToken, inspect, takeToken, unfinished } from '../ui/link_token.js';
import { portal, signInPage } from '../ui/sign_in_links.js';
import { newPassword } from '../ui/strength.js';
import { parts, t } from '../texts.js';
import { html, nothing } from '../vendor/lit-html.js';

/** @import { InspectedReset, Page, State, Visit } from '../types.js' */
/** @typedef {State<Awaited<ReturnType<typeof load>>>} Here */

const TITLE = t('reset-title');

/** @param {Visit} visit */
async function load({ query }) {
  const token = takeToken(query);
  const found = /** @type {InspectedReset | null} */ (await inspect('/password-reset/inspect', token));
  reset.title = found?.confirms_operator ? t('reset-confirm-title') : TITLE;
  return { token, reset: found };
}

/** The submit handler: uses the link with the password that was typed. @param {Here} state */
const use = (state) => submit(state, async ({ password }) => {
  try {
    await post('/password-reset/finish', { token: state.data.token, password });
    dropToken();
    state.local.done = true;
  } catch (error) {
    if (!(error instanceof ApiError && error.status === 404)) throw error;
    state.data.reset = null;
  }
});

/** The form in which a person with an account becomes an operator, by their current password. @param {Here} state @param {string} email */
function confirmation(state, email) {
  return html`<p>${parts('reset-confirm', { email: html`<strong>${email}</strong>` })}</p>
    <form @submit=${use(state)}>
      <input hidden type="email" autocomplete="username" .value=${email} readonly>
      ${field(state, { name: 'password', label: t('current-password'), type: 'password', autocomplete: 'current-password' })}
      ${submitButton(state, t('reset-confirm-title'), 'primary wide')}
    </form>
    <p class="hint">${parts('reset-forgot', { question: html`<a href="/forgot">${t('login-forgot')}</a>` })}</p>`;
}

/** The links to single sign-on, which the person needs in place of the password. @param {InspectedReset} reset */
const portals = ({ sso_only: ssoOnly = [], return: path }) => ssoOnly.map((one) => html`<p>
  <a class="button wide" href=${portal(one.portal_url, path)} data-outside>${t('reset-sso', { organisation: one.organisation })}</a></p>`);

/** Says where the password is not enough. @param {InspectedReset} reset */
function limits({ sso_only: ssoOnly = [], with_code: withCode, opens_nothing: opensNothing }) {
  if (opensNothing && !ssoOnly.length) return html`<p>${t('reset-opens-nothing')}</p>`;
  return ssoOnly.map(({ organisation, unconfirmed }) => html`<p>${unconfirmed ? t('reset-sso-unconfirmed', { organisation }) : t('reset-sso-only', { organisation })}
    ${withCode && !unconfirmed ? t('reset-choose-for-code') : nothing}</p>`);
}

/** @param {Here} state @param {InspectedReset} reset */
function form(state, reset) {
  const { token } = state.data;
  const email = html`<strong>${reset.email}</strong>`;
  return html`${reset.first ? html`<p>${t('reset-first')}</p>` : nothing}
    ${limits(reset)}${reset.opens_nothing ? portals(reset) : nothing}
    <p>${reset.opens_nothing ? parts('reset-choose-only', { email }) : parts('reset-choose', { email })} ${t('reset-sessions-end')}</p>
    <form @submit=${use(state)}>
      <input hidden type="email" autocomplete="username" .value=${reset.email} readonly>
      ${newPassword(state, { name: 'password', label: t('recover-new-password') }, () => ({ token }))}
      ${submitButton(state, t('reset-set'), 'primary wide')}
    </form>`;
}

/** @param {string} text @param {InspectedReset | null} reset its `return` is the page that the person wanted when they asked for the link */
function done(text, reset) {
  const signIn = html`<p><a class="button primary wide" href=${signInPage(reset?.return)} data-outside>${t('login-submit')}</a></p>`;
  return html`<p class="notice good" role="status">${text}</p>
    ${reset?.opens_nothing ? html`${limits(reset)}${portals(reset)}` : html`${signIn}${reset ? limits(reset) : nothing}`}`;
}

const gone = html`<p class="notice bad" role="alert">${t('reset-over')}</p>
  <p>${parts('reset-over-set', { link: html`<a href="/login" data-outside>${t('reset-over-sign-in')}</a>` })}</p>
  <p><a class="button primary wide" href="/forgot">${t('reset-again')}</a></p>`;

/** @param {Here} state */
function view(state) {
  const { token, reset } = state.data;
  if (!token) return unfinished(TITLE);
  const confirms = reset?.confirms_operator;
  const head = html`<h1 tabindex="-1">${confirms ? t('reset-confirm-title') : TITLE}</h1>`;
  if (state.local.done) return html`${head}${done(confirms ? t('reset-confirmed') : t('reset-done'), reset)}`;
  if (!reset) return html`${head}${gone}`;
  return html`${head}${confirms ? confirmation(state, reset.email) : form(state, reset)}`;
}

/** @type {Page} */
export const reset = { title: TITLE, open: true, load, view };
