import { ApiError, get, post } from '../api.js';
import { field, fieldText, submit, submitButton } from '../ui/form.js';
import { ROLE, moment } from '../ui/format.js';
import { sendsMail } from '../ui/installation.js';
import { dropToken, inspect, takeToken, unfinished } from '../ui/link_token.js';
import { newPassword } from '../ui/strength.js';
import { html, nothing } from '../vendor/lit-html.js';

/** @import { InspectedInvitation, Me, Page, State, Visit } from '../types.js' */
/** @typedef {State<Awaited<ReturnType<typeof load>>>} Here */

/** The signed-in person, if any. @returns {Promise<Me | null>} */
async function whoReads() {
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
  const [invitation, reader] = await Promise.all([inspect('/invitations/inspect', token), whoReads()]);
  return { token, invitation: /** @type {InspectedInvitation | null} */ (invitation), reader };
}

/** @param {Here} state */
function accept(state) {
  return submit(state, async (values) => {
    try {
      const answer = await post('/invitations/accept', { token: state.data.token, ...values });
      dropToken();
      location.assign(answer.accepted ? '/' : answer.portal_url);
    } catch (error) {
      if (state.local.known && error instanceof ApiError && error.field === 'name') {
        state.local.known = false;
        throw new ApiError(0, { code: 'no_account', message: 'There is no account for this address. Give your name and choose a password.' });
      }
      if (!(error instanceof ApiError && ['sign_in_first', 'refused'].includes(error.code))) throw error;
      // The address has an account: its own password is asked for, in place of a new one.
      if (state.local.known) throw error;
      haveAccount(state);
    }
  });
}

/** @param {InspectedInvitation} invitation */
function throughSso({ organisation, portal_url: portalUrl }) {
  return html`<p>${organisation} uses only single sign-on. Your first sign-in there accepts the invitation.</p>
    <p><a class="button primary wide" href=${portalUrl} data-outside>Sign in with SSO</a></p>`;
}

/** Besides the password, where single sign-on is open. @param {InspectedInvitation} invitation */
function orThroughSso({ organisation, portal_url: portalUrl }) {
  if (!portalUrl) return nothing;
  return html`<p class="or">or</p>
    <p><a class="button wide" href=${portalUrl} data-outside>Continue with SSO</a></p>
    <p class="hint">Signing in to ${organisation} with single sign-on accepts the invitation; you need no password.</p>`;
}

/**
 * Says that another person who is signed in here will be signed out.
 * @param {InspectedInvitation} invitation
 * @param {Me | null} reader
 */
function endingSession({ email }, reader) {
  if (!reader || reader.person.email === email) return nothing;
  return html`<p class="soft">You are signed in as ${reader.person.email}. Joining signs you out of that account.</p>`;
}

/** @param {Here} state @param {InspectedInvitation} invitation */
function newPerson(state, invitation) {
  return html`${endingSession(invitation, state.data.reader)}<form @submit=${accept(state)}>
    <input hidden type="email" autocomplete="username" .value=${invitation.email} readonly>
    ${field(state, { name: 'name', label: 'Your name', autocomplete: 'name' })}
    ${newPassword(state, { name: 'password', label: 'Choose a password' }, () => ({ token: state.data.token, name: fieldText('name') }))}
    ${submitButton(state, `Join ${invitation.organisation}`, 'primary wide')}
  </form>
  ${orThroughSso(invitation)}
  <p><button class="quiet wide" @click=${() => haveAccount(state)}>I already have an account</button></p>`;
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
  state.local.known = false;
  state.errors = {};
  state.notice = null;
  state.update();
  document.getElementById('name')?.focus();
}

/**
 * How somebody gets a password who has an account without one, as after signing in only with another organisation's single sign-on:
 * that opens no other organisation.
 * @param {InspectedInvitation} invitation
 */
function withoutPassword({ email }) {
  const start = 'If you have only signed in with another organisation’s single sign-on, your account has no password yet.';
  return sendsMail
    ? html`<p class="hint"><a href="/forgot?return=/invitation">Forgot your password, or have none?</a> ${start} The link in our e-mail sets
        one; then come back to this page.</p>`
    : html`<div class="notice info"><strong>Forgot your password, or have none?</strong> ${start} This installation sends no e-mail: ask the
        person who invited you to get a password link for ${email} from an operator of this installation. Set a password with it, then
        open this invitation again.</div>`;
}

/** A session by another organisation's single sign-on does not speak for the account. @param {InspectedInvitation} invitation */
function speaksNotForAll({ account }) {
  return account ? html`<p class="soft">You are signed in with single sign-on, which opens only the organisation that it belongs to.</p>` : nothing;
}

/** @param {Here} state @param {InspectedInvitation} invitation */
function knownPerson(state, invitation) {
  return html`<p>Enter the password of your account ${invitation.email} to join ${invitation.organisation}.</p>
    ${speaksNotForAll(invitation)}${endingSession(invitation, state.data.reader)}
    <form @submit=${accept(state)}>
      <input hidden type="email" autocomplete="username" .value=${invitation.email} readonly>
      ${field(state, { name: 'password', label: 'Current password', type: 'password', autocomplete: 'current-password' })}
      ${submitButton(state, `Join ${invitation.organisation}`, 'primary wide')}
    </form>
    ${orThroughSso(invitation)}
    ${withoutPassword(invitation)}
    <p><button class="quiet wide" @click=${() => noAccount(state)}>I have no account yet</button></p>`;
}

/** @param {Here} state @param {InspectedInvitation} invitation */
function way(state, invitation) {
  const { reader } = state.data;
  if (invitation.saml_only) return throughSso(invitation);
  if (invitation.account && reader?.password) {
    return html`<form @submit=${accept(state)}>${submitButton(state, `Join ${invitation.organisation}`, 'primary wide')}</form>`;
  }
  return invitation.account || state.local.known ? knownPerson(state, invitation) : newPerson(state, invitation);
}

/** @param {Here} state */
function view(state) {
  const { token, invitation } = state.data;
  if (!token) return unfinished('Invitation');
  if (!invitation) {
    return html`<h1 tabindex="-1">This invitation no longer works</h1>
      <p>An invitation works once, until it expires or a newer one is sent. Ask the person who invited you to send it again.</p>
      <p><a class="button wide" href="/login" data-outside>Sign in</a></p>`;
  }
  return html`<h1 tabindex="-1">Join ${invitation.organisation}</h1>
    <p><strong>${invitation.email}</strong> is invited to ${invitation.workspace} as ${ROLE[invitation.role]}.
      The invitation is valid until ${moment(invitation.expires_at)}.</p>
    ${way(state, invitation)}`;
}

/** @type {Page} */
export const invitation = { title: 'Invitation', open: true, load, view };
