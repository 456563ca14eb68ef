import { ApiError, get, post } from '../api.js';
import { field, outcome, submit } from '../ui/form.js';
import { moment, word } from '../ui/format.js';
import { html } from '../vendor/lit-html.js';

/** @param {any} state */
const token = (state) => state.query.get('token') ?? '';

/** @param {any} state */
async function load(state) {
  state.data.invitation = await post('/invitations/inspect', { token: token(state) });
  // Whether the invited person is signed in here decides what is asked of them.
  state.me = await get('/me').catch((error) => {
    if (error instanceof ApiError) return null;
    throw error;
  });
}

/** @param {any} state */
function join(state) {
  return submit(state, async (values) => {
    const answer = await post('/invitations/accept', { token: token(state), ...values });
    location.assign(answer.accepted ? '/' : answer.portal_url);
  });
}

/** @param {any} state */
function how(state) {
  const { invitation } = state.data;
  const button = html`<button class="primary wide" ?disabled=${state.busy}>${state.busy ? 'Joining …' : `Join ${invitation.organisation}`}</button>`;
  if (invitation.saml_only) {
    return html`<p>${invitation.organisation} signs in with single sign-on. Your first sign-in there accepts the invitation.</p>
      <p><a class="button primary wide" href=${invitation.portal_url} data-outside>Sign in with SSO</a></p>`;
  }
  if (!invitation.account) {
    return html`<form @submit=${join(state)}>
      ${field(state, { name: 'name', label: 'Your name', autocomplete: 'name' })}
      ${field(state, { name: 'password', label: 'Choose a password', type: 'password', autocomplete: 'new-password', hint: 'At least 12 characters; a few uncommon words work well.' })}
      ${button}
    </form>`;
  }
  if (state.me?.password && state.me.person.email === invitation.email) {
    return html`<form @submit=${join(state)}>${button}</form>`;
  }
  const back = `/login?return=${encodeURIComponent(location.pathname + location.search)}`;
  return html`<p>There is an account for ${invitation.email} already. Sign in with its password; then you come back here.</p>
    <p><a class="button primary wide" href=${back} data-outside>Sign in first</a></p>`;
}

/** @param {any} state */
function view(state) {
  const { invitation } = state.data;
  return html`<div class="narrow card">
    <h1 tabindex="-1">Join ${invitation.organisation}</h1>
    <p>${invitation.email} is invited to <strong>${invitation.workspace}</strong> as ${word(invitation.role)}.
      The invitation lasts until ${moment(invitation.expires_at)}.</p>
    ${outcome(state)}
    ${how(state)}
  </div>`;
}

/** @type {import('../router.js').Page} */
export const invitation = { title: 'Invitation', open: true, load, view };
