import { ApiError, post } from '../api.js';
import { field, fieldText, submit, submitButton } from '../ui/form.js';
import { dropToken, inspect, takeToken, unfinished } from '../ui/link_token.js';
import { planChoice } from '../ui/plans.js';
import { newPassword } from '../ui/strength.js';
import { html } from '../vendor/lit-html.js';

/** @import { Page, Plan, State, Visit } from '../types.js' */
/** @typedef {State<Awaited<ReturnType<typeof load>>>} Here */

const TITLE = 'Set up Vestibule';

/** @param {Visit} visit */
async function load({ query }) {
  const token = takeToken(query);
  return { token, found: /** @type {{plans: Plan[]} | null} */ (await inspect('/setup/inspect', token)) };
}

/** @param {Here} state */
function you(state) {
  const { token } = state.data;
  return html`<fieldset class="part"><legend>You</legend>
    <p class="soft">You become the first operator, the person who runs Vestibule.</p>
    ${field(state, { name: 'name', label: 'Your name', autocomplete: 'name' })}
    ${field(state, { name: 'email', label: 'E-mail', type: 'email', autocomplete: 'username' })}
    ${newPassword(state, { name: 'password', label: 'Password' }, () => ({ token, name: fieldText('name'), email: fieldText('email'), organisation: fieldText('organisation') }))}
  </fieldset>`;
}

/** @param {Here} state @param {Plan[]} plans */
function yours(state, plans) {
  return html`<fieldset class="part"><legend>Your organisation</legend>
    <p class="soft">The company whose people sign in here. You are its admin, and it gets a first workspace of the same name. More organisations can follow.</p>
    ${field(state, { name: 'organisation', label: 'Organisation', autocomplete: 'organization' })}
    ${planChoice(state, plans)}
  </fieldset>`;
}

/** @param {Here} state @param {Plan[]} plans */
function form(state, plans) {
  const work = submit(state, async ({ name, email, password, organisation, plan }) => {
    try {
      await post('/setup', { token: state.data.token, name, email, password, organisation, plan });
      dropToken();
    } catch (error) {
      if (!(error instanceof ApiError && error.status === 404)) throw error;
      state.data.found = null;
      return;
    }
    location.assign('/workspaces');
  });
  return html`<p>This takes a minute: who you are, and the first organisation. The next steps are shown afterwards.</p>
    <form class="stack" @submit=${work}>${you(state)}${yours(state, plans)}${submitButton(state, 'Set up', 'primary wide')}</form>`;
}

const used = html`<p class="notice bad" role="alert">This set-up link was used, or a newer one has been printed.</p>
  <p>If Vestibule is set up already, sign in. If not, open the link that it printed at its last start; each start prints a new one.</p>
  <p><a class="button primary wide" href="/login" data-outside>Sign in</a></p>`;

/** @param {Here} state */
function view(state) {
  const { token, found } = state.data;
  if (!token) return unfinished(TITLE);
  return html`<h1 tabindex="-1">${TITLE}</h1>${found ? form(state, found.plans) : used}`;
}

/** @type {Page} */
export const setup = { title: 'Set up', open: true, load, view };
