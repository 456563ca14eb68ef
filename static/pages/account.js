import { get, patch, put, remove } from '../api.js';
import { EVENTS, accountEvents } from '../ui/account_events.js';
import { appearance } from '../ui/appearance.js';
import { browserName } from '../ui/browser_name.js';
import { confirm } from '../ui/dialog.js';
import { attempt, field, submit, submitButton } from '../ui/form.js';
import { METHOD, moment, plural } from '../ui/format.js';
import { pageHead } from '../ui/shell.js';
import { newPassword } from '../ui/strength.js';
import { table } from '../ui/table.js';
import { html, nothing } from '../vendor/lit-html.js';

/** @import { AccountEvent, Page, Session, State } from '../types.js' */
/** @typedef {State<Awaited<ReturnType<typeof load>>>} Here */

/** @type {[string, string][]} */
const LANGUAGES = [['en', 'English']];

async function load() {
  const [sessions, events] = await Promise.all([get('/me/sessions'), get(EVENTS)]);
  return {
    sessions: /** @type {Session[]} */ (sessions.items),
    items: /** @type {AccountEvent[]} */ (events.items),
    next: /** @type {string | null} */ (events.next),
  };
}

/** @param {Here} state @param {Session} one */
function end(state, one) {
  return attempt(state, async () => {
    await remove(`/me/sessions/${one.id}`);
    await state.reload();
    return 'The session is ended.';
  });
}

/** @param {Here} state @param {Session[]} others */
function endOthers(state, others) {
  confirm(state, {
    title: 'End all other sessions?',
    action: `End ${plural(others.length, 'session', 'sessions')}`,
    body: html`<p>You stay signed in here. Everywhere else you have to sign in again:</p>
      <ul class="lines names" tabindex="0" aria-label="Sessions that end">${others.map((one) => html`<li><strong>${browserName(one.agent)}</strong>
        <span class="soft">${one.address ? `${one.address}, ` : ''}last used ${moment(one.last_seen_at)}</span></li>`)}</ul>`,
    real: () => remove('/me/sessions'),
    done: 'Your other sessions are ended.',
  });
}

/** What it opens, and how it signed in for that. @param {Session} one */
function opens({ opens, methods }) {
  if (opens.length) return html`<ul class="plain">${opens.map(({ organisation, method }) => html`<li>${organisation} <small>by ${METHOD[method]}</small></li>`)}</ul>`;
  return methods.length ? `No organisation, by ${methods.map((method) => METHOD[method]).join(' and ')}` : 'Nothing at present';
}

/** @param {Here} state */
function sessions(state) {
  const { sessions } = state.data;
  const others = sessions.filter(({ current }) => !current);
  const ending = state.me.password && others.length
    ? html`<button class="danger small" @click=${() => endOthers(state, others)}>End all others</button>` : nothing;
  // This one first, then the one used last.
  const sorted = [...sessions].sort((a, b) => Number(b.current) - Number(a.current) || b.last_seen_at.localeCompare(a.last_seen_at));
  return html`<section class="card stack"><div class="row spread"><h2>Sessions</h2>${ending}</div>
    <p class="soft">Where you are signed in. End any session you don’t recognise.</p>
    ${table(['Browser', 'Opens', 'Signed in', 'Last used', 'Actions'], sorted.map((one) => row(state, one)))}
  </section>`;
}

/** @param {Here} state @param {Session} one */
function row(state, one) {
  return html`<tr>
    <td><strong title=${one.agent}>${browserName(one.agent)}</strong>${one.address ? html`<small>from ${one.address}</small>` : nothing}</td>
    <td data-label="Opens">${opens(one)}</td>
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
    </form>
    ${password ? newBrowser(state) : nothing}</section>`;
}

/** Who is told of each unknown browser. @param {Here} state */
function newBrowser(state) {
  const { person, organisations } = state.me;
  const always = person.operator || organisations.some(({ admin }) => admin);
  const change = (/** @type {Event} */ event) => attempt(state, async () => {
    await patch('/me', { notify_new_browser: /** @type {HTMLInputElement} */ (event.target).checked });
    await state.reload();
    return 'Your settings are saved.';
  });
  const hint = always ? 'Always on for operators and organisation admins.' : 'A browser is new until you have signed in from it once.';
  return html`<div class="choices single"><label><input type="checkbox" .checked=${always || person.notify_new_browser} ?disabled=${always} @change=${change}>
    <span>Mail me when someone signs in as me from a new browser<small>${hint}</small></span></label></div>`;
}

/** @param {Here} state */
function password(state) {
  const change = submit(state, async ({ current_password, new_password }, form) => {
    await put('/me/password', { current_password, new_password });
    form.reset();
    state.local.strength = null;
    await state.reload();
    return 'Your password is changed. Your other sessions are ended.';
  });
  return html`<section class="card stack"><h2>Password</h2>
    <form @submit=${change}>
      <input hidden type="email" autocomplete="username" .value=${state.me.person.email} readonly>
      <div class="inline">
        ${field(state, { name: 'current_password', label: 'Current password', type: 'password', autocomplete: 'current-password' })}
        ${newPassword(state, { name: 'new_password', label: 'New password' })}
      </div>
      ${submitButton(state, 'Change password')}
    </form></section>`;
}

/** How this session came in, where name and password are not its own to change. @param {Here} state */
function cameIn({ me: { grants } }) {
  const by = (/** @type {string} */ method) => grants.some((one) => one.method === method);
  if (by('recovery')) return 'You signed in by recovery, which gives access to your organisation’s sign-in settings, not to your own.';
  if (by('saml')) return 'You signed in through your identity provider.';
  return 'You did not sign in with your own password.';
}

/** What this session may do here, and why the rest is not on the page. @param {Here} state */
function passwordWanted(state) {
  return html`<div class="notice info stack">
    <p><strong>Here you can change your language and colours, and end your other sessions.</strong></p>
    <p>${cameIn(state)} Your name, password and mail settings apply to every organisation, so they can be changed only after you have signed in with your
      own password: <a href="/login?return=/account" data-outside>Sign in with your password</a>. If you have no password, you need none here: your
      organisation’s admins know you by ${state.me.person.email}.</p></div>`;
}

/** @param {Here} state */
function view(state) {
  const own = state.me.password;
  return html`${pageHead('Your account')}
    <div class="stack">
      ${own ? nothing : passwordWanted(state)}
      ${profile(state)}
      ${own ? password(state) : nothing}
      ${appearance()}
      ${sessions(state)}
      ${accountEvents(state)}
    </div>`;
}

/** @type {Page} */
export const account = { title: 'Your account', load, view };
