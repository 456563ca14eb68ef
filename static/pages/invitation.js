import { ApiError, get, post } from '../api.js';
import { PASSWORD_HINT, field, submit, submitButton } from '../ui/form.js';
import { ROLE, moment } from '../ui/format.js';
import { html } from '../vendor/lit-html.js';

/** @import { InspectedInvitation, Me, Page, State, Visit } from '../types.js' */
/** @typedef {State<Awaited<ReturnType<typeof load>>>} Here */

/**
 * Null where the server answers with this status.
 * @template T
 * @param {Promise<T>} asked
 * @param {number} status
 * @returns {Promise<T | null>}
 */
async function unless(asked, status) {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof ApiError && error.status === status) return null;
    throw error;
  }
}

/** @param {Visit} visit */
async function load({ query }) {
  const token = query.get('token') ?? '';
  const invitation = /** @type {InspectedInvitation | null} */ (await unless(post('/invitations/inspect', { token }), 404));
  // Whether the invited person is signed in here decides what is asked of them.
  return { token, invitation, reader: /** @type {Me | null} */ (await unless(get('/me'), 401)) };
}

/** @param {Here} state */
function accept(state) {
  return submit(state, async (values) => {
    const answer = await post('/invitations/accept', { token: state.data.token, ...values });
    location.assign(answer.accepted ? '/' : answer.portal_url);
  });
}

/** @param {InspectedInvitation} invitation */
function throughSso({ organisation, portal_url: portalUrl }) {
  return html`<p>${organisation} signs in with single sign-on alone. Your first sign-in there accepts the invitation.</p>
    <p><a class="button primary wide" href=${portalUrl} data-outside>Sign in with SSO</a></p>`;
}

/** @param {Here} state @param {InspectedInvitation} invitation */
function newPerson(state, invitation) {
  return html`<form @submit=${accept(state)}>
    <input hidden type="email" autocomplete="username" .value=${invitation.email} readonly>
    ${field(state, { name: 'name', label: 'Your name', autocomplete: 'name' })}
    ${field(state, { name: 'password', label: 'Choose a password', type: 'password', autocomplete: 'new-password', hint: PASSWORD_HINT })}
    ${submitButton(state, `Join ${invitation.organisation}`, 'primary wide')}
  </form>`;
}

/** @param {InspectedInvitation} invitation @param {Me | null} reader */
function signInFirst({ email }, reader) {
  const back = `/login?return=${encodeURIComponent(location.pathname + location.search)}`;
  return html`<p>There is an account for ${email} already. Sign in with its password; then you come back here.</p>
    ${reader && reader.person.email !== email ? html`<p class="soft">You are signed in as ${reader.person.email} now. That session ends.</p>` : ''}
    <p><a class="button primary wide" href=${back} data-outside>Sign in first</a></p>`;
}

/** @param {Here} state @param {InspectedInvitation} invitation */
function way(state, invitation) {
  const { reader } = state.data;
  if (invitation.saml_only) return throughSso(invitation);
  if (!invitation.account) return newPerson(state, invitation);
  if (!reader?.password || reader.person.email !== invitation.email) return signInFirst(invitation, reader);
  return html`<form @submit=${accept(state)}>${submitButton(state, `Join ${invitation.organisation}`, 'primary wide')}</form>`;
}

/** @param {Here} state */
function view(state) {
  const { invitation } = state.data;
  if (!invitation) {
    return html`<h1 tabindex="-1">This invitation no longer works</h1>
      <p>It lasts 24 hours, works once, and ends when a newer one is sent. Ask the person who invited you to send it again.</p>
      <p><a class="button wide" href="/login" data-outside>Sign in</a></p>`;
  }
  return html`<h1 tabindex="-1">Join ${invitation.organisation}</h1>
    <p><strong>${invitation.email}</strong> is invited to ${invitation.workspace} as ${ROLE[invitation.role]}.
      The invitation lasts until ${moment(invitation.expires_at)}.</p>
    ${way(state, invitation)}`;
}

/** @type {Page} */
export const invitation = { title: 'Invitation', open: true, load, view };
