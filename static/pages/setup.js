import { ApiError, post } from '../api.js';
import { field, fieldText, submit, submitButton } from '../ui/form.js';
import { dropToken, inspect, takeToken, unfinished } from '../ui/link_token.js';
import { isSetUp } from '../ui/installation.js';
import { planChoice } from '../ui/plans.js';
import { newPassword } from '../ui/strength.js';
import { t } from '../texts.js';
import { html } from '../vendor/lit-html.js';

/** @import { Page, Plan, State, Visit } from '../types.js' */
/** @typedef {State<Awaited<ReturnType<typeof load>>>} Here */

const TITLE = t('setup-title');

/** @param {Visit} visit */
async function load({ query }) {
  const token = takeToken(query);
  return { token, found: /** @type {{plans: Plan[]} | null} */ (isSetUp ? null : await inspect('/setup/inspect', token)) };
}

/** @param {Here} state */
function you(state) {
  const { token } = state.data;
  return html`<fieldset class="part"><legend>${t('setup-you')}</legend>
    <p class="soft">${t('setup-you-lead')}</p>
    ${field(state, { name: 'name', label: t('your-name'), autocomplete: 'name' })}
    ${field(state, { name: 'email', label: t('email'), type: 'email', autocomplete: 'username' })}
    ${newPassword(state, { name: 'password', label: t('password') }, () => ({ token, name: fieldText('name'), email: fieldText('email'), organisation: fieldText('organisation') }))}
  </fieldset>`;
}

/** @param {Here} state @param {Plan[]} plans */
function yours(state, plans) {
  return html`<fieldset class="part"><legend>${t('setup-organisation')}</legend>
    <p class="soft">${t('setup-organisation-lead')}</p>
    ${field(state, { name: 'organisation', label: t('organisation'), autocomplete: 'organization' })}
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
  return html`<p>${t('setup-lead')}</p>
    <form class="stack" @submit=${work}>${you(state)}${yours(state, plans)}${submitButton(state, t('setup-short-title'), 'primary wide')}</form>`;
}

const signIn = html`<p><a class="button primary wide" href="/login" data-outside>${t('login-submit')}</a></p>`;

const done = html`<p class="notice info">${t('setup-done-already')}</p>${signIn}`;

const used = html`<p class="notice bad" role="alert">${t('setup-over')}</p>
  <p>${t('setup-over-next')}</p>${signIn}`;

/** @param {Here} state */
function view(state) {
  const { token, found } = state.data;
  if (isSetUp) return html`<h1 tabindex="-1">${TITLE}</h1>${done}`;
  if (!token) return unfinished(TITLE);
  return html`<h1 tabindex="-1">${TITLE}</h1>${found ? form(state, found.plans) : used}`;
}

/** @type {Page} */
export const setup = { title: t('setup-short-title'), open: true, load, view };
