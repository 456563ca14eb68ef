import { post } from '../api.js';
import { field, submit, submitButton } from '../ui/form.js';
import { newPassword } from '../ui/strength.js';
import { html } from '../vendor/lit-html.js';

/** @import { Page, State } from '../types.js' */

/**
 * The plans of an empty database, with what each is for: nobody may ask for its list before the set-up.
 * @type {[string, string, string][]}
 */
const PLANS = [
  ['starter', 'Starter', 'Up to 25 people and 10 workspaces.'],
  ['business', 'Business', 'Up to 250 people and 100 workspaces.'],
  ['enterprise', 'Enterprise', 'No limits, and single sign-on through your own identity provider.'],
];

/** What stands in a field of the form now. @param {string} name */
const typed = (name) => /** @type {HTMLInputElement | null} */ (document.getElementById(name))?.value ?? '';

/** @param {State} state */
function you(state) {
  const token = state.query.get('token') ?? '';
  return html`<fieldset class="part"><legend>You</legend>
    <p class="soft">You become the first operator: you run this Vestibule.</p>
    ${field(state, { name: 'name', label: 'Your name', autocomplete: 'name' })}
    ${field(state, { name: 'email', label: 'E-mail', type: 'email', autocomplete: 'username' })}
    ${newPassword(state, { name: 'password', label: 'Password' }, () => ({ token, email: typed('email'), organisation: typed('organisation') }))}
  </fieldset>`;
}

/** @param {State} state */
function yours(state) {
  return html`<fieldset class="part"><legend>Your organisation</legend>
    <p class="soft">The company whose people sign in here. You are its admin, and it gets a first workspace of the same name. More organisations can follow.</p>
    ${field(state, { name: 'organisation', label: 'Organisation', autocomplete: 'organization' })}
    <fieldset data-field="plan"><legend>Plan</legend>
      <div class="choices single">${PLANS.map(([id, name, text]) => html`<label>
        <input type="radio" name="plan" value=${id} ?checked=${id === 'starter'}><span>${name}<small>${text}</small></span></label>`)}</div>
      <p class="hint">You can switch it at any time.</p>
    </fieldset>
  </fieldset>`;
}

/** @param {State} state */
function form(state) {
  const work = submit(state, async ({ name, email, password, organisation, plan }) => {
    await post('/setup', { token: state.query.get('token') ?? '', name, email, password, organisation, plan });
    location.assign('/workspaces');
  });
  return html`<form class="stack" @submit=${work}>${you(state)}${yours(state)}${submitButton(state, 'Set up', 'primary wide')}</form>`;
}

/** @param {State} state */
function view(state) {
  return html`<h1 tabindex="-1">Set up Vestibule</h1>
    ${state.query.get('token')
      ? html`<p>One minute: who you are, and which organisation comes in first. What to do next is shown after it.</p>${form(state)}`
      : html`<p class="notice warn">This address is not complete. Open the set-up link that Vestibule printed when it started.</p>`}`;
}

/** @type {Page} */
export const setup = { title: 'Set up', open: true, view };
