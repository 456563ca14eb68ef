import { get, patch, put, remove } from '../api.js';
import { EVENTS, accountEvents } from '../ui/account_events.js';
import { appearance } from '../ui/appearance.js';
import { browserName } from '../ui/browser_name.js';
import { signInPage } from '../ui/sign_in_links.js';
import { confirm } from '../ui/dialog.js';
import { attempt, field, submit, submitButton } from '../ui/form.js';
import { METHOD, moment, together } from '../ui/format.js';
import { LANGUAGES, sendsMail } from '../ui/installation.js';
import { leaveNote, takeNote } from '../ui/notes.js';
import { pageHead } from '../ui/shell.js';
import { newPassword } from '../ui/strength.js';
import { table } from '../ui/table.js';
import { parts, t } from '../texts.js';
import { html, nothing } from '../vendor/lit-html.js';

/** @import { AccountEvent, Page, Session, State } from '../types.js' */
/** @typedef {State<Awaited<ReturnType<typeof load>>>} Here */

/** The note that the language was saved before the page was loaded again. */
const SAVED = 'saved';

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
    return t('account-ended');
  });
}

/** @param {Session} one */
function lastUsed({ address, last_seen_at }) {
  const at = moment(last_seen_at);
  return address ? t('account-last-used-from', { address, at }) : t('account-last-used', { at });
}

/** @param {Here} state @param {Session[]} others */
function endOthers(state, others) {
  confirm(state, {
    title: t('account-end-all-title'),
    action: t('sessions-end', { count: others.length }),
    body: html`<p>${t('account-end-all-lead')}</p>
      <ul class="lines names" tabindex="0" aria-label=${t('sessions-that-end')}>${others.map((one) => html`<li><strong>${browserName(one.agent)}</strong>
        <span class="soft">${lastUsed(one)}</span></li>`)}</ul>`,
    real: () => remove('/me/sessions'),
    done: t('account-ended-all'),
  });
}

/** The organisations that a session has access to, each with its sign-in method. @param {Session} one */
function opens({ opens, methods }) {
  if (opens.length) return html`<ul class="plain">${opens.map(({ organisation, method }) => html`<li>${organisation} <small>${t('signed-in-by', { method: METHOD[method] })}</small></li>`)}</ul>`;
  return methods.length ? t('account-opens-no-organisation', { methods: together(methods.map((method) => METHOD[method])) }) : t('account-opens-nothing');
}

/** @param {Here} state */
function sessions(state) {
  const { sessions } = state.data;
  const others = sessions.filter(({ current }) => !current);
  const ending = state.me.password && others.length
    ? html`<button class="danger small" @click=${() => endOthers(state, others)}>${t('account-end-all')}</button>` : nothing;
  // The current session first, then the one used last.
  const sorted = [...sessions].sort((a, b) => Number(b.current) - Number(a.current) || b.last_seen_at.localeCompare(a.last_seen_at));
  return html`<section class="card stack"><div class="row spread"><h2>${t('account-sessions')}</h2>${ending}</div>
    <p class="soft">${t('account-sessions-lead')}</p>
    ${table([t('account-browser'), t('account-opens'), t('account-signed-in'), t('keys-last-used'), t('actions')], sorted.map((one) => row(state, one)))}
  </section>`;
}

/** @param {Here} state @param {Session} one */
function row(state, one) {
  return html`<tr>
    <td><strong title=${one.agent}>${browserName(one.agent)}</strong>${one.address ? html`<small>${t('from-address-only', { address: one.address })}</small>` : nothing}</td>
    <td data-label=${t('account-opens')}>${opens(one)}</td>
    <td data-label=${t('account-signed-in')}>${moment(one.created_at)}</td>
    <td data-label=${t('keys-last-used')}>${moment(one.last_seen_at)}</td>
    <td class="end"><div class="row">${one.current
      ? html`<span class="badge good">${t('account-this-session')}</span>`
      : html`<button class="small danger" aria-label=${t('account-end-of', { at: moment(one.created_at) })} @click=${() => end(state, one)}>${t('account-end')}</button>`}</div></td>
  </tr>`;
}

