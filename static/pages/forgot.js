import { post } from '../api.js';
import { field, submit, submitButton } from '../ui/form.js';
import { html } from '../vendor/lit-html.js';

/** @import { Page, State } from '../types.js' */

/** @param {State} state */
function form(state) {
  const work = submit(state, async ({ email }) => {
    state.local.answer = await post('/password-reset', { email });
  });
  return html`<p>Enter your e-mail address to get a link that sets a new password.</p>
    <p class="soft">If your organisation requires single sign-on, you need no password:
      <a href="/login" data-outside>sign in with SSO</a>.</p>
    <form @submit=${work}>
      ${field(state, { name: 'email', label: 'E-mail', type: 'email', autocomplete: 'username' })}
      ${submitButton(state, 'Send the link', 'primary wide')}
    </form>`;
}

/** The same whether or not an account has the address. @param {{mail_server: boolean}} answer */
function told({ mail_server: sends }) {
  return sends
    ? html`<p class="notice good" role="status">If an account has this address, a link is on its way. It works for 24 hours.
        If your organisation requires single sign-on, the e-mail says where to sign in.</p>`
    : html`<p class="notice warn" role="status">This server sends no mail. Ask your operator for a reset link.</p>`;
}

/** @param {State} state */
function view(state) {
  const { answer } = state.local;
  return html`<h1 tabindex="-1">Forgot your password?</h1>
    ${answer ? told(answer) : form(state)}
    <p><a href="/login" data-outside>Back to sign-in</a></p>`;
}

/** @type {Page} */
export const forgot = { title: 'Forgot your password?', open: true, view };
