import { ApiError, post } from '../api.js';
import { PASSWORD_HINT, field, submit, submitButton } from '../ui/form.js';
import { html } from '../vendor/lit-html.js';

/** @import { Page, State } from '../types.js' */

/** @param {State} state */
function form(state) {
  const work = submit(state, async ({ password }) => {
    try {
      await post('/password-reset/finish', { token: state.query.get('token') ?? '', password });
      state.local.end = done;
    } catch (error) {
      if (!(error instanceof ApiError && error.status === 404)) throw error;
      state.local.end = gone(error.message);
    }
  });
  return html`<p>The link works once. When you are done, sign in with the new password.</p>
    <form @submit=${work}>
      ${field(state, { name: 'password', label: 'New password', type: 'password', autocomplete: 'new-password', hint: PASSWORD_HINT })}
      ${submitButton(state, 'Set password', 'primary wide')}
    </form>`;
}

const done = html`<p class="notice good" role="status">Your password is set.</p>
  <p><a class="button primary wide" href="/login" data-outside>Sign in</a></p>`;

/** @param {string} why */
const gone = (why) => html`<p class="notice bad" role="alert">${why}</p>
  <p><a class="button primary wide" href="/forgot">Ask for a new link</a></p>`;

/** @param {State} state */
function view(state) {
  return html`<h1 tabindex="-1">Set your password</h1>${state.local.end ?? form(state)}`;
}

/** @type {Page} */
export const reset = { title: 'Set your password', open: true, view };
