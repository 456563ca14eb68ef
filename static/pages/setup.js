import { post } from '../api.js';
import { field, outcome, submit } from '../ui/form.js';
import { html } from '../vendor/lit-html.js';

/** @type {[string, string][]} */
const PLANS = [['starter', 'Starter'], ['business', 'Business'], ['enterprise', 'Enterprise (with single sign-on)']];

/** @param {any} state */
function view(state) {
  const work = submit(state, async ({ name, email, password, organisation, plan }) => {
    await post('/setup', { token: state.query.get('token') ?? '', name, email, password, organisation, plan });
    location.assign('/');
  });
  return html`<div class="narrow card">
    <h1 tabindex="-1">Set up Vestibule</h1>
    <p>You become the first operator, and admin of your own organisation and its first workspace.</p>
    ${outcome(state)}
    <form @submit=${work}>
      ${field(state, { name: 'name', label: 'Your name', autocomplete: 'name' })}
      ${field(state, { name: 'email', label: 'E-mail', type: 'email', autocomplete: 'username' })}
      ${field(state, { name: 'password', label: 'Password', type: 'password', autocomplete: 'new-password', hint: 'At least 12 characters; a few uncommon words work well.' })}
      ${field(state, { name: 'organisation', label: 'Organisation', autocomplete: 'organization' })}
      ${field(state, { name: 'plan', label: 'Plan', options: PLANS, value: 'starter', hint: 'You can switch it at any time.' })}
      <button class="primary wide" ?disabled=${state.busy}>${state.busy ? 'Setting up …' : 'Set up'}</button>
    </form>
  </div>`;
}

/** @type {import('../router.js').Page} */
export const setup = { title: 'Set up', open: true, view };