/** @param {Here} state */
function profile(state) {
  const { person, password } = state.me;
  const save = submit(state, async ({ name, language }) => {
    const chosen = LANGUAGES.length ? { language: language || null } : {};
    await patch('/me', password ? { name, ...chosen } : chosen);
    if (!LANGUAGES.length || language === (person.language ?? '')) {
      await state.reload();
      return t('account-saved');
    }
    // The whole document is in one language, so it is loaded again, and shows the message in the new one.
    leaveNote(SAVED, 'language');
    location.reload();
    return undefined;
  });
  /** @type {[string, string, string?][]} */
  const languages = [['', t('account-language-of-browser')], ...LANGUAGES];
  return html`<section class="card stack"><h2>${t('account-you')}</h2>
    <p class="row"><span>${person.email}</span>${person.operator ? html`<span class="badge accent">${t('operator')}</span>` : nothing}</p>
    ${password || LANGUAGES.length ? html`<form @submit=${save}>
      <div class="inline">
        ${password ? field(state, { name: 'name', label: t('name'), value: person.name, autocomplete: 'name' }) : nothing}
        ${LANGUAGES.length ? field(state, { name: 'language', label: t('language'), options: languages, value: person.language ?? '' }) : nothing}
      </div>
      ${submitButton(state, t('save'))}
    </form>` : nothing}
    ${password ? newBrowser(state) : nothing}</section>`;
}

/** Whether the person gets an e-mail about sign-ins from new browsers. @param {Here} state */
function newBrowser(state) {
  const { person, organisations } = state.me;
  const always = person.operator || organisations.some(({ admin }) => admin);
  const change = (/** @type {Event} */ event) => attempt(state, async () => {
    await patch('/me', { notify_new_browser: /** @type {HTMLInputElement} */ (event.target).checked });
    await state.reload();
    return t('account-saved');
  });
  const hint = always ? t('account-new-browser-always') : t('account-new-browser-hint');
  const note = sendsMail ? nothing : html`<p class="notice info">${t('account-new-browser-no-mail')}</p>`;
  return html`<div class="choices single"><label><input type="checkbox" .checked=${always || person.notify_new_browser} ?disabled=${always} @change=${change}>
    <span>${t('account-new-browser')}<small>${hint}</small></span></label></div>${note}`;
}

/** @param {Here} state */
function password(state) {
  const change = submit(state, async ({ current_password, new_password }, form) => {
    await put('/me/password', { current_password, new_password });
    form.reset();
    state.local.strength = null;
    await state.reload();
    return t('account-password-changed');
  });
  return html`<section class="card stack"><h2>${t('password')}</h2>
    <form @submit=${change}>
      <input hidden type="email" autocomplete="username" .value=${state.me.person.email} readonly>
      <div class="inline">
        ${field(state, { name: 'current_password', label: t('current-password'), type: 'password', autocomplete: 'current-password' })}
        ${newPassword(state, { name: 'new_password', label: t('recover-new-password') })}
      </div>
      ${submitButton(state, t('account-change-password'))}
    </form></section>`;
}

/** How this session signed in, which is why it cannot change name and password. @param {Here} state */
function methodUsed({ me: { grants } }) {
  const by = (/** @type {string} */ method) => grants.some((one) => one.method === method);
  if (by('recovery')) return t('account-by-recovery');
  if (by('saml')) return t('account-by-saml');
  return t('account-by-something-else');
}

/** How to change name and password. No link is shown if none of these organisations accepts the password. @param {Here} state */
function howToChange({ me: { person: { email }, organisations } }) {
  const names = together(organisations.map(({ name }) => name));
  if (!organisations.some(({ password }) => password)) return t('account-password-refused', { names, count: organisations.length, email });
  return parts('account-password-wanted-for', { link: html`<a href=${signInPage('/account')} data-outside>${t('recovery-sign-in')}</a>`, email });
}

/** The changes that this session may make here, and the reason why name and password are not on the page. @param {Here} state */
function passwordWanted(state) {
  return html`<div class="notice info stack">
    <p><strong>${t('account-password-wanted')}</strong></p>
    <p>${methodUsed(state)} ${howToChange(state)}</p></div>`;
}

/** @param {Here} state */
function view(state) {
  const own = state.me.password;
  return html`${pageHead(t('your-account'))}
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
export const account = { title: t('your-account'), load, view, news: () => (takeNote(SAVED) ? t('account-saved') : null) };
