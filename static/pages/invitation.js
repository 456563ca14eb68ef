import { ApiError, get, post } from '../api.js';
import { field, fieldText, submit, submitButton } from '../ui/form.js';
import { moment, roleName } from '../ui/format.js';
import { sendsMail } from '../ui/installation.js';
import { dropToken, inspect, takeToken, unfinished } from '../ui/link_token.js';
import { portal } from '../ui/sign_in_links.js';
import { newPassword } from '../ui/strength.js';
import { parts, t } from '../texts.js';
import { html, nothing } from '../vendor/lit-html.js';

/** @import { InspectedInvitation, Me, Page, State, Visit } from '../types.js' */
/** @typedef {State<Awaited<ReturnType<typeof load>>>} Here */

/** The query parameter of this page after a single sign-on that began here. */
const THROUGH_SSO = 'sso';

/** The address of this page after a single sign-on: it says if the identity provider signed in another person. */
const BACK = `/invitation?${THROUGH_SSO}=1`;

/** The signed-in person, if any. @returns {Promise<Me | null>} */
async function signedInPerson() {
  try {
    return await get('/me');
  } catch (error) {
    if (error instanceof ApiError && error.status === 401) return null;
    throw error;
  }
}

/** @param {Visit} visit */
async function load({ query }) {
  const token = takeToken(query);
  // The form depends on whether the invited person is signed in here.
  const [invitation, reader] = await Promise.all([inspect('/invitations/inspect', token), signedInPerson()]);
  // A single sign-on that began here has accepted the invitation.
  if (query.has(THROUGH_SSO) && reader && !invitation) location.replace('/');
  return { token, invitation: /** @type {InspectedInvitation | null} */ (invitation), reader };
}

/** @param {Here} state */
function accept(state) {
  return submit(state, async (values) => {
    try {
      const answer = await post('/invitations/accept', { token: state.data.token, ...values });
      dropToken();
      location.assign(answer.accepted ? '/' : portal(answer.portal_url, BACK));
    } catch (error) {
      if (state.local.known && error instanceof ApiError && error.field === 'name') {
        state.local.known = false;
        throw new ApiError(0, { code: 'no_account', message: t('accept-no-account') });
      }
      if (!(error instanceof ApiError && ['sign_in_first', 'refused'].includes(error.code))) throw error;
      // The address has an account: the form asks for its password, not for a new one.
      if (state.local.known) throw error;
      state.local.found = true;
      haveAccount(state);
    }
  });
}

/** @param {InspectedInvitation} invitation */
function throughSso({ organisation, portal_url: portalUrl }) {
  return html`<p>${t('accept-only-sso', { organisation })}</p>
    <p><a class="button primary wide" href=${portal(portalUrl, BACK)} data-outside>${t('login-sso')}</a></p>`;
}

/** The link to single sign-on beside the password, if the organisation offers it. @param {InspectedInvitation} invitation */
function orThroughSso({ organisation, portal_url: portalUrl }) {
  if (!portalUrl) return nothing;
  return html`<p class="or">${t('login-or')}</p>
    <p><a class="button wide" href=${portal(portalUrl, BACK)} data-outside>${t('accept-continue-sso')}</a></p>
    <p class="hint">${t('accept-or-sso', { organisation })}</p>`;
}

/**
 * Says that another person who is signed in here will be signed out.
 * @param {InspectedInvitation} invitation
 * @param {Me | null} reader
 */
function endingSession({ email }, reader) {
  if (!reader || reader.person.email === email) return nothing;
  return html`<p class="soft">${t('accept-ends-session', { email: reader.person.email })}</p>`;
}

/** @param {Here} state @param {InspectedInvitation} invitation */
function newPerson(state, invitation) {
  return html`${endingSession(invitation, state.data.reader)}<form @submit=${accept(state)}>
    <input hidden type="email" autocomplete="username" .value=${invitation.email} readonly>
    ${field(state, { name: 'name', label: t('your-name'), autocomplete: 'name' })}
    ${newPassword(state, { name: 'password', label: t('accept-choose-password') }, () => ({ token: state.data.token, name: fieldText('name') }))}
    ${submitButton(state, t('accept-join', { organisation: invitation.organisation }), 'primary wide')}
  </form>
  ${orThroughSso(invitation)}
  <p><button class="quiet wide" @click=${() => haveAccount(state)}>${t('accept-have-account')}</button></p>`;
}

/** @param {Here} state */
function haveAccount(state) {
  state.local.known = true;
  state.errors = {};
  state.update();
  document.getElementById('password')?.focus();
}

