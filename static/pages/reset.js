import { ApiError, post } from '../api.js';
import { submit, submitButton } from '../ui/form.js';
import { dropToken, inspect, takeToken, unfinished } from '../ui/link_token.js';
import { newPassword } from '../ui/strength.js';
import { html } from '../vendor/lit-html.js';

/** @import { Page, State, Visit } from '../types.js' */
/** @typedef {State<Awaited<ReturnType<typeof load>>>} Here */

const TITLE = 'Set your password';

/** @param {Visit} visit */
async function load({ query }) {
  const token = takeToken(query);
  return { token, reset: /** @type {{email: string} | null} */ (await inspect('/password-reset/inspect', token)) };
}

/** @param {Here} state @param {string} email */
function form(state, email) {
  const { token } = state.data;
  const work = submit(state, async ({ password }) => {
    try {
      await post('/password-reset/finish', { token, password });
      dropToken();
      state.local.done = true;
    } catch (error) {
      if (!(error instanceof ApiError && error.status === 404)) throw error;
      state.data.reset = null;
    }
  });
  return html`<p>For <strong>${email}</strong>. The link works once. When you are done, sign in with the new password.</p>
    <form @submit=${work}>
      <input hidden type="email" autocomplete="username" .value=${email} readonly>
      ${newPassword(state, { name: 'password', label: 'New password' }, () => ({ token }))}
      ${submitButton(state, 'Set password', 'primary wide')}
    </form>`;
}

const done = html`<p class="notice good" role="status">Your password is set.</p>
  <p><a class="button primary wide" href="/login" data-outside>Sign in</a></p>`;

const gone = html`<p class="notice bad" role="alert">This link is used or expired.</p>
  <p><a class="button primary wide" href="/forgot">Ask for a new link</a></p>`;

/** @param {Here} state */
function view(state) {
  const { token, reset } = state.data;
  if (!token) return unfinished(TITLE);
  if (state.local.done) return html`<h1 tabindex="-1">${TITLE}</h1>${done}`;
  return html`<h1 tabindex="-1">${TITLE}</h1>${reset ? form(state, reset.email) : gone}`;
}

/** @type {Page} */
export const reset = { title: TITLE, open: true, load, view };
