import { post } from '../api.js';
import { PASSWORD_HINT, field, submit, submitButton } from '../ui/form.js';
import { html } from '../vendor/lit-html.js';

/** @import { Page, State } from '../types.js' */

/**
 * The plans of an empty database: nobody may ask for its list before the set-up.
 * @type {[string, string][]}
 */
const PLANS = [['starter', 'Starter'], ['business', 'Business'], ['enterprise', 'Enterprise, with single sign-on']];

/** @param {State} state */
function form(state) {
  const work = submit(state, async ({ name, email, password, organisation, plan }) => {
    await post('/setup', { token: state.query.get('token') ?? '', name, email, password, organisation, plan });
    location.assign('/');
  });
  return html`<form @submit=${work}>
    ${field(state, { name: 'name', label: 'Your name', autocomplete: 'name' })}
    ${field(state, { name: 'email', label: 'E-mail', type: 'email', autocomplete: 'username' })}
    ${field(state, { name: 'password', label: 'Password', type: 'password', autocomplete: 'new-password', hint: PASSWORD_HINT })}
    ${field(state, { name: 'organisation', label: 'Organisation', autocomplete: 'organization' })}
    ${field(state, { name: 'plan', label: 'Plan', options: PLANS, value: 'starter', hint: 'You can switch it at any time.' })}
    ${submitButton(state, 'Set up', 'primary wide')}
  </form>`;
}

/** @param {State} state */
function view(state) {
  return html`<h1 tabindex="-1">Set up Vestibule</h1>
    ${state.query.get('token')
      ? html`<p>You become the first operator, and admin of your own organisation and its first workspace.</p>${form(state)}`
      : html`<p class="notice warn">This address is not complete. Open the set-up link that Vestibule printed when it started.</p>`}`;
}

/** @type {Page} */
export const setup = { title: 'Set up', open: true, view };