/** @param {Here} state */
function noAccount(state) {
  Object.assign(state.local, { known: false, found: false });
  state.errors = {};
  state.notice = null;
  state.update();
  document.getElementById('name')?.focus();
}

/**
 * How to get a password for an account that has none, such as one that has signed in only through another organisation's single sign-on.
 * @param {InspectedInvitation} invitation
 */
function withoutPassword({ email }) {
  return sendsMail
    ? html`<p class="hint">${parts('accept-forgot-with-mail', { question: html`<a href="/forgot?return=/invitation">${t('accept-forgot')}</a>` })}</p>`
    : html`<div class="notice info">${parts('accept-forgot-by-hand', { question: html`<strong>${t('accept-forgot')}</strong>`, email })}</div>`;
}

/** Explains why a person who is signed in through another organisation's single sign-on has to enter a password. @param {InspectedInvitation} invitation */
function onlyOtherSso({ account }) {
  return account ? html`<p class="soft">${t('accept-signed-in-sso')}</p>` : nothing;
}

/** @param {Here} state @param {InspectedInvitation} invitation */
function knownPerson(state, invitation) {
  return html`${state.local.found ? html`<p class="notice info" role="status">${t('accept-account-found', { email: invitation.email })}</p>` : nothing}
    <p>${t('accept-password', { email: invitation.email, organisation: invitation.organisation })}</p>
    ${onlyOtherSso(invitation)}${endingSession(invitation, state.data.reader)}
    <form @submit=${accept(state)}>
      <input hidden type="email" autocomplete="username" .value=${invitation.email} readonly>
      ${field(state, { name: 'password', label: t('current-password'), type: 'password', autocomplete: 'current-password' })}
      ${submitButton(state, t('accept-join', { organisation: invitation.organisation }), 'primary wide')}
    </form>
    ${orThroughSso(invitation)}
    ${withoutPassword(invitation)}
    <p><button class="quiet wide" @click=${() => noAccount(state)}>${t('accept-have-none')}</button></p>`;
}

/** @param {Here} state @param {InspectedInvitation} invitation */
function way(state, invitation) {
  const { reader } = state.data;
  if (invitation.saml_only) return throughSso(invitation);
  if (invitation.account && reader?.password) {
    return html`<form @submit=${accept(state)}>${submitButton(state, t('accept-join', { organisation: invitation.organisation }), 'primary wide')}</form>`;
  }
  return invitation.account || state.local.known ? knownPerson(state, invitation) : newPerson(state, invitation);
}

/** An invitation that was used, has expired or was replaced. Most people who open such a link have already joined with it. @param {Me | null} reader */
function over(reader) {
  const email = html`<strong>${reader?.person.email}</strong>`;
  return html`<h1 tabindex="-1">${t('accept-over-title')}</h1>
    ${reader
      ? html`<p>${parts('accept-over-signed-in', { email })}</p>
        <p><a class="button primary wide" href="/" data-outside>${t('accept-over-onward')}</a></p>`
      : html`<p>${t('accept-over-joined')}</p>
        <p><a class="button primary wide" href="/login" data-outside>${t('login-submit')}</a></p>`}
    <p>${t('accept-over')}</p>`;
}

/** Says that a single sign-on that began here signed in another person than the invited one. @param {Here} state */
function otherPerson({ query, data: { invitation, reader } }) {
  if (!query.has(THROUGH_SSO) || !invitation || !reader || reader.person.email === invitation.email) return nothing;
  const told = parts('accept-other-person', { reader: html`<strong>${reader.person.email}</strong>`, email: html`<strong>${invitation.email}</strong>` });
  return html`<div class="notice warn" role="status"><p>${told}</p><p><a href="/" data-outside>${t('accept-other-onward', { reader: reader.person.email })}</a></p></div>`;
}

/** @param {Here} state */
function view(state) {
  const { token, invitation, reader } = state.data;
  if (!token) return unfinished(t('audit-kind-invitation'));
  if (!invitation) return over(reader);
  const { workspace } = invitation;
  const email = html`<strong>${invitation.email}</strong>`;
  return html`<h1 tabindex="-1">${t('accept-join', { organisation: invitation.organisation })}</h1>
    ${otherPerson(state)}
    <p>${parts('accept-lead', { email, workspace, role: roleName(invitation), at: moment(invitation.expires_at) })}</p>
    ${way(state, invitation)}`;
}

/** @type {Page} */
export const invitation = { title: t('audit-kind-invitation'), open: true, load, view };
