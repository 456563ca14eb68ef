import { get, patch, put, remove } from '../api.js';
import { attempt, field, outcome, submit } from '../ui/form.js';
import { moment, word } from '../ui/format.js';
import { html, nothing } from '../vendor/lit-html.js';

/** @type {[string, string][]} */
const LANGUAGES = [['en', 'English']];

/** @param {any} state */
async function load(state) {
  state.data.sessions = (await get('/me/sessions')).items;
}

/** @param {any} state @param {any} one */
function end(state, one) {
  return attempt(state, async () => {
    await remove(`/me/sessions/${one.id}`);
    if (one.current) return location.assign('/login');
    await state.reload();
    return 'The session is ended.';
  });
}

/** @param {any} state @param {any} one */
function session(state, one) {
  return html`<tr>
    <td><strong>${one.agent || 'Unknown browser'}</strong> ${one.current ? html`<span class="badge good">this one</span>` : nothing}<br><small>${one.address}</small></td>
    <td data-label="Signed in">${moment(one.created_at)} <small>by ${one.methods.map(word).join(' and ') || 'nothing open'}</small></td>
    <td data-label="Last used">${moment(one.last_seen_at)}</td>
    <td class="end"><button class="small danger" aria-label="End the session of ${moment(one.created_at)}" @click=${() => end(state, one)}>${one.current ? 'Sign out' : 'End'}</button></td>
  </tr>`;
}

/** @param {any} state */
function profile(state) {
  const { person, password } = state.me;
  const save = submit(state, async ({ name, language }) => {
    await patch('/me', password ? { name, language } : { language });
    await state.reload();
    return 'Saved.';
  });
  return html`<section class="card"><h2>You</h2>
    <p>${person.email} ${person.operator ? html`<span class="badge">Operator</span>` : nothing}</p>
    <form @submit=${save}>
      ${password ? field(state, { name: 'name', label: 'Name', value: person.name, autocomplete: 'name' }) : nothing}
      ${field(state, { name: 'language', label: 'Language', options: LANGUAGES, value: person.language })}
      <button class="primary" ?disabled=${state.busy}>Save</button>
    </form></section>`;
}

/** @param {any} state */
function password(state) {
  const save = submit(state, async (values, form) => {
    await put('/me/password', values);
    form.reset();
    await state.reload();
    return 'Your password is changed. Your other sessions are ended.';
  });
  return html`<section class="card"><h2>Password</h2>
    <form @submit=${save}>
      ${field(state, { name: 'current_password', label: 'Current password', type: 'password', autocomplete: 'current-password' })}
      ${field(state, { name: 'new_password', label: 'New password', type: 'password', autocomplete: 'new-password', hint: 'At least 12 characters; a few uncommon words work well.' })}
      <button class="primary" ?disabled=${state.busy}>Change password</button>
    </form></section>`;
}

/** @param {any} state */
function view(state) {
  return html`<h1 tabindex="-1">Your account</h1>
    ${outcome(state)}
    ${state.me.password ? nothing : html`<p class="notice info">You came in through your identity provider. Sign in with your own password to change your name or password.</p>`}
    ${profile(state)}
    ${state.me.password ? password(state) : nothing}
    <section class="card"><h2>Sessions</h2>
      <table><thead><tr><th>Browser</th><th>Signed in</th><th>Last used</th><th><span class="hidden">Actions</span></th></tr></thead>
        <tbody>${state.data.sessions.map((/** @type {any} */ one) => session(state, one))}</tbody></table></section>`;
}

/** @type {import('../router.js').Page} */
export const account = { title: 'Your account', load, view };
