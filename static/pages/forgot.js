import { post } from '../api.js';
import { field, submit, submitButton } from '../ui/form.js';
import { sendsMail } from '../ui/installation.js';
import { takeNote } from '../ui/notes.js';
import { signInPage } from '../ui/sign_in_links.js';
import { parts, t } from '../texts.js';
import { html } from '../vendor/lit-html.js';

/** @import { Page, State } from '../types.js' */

/** The address that was typed on the sign-in page; `login.js` notes it. */
const load = async () => ({ email: takeNote('email') ?? '' });

/** The sign-in page, which redirects to the page that the person wanted. @param {State} state */
const signIn = ({ query }) => signInPage(query.get('return'));

/** @param {State} state */
const noPassword = (state) => html`<p class="soft">${parts('forgot-no-password', {
  link: html`<a href=${signIn(state)} data-outside>${t('forgot-no-password-link')}</a>`,
})}</p>`;

/** @param {State<{email: string}>} state */
function form(state) {
  const work = submit(state, async ({ email }) => {
    const path = state.query.get('return');
    await post('/password-reset', path ? { email, return: path } : { email });
    state.local.asked = true;
  });
  return html`<p>${t('forgot-lead')}</p>
    ${noPassword(state)}
    <form @submit=${work}>
      ${field(state, { name: 'email', label: t('email'), type: 'email', autocomplete: 'username', value: state.data.email })}
      ${submitButton(state, t('forgot-send'), 'primary wide')}
    </form>`;
}

/** The answer is the same whether or not an account has the address. */
const asked = html`<p class="notice good" role="status">${t('forgot-asked')}</p>`;

/** @param {State} state */
const byHand = (state) => html`<p class="notice info">${t('forgot-by-hand')}</p>
  ${noPassword(state)}`;

/** @param {State} state */
function view(state) {
  return html`<h1 tabindex="-1">${t('login-forgot')}</h1>
    ${sendsMail ? (state.local.asked ? asked : form(state)) : byHand(state)}
    <p><a href=${signIn(state)} data-outside>${t('forgot-back')}</a></p>`;
}

/** @type {Page} */
export const forgot = { title: t('login-forgot'), open: true, load, view };
