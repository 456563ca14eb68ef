import { list, post, remove } from '../api.js';
import { confirm, confirmEffect } from '../ui/dialog.js';
import { sentencesView } from '../ui/effect.js';
import { disabling, passwordLink } from '../ui/disabling.js';
import { field, submitButton } from '../ui/form.js';
import { knownPasswords } from '../ui/known_passwords.js';
import { plural } from '../ui/format.js';
import { keyRow, newKey } from '../ui/keys.js';
import { onceView, reveal } from '../ui/once.js';
import { empty, pageHead } from '../ui/shell.js';
import { table } from '../ui/table.js';
import { html, nothing } from '../vendor/lit-html.js';

/** @import { Effect, Key, Operator, Page, State } from '../types.js' */
/** @typedef {State<Awaited<ReturnType<typeof load>>>} Here */

async function load() {
  const [operators, keys] = await Promise.all([list('/operators'), list('/keys')]);
  return { operators: /** @type {Operator[]} */ (operators), keys: /** @type {Key[]} */ (keys) };
}

/** @param {Here} state @param {Operator} one */
function askToWithdraw(state, one) {
  confirm(state, {
    title: `Withdraw the link of ${one.email}?`,
    action: 'Withdraw link',
    body: html`<p>Their link stops working, and they do not become an operator. Their account stays as it is.</p>`,
    real: () => remove(`/operators/${one.user}`),
    done: `The link of ${one.email} no longer works.`,
  });
}

/** @param {Here} state @param {Operator} one */
function askToRemove(state, one) {
  if (one.pending) return askToWithdraw(state, one);
  return confirmEffect(state, {
    title: `Remove ${one.email} as operator?`,
    action: 'Remove operator',
    danger: true,
    view: ({ loses, counts, warnings }) => html`<div class="stack">
      <p>They lose their operator rights, and links that they created as operator stop working. They keep their own memberships.</p>
      ${sentencesView(loses.filter(({ user }) => user !== one.user), counts.loses - 1)}
      ${warnings.map((warning) => html`<p class="notice warn">${warning}</p>`)}</div>`,
    dry: (query) => remove(`/operators/${one.user}?${query}`),
    real: (_typed, query) => remove(`/operators/${one.user}${query && `?${query}`}`),
    choice: knownPasswords('they'),
    done: `${one.email} is no longer an operator.`,
    to: one.user === state.me.person.id ? '/workspaces' : undefined,
  });
}

/** @param {Here} state @param {Operator} one */
function makeLink(state, one) {
  return passwordLink(state, one, (url) => {
    show(state, one.email, url, 'sets their password');
    return 'The link to pass on is under “New operator”.';
  });
}

/** @param {Here} state @param {Operator} one */
function row(state, one) {
  return html`<tr>
    <td class="person"><strong>${one.name}</strong><small>${one.email}</small>
      ${one.pending ? html`<span class="badge warn">Link not used yet</span>` : nothing}
      ${one.disabled ? html`<span class="badge bad">Disabled</span>` : nothing}</td>
    <td data-label="Password" class="short">${one.password ? 'set' : 'none yet'}</td>
    <td class="end"><div class="row">
      ${one.pending ? nothing : html`<button class="small" aria-label="Password link for ${one.email}" @click=${() => makeLink(state, one)}>Password link</button>`}
      ${disabling(state, one)}
      <button class="small danger" aria-label="Remove ${one.email}" @click=${() => askToRemove(state, one)}>Remove</button>
    </div></td>
  </tr>`;
}

/** The links that were made on this page. */
const MADE = 'made-links';

/** @param {Here} state */
const links = (state) => onceView(state, MADE, {
  name: 'One-time link for an operator',
  things: 'links',
  lead: 'Pass on the link yourself: it works once and will not be shown again.',
});

/** @param {Here} state @param {string} email @param {string} url @param {string} use what the link does */
const show = (state, email, url, use) => reveal(state, MADE, { id: email, label: `${email}: ${use}`, value: url });

/** The message after an operator was added. @param {Operator} added */
function told({ email, pending, accept_url }) {
  const how = pending ? 'becomes an operator once they have opened their link and entered their current password.' : 'is now an operator.';
  return `${email} ${how}${accept_url ? ' The link to pass on is under “New operator”.' : ' We have mailed them the link.'}`;
}

/** The effect of adding an operator, in sentences. @param {Effect} effect */
const whatHappens = ({ keeps, loses, warnings, counts }) => html`<div class="stack">
  ${[...keeps, ...loses].map((line) => html`<p><strong>${line.email}</strong> ${line.reason}.</p>`)}
  ${counts.sessions ? html`<p class="notice warn">${plural(counts.sessions, 'session of theirs ends', 'sessions of theirs end')} at once.</p>` : nothing}
  ${warnings.map((warning) => html`<p>${warning}</p>`)}
</div>`;

/** @param {Here} state */
function adding(state) {
  const add = (/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    const form = /** @type {HTMLFormElement} */ (event.target);
    const values = new FormData(form);
    const body = { email: String(values.get('email')), new_password: values.has('new_password') };
    return confirmEffect(state, {
      title: `Add ${body.email} as operator?`,
      action: 'Add operator',
      danger: body.new_password,
      view: whatHappens,
      dry: (query) => post(`/operators?${query}`, body),
      real: async () => {
        const added = /** @type {Operator} */ (await post('/operators', body));
        const use = added.pending ? 'makes them an operator together with their current password' : 'sets their password';
        if (added.accept_url) show(state, added.email, added.accept_url, use);
        form.reset();
        return told(added);
      },
    });
  };
  return html`<section class="card stack"><h2>New operator</h2>
    <form @submit=${add}>
      ${field(state, { name: 'email', label: 'E-mail', type: 'email',
        hint: 'They get a one-time link. If they have an account, they keep its password and confirm with it.' })}
      <div class="choices single"><label><input type="checkbox" name="new_password">
        <span>Require a new password<small>If they have an account, its password and sessions end at once.</small></span></label></div>
      ${submitButton(state, 'Add operator')}
    </form>
    ${links(state)}
  </section>`;
}

/** @param {Here} state */
function view(state) {
  const { operators, keys } = state.data;
  const columns = ['Key', 'Expires', 'Last used', 'Actions'];
  return html`${pageHead('Operators', { lead: 'Operators run Vestibule: all organisations, plans and mail.' })}
    <div class="stack">
      <section class="card" aria-label="Operators">
        ${table(['Operator', 'Password', 'Actions'], operators.map((one) => row(state, one)))}
      </section>
      ${adding(state)}
      <section class="card stack" aria-labelledby="keys-title"><h2 id="keys-title">API keys with operator rights</h2>
        <p class="soft">They can do everything an operator can do in <a href="/developers">the API</a>, except make someone an operator.</p>
        ${keys.length ? table(columns, keys.map((one) => keyRow(state, '/keys', one))) : empty('No key yet. Create the first one below.')}
      </section>
      ${newKey(state, '/keys')}
    </div>`;
}

/** @type {Page} */
export const operators = { title: 'Operators', load, view };
