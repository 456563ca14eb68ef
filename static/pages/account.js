import { get, patch, put, remove } from '../api.js';
import { appearance } from '../ui/appearance.js';
import { browserName } from '../ui/browser_name.js';
import { PASSWORD_HINT, attempt, field, submit, submitButton } from '../ui/form.js';
import { METHOD, moment } from '../ui/format.js';
import { pageHead } from '../ui/shell.js';
import { table } from '../ui/table.js';
import { html, nothing } from '../vendor/lit-html.js';

/** @import { Page, Session, State } from '../types.js' */
/** @typedef {State<Awaited<ReturnType<typeof load>>>} Here */

/** @type {[string, string][]} */
const LANGUAGES = [['en', 'English']];

async function load() {
  return { sessions: /** @type {Session[]} */ ((await get('/me/sessions')).items) };
}

/** @param {Here} state @param {Session} one */
function end(state, one) {
  return attempt(state, async () => {
    await remove(`/me/sessions/${one.id}`);
    await state.reload();
    return 'The session is ended.';
  });
}

/** @param {Here} state @param {Session} one */
function row(state, one) {
  const methods = one.methods.map((method) => METHOD[method]).join(' and ');
  return html`<tr>
    <td><strong title=${one.agent}>${browserName(one.agent)}</strong><small>${one.address}${methods ? `, by ${methods}` : ''}</small></td>
    <td data-label="Opens">${one.organisations.join(', ') || 'nothing at present'}</td>
    <td data-label="Signed in">${moment(one.created_at)}</td>
    <td data-label="Last used">${moment(one.last_seen_at)}</td>
    <td class="end"><div class="row">${one.current
      ? html`<span class="badge good">This session</span>`
      : html`<button class="small danger" aria-label="End the session of ${moment(one.created_at)}" @click=${() => end(state, one)}>End</button>`}</div></td>
  </tr>`;
}

/** @param {Here} state */
function profile(state) {
  const { person, password } = state.me;
  const save = submit(state, async ({ name, language }) => {
    await patch('/me', password ? { name, language } : { language });
    await state.reload();
    return 'Your settings are saved.';
  });
  return html`<section class="card stack"><h2>You</h2>
    <p class="row"><span>${person.email}</span>${person.operator ? html`<span class="badge accent">Operator</span>` : nothing}</p>
    <form @submit=${save}>
      <div class="inline">
        ${password ? field(state, { name: 'name', label: 'Name', value: person.name, autocomplete: 'name' }) : nothing}
        ${field(state, { name: 'language', label: 'Language', options: LANGUAGES, value: person.language })}
      </div>
      ${submitButton(state, 'Save')}
    </form></section>`;
}

/** @param {Here} state */
function password(state) {
  const change = submit(state, async ({ current_password, new_password }, form) => {
    await put('/me/password', { current_password, new_password });
    form.reset();
    await state.reload();
    return 'Your password is changed. Your other sessions are ended.';
  });
  return html`<section class="card stack"><h2>Password</h2>
    <form @submit=${change}>
      <input hidden type="email" autocomplete="username" .value=${state.me.person.email} readonly>
      <div class="inline">
        ${field(state, { name: 'current_password', label: 'Current password', type: 'password', autocomplete: 'current-password' })}
        ${field(state, { name: 'new_password', label: 'New password', type: 'password', autocomplete: 'new-password', hint: PASSWORD_HINT })}
      </div>
      ${submitButton(state, 'Change password')}
    </form></section>`;
}

function passwordWanted() {
  return html`<p class="notice info">You came in through your identity provider. To change your name or password, sign in with your own
    password: <a href="/login?return=/account" data-outside>Sign in</a>.</p>`;
}

/** @param {Here} state */
function view(state) {
  const own = state.me.password;
  return html`${pageHead('Your account')}
    <div class="stack">
      ${own ? nothing : passwordWanted()}
      ${profile(state)}
      ${own ? password(state) : nothing}
      ${appearance()}
      <section class="card stack"><h2>Sessions</h2>
        <p class="soft">Where you are signed in. End what you do not know.</p>
        ${table(['Browser', 'Opens', 'Signed in', 'Last used', 'Actions'], state.data.sessions.map((one) => row(state, one)))}
      </section>
    </div>`;
}

/** @type {Page} */
export const account = { title: 'Your account', load, view };
