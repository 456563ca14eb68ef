import { post } from '../api.js';
import { field, submit, submitButton } from '../ui/form.js';
import { sendsMail } from '../ui/installation.js';
import { html } from '../vendor/lit-html.js';

/** @import { Page, State } from '../types.js' */

/** Back to signing in, and then on to where the person was going. @param {State} state */
function signIn({ query }) {
  const path = query.get('return');
  return path ? `/login?${new URLSearchParams({ return: path })}` : '/login';
}

/** @param {State} state */
const noPassword = (state) => html`<p class="soft">If your organisation requires single sign-on, you need no password:
  <a href=${signIn(state)} data-outside>sign in with SSO</a>.</p>`;

/** @param {State} state */
function form(state) {
  const work = submit(state, async ({ email }) => {
    const path = state.query.get('return');
    await post('/password-reset', path ? { email, return: path } : { email });
    state.local.asked = true;
  });
  return html`<p>Enter your e-mail address to get a link that sets a new password.</p>
    ${noPassword(state)}
    <form @submit=${work}>
      ${field(state, { name: 'email', label: 'E-mail', type: 'email', autocomplete: 'username' })}
      ${submitButton(state, 'Send the link', 'primary wide')}
    </form>`;
}

/** The same whether or not an account has the address. */
const asked = html`<p class="notice good" role="status">If an account has this address, a link is on its way. It works for 24 hours.
  If your organisation requires single sign-on, the e-mail says where to sign in.</p>`;

/** @param {State} state */
const byHand = (state) => html`<p class="notice info">This installation sends no e-mail. Ask an operator, the person who runs it, for a link
    that sets a new password. If you do not know one, ask an admin of your organisation.</p>
  ${noPassword(state)}`;

/** @param {State} state */
function view(state) {
  return html`<h1 tabindex="-1">Forgot your password?</h1>
    ${sendsMail ? (state.local.asked ? asked : form(state)) : byHand(state)}
    <p><a href=${signIn(state)} data-outside>Back to sign-in</a></p>`;
}

/** @type {Page} */
export const forgot = { title: 'Forgot your password?', open: true, view };
