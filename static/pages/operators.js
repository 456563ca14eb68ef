import { list, post, remove } from '../api.js';
import { confirm } from '../ui/dialog.js';
import { disabling } from '../ui/disabling.js';
import { field, submit, submitButton } from '../ui/form.js';
import { keyRow, newKey } from '../ui/keys.js';
import { onceView, reveal } from '../ui/once.js';
import { empty, pageHead } from '../ui/shell.js';
import { table } from '../ui/table.js';
import { html, nothing } from '../vendor/lit-html.js';

/** @import { Key, Operator, Page, State } from '../types.js' */
/** @typedef {State<Awaited<ReturnType<typeof load>>>} Here */

async function load() {
  const [operators, keys] = await Promise.all([list('/operators'), list('/keys')]);
  return { operators: /** @type {Operator[]} */ (operators), keys: /** @type {Key[]} */ (keys) };
}

/** @param {Here} state @param {Operator} one */
function askToRemove(state, one) {
  const own = state.data.keys.filter(({ created_by }) => created_by === one.email);
  confirm(state, {
    title: `Remove ${one.email} as operator?`,
    action: 'Remove operator',
    body: html`<p>They can no longer do what only operators may, and set-up links that they made as operator stop working. They keep
        their own memberships.</p>
      ${own.length ? html`<p class="notice warn">API keys that they made keep working: ${own.map(({ name }) => name).join(', ')}. Delete
        those that should stop.</p>` : nothing}`,
    real: () => remove(`/operators/${one.user}`),
    done: `${one.email} is no longer an operator.`,
    to: one.user === state.me.person.id ? '/workspaces' : undefined,
  });
}

/** @param {Here} state @param {Operator} one */
function row(state, one) {
  return html`<tr>
    <td class="person"><strong>${one.name}</strong><small>${one.email}</small>
      ${one.disabled ? html`<span class="badge bad">Disabled</span>` : nothing}</td>
    <td data-label="Password" class="short">${one.password ? 'set' : 'none yet'}</td>
    <td class="end"><div class="row">
      ${disabling(state, one)}
      <button class="small danger" aria-label="Remove ${one.email}" @click=${() => askToRemove(state, one)}>Remove</button>
    </div></td>
  </tr>`;
}

/** The password links of the operators that were added on this page. */
const ADDED = 'added';

/** @param {Here} state */
const links = (state) => onceView(state, ADDED, {
  name: 'Password link for a new operator',
  things: 'links',
  lead: 'Hand on the password link yourself: it sets the password, once. It is shown only now.',
});

/** @param {Here} state */
function adding(state) {
  const add = submit(state, async ({ email }, form) => {
    const added = await post('/operators', { email });
    if (added.accept_url) reveal(state, ADDED, { id: added.email, label: added.email, value: added.accept_url });
    form.reset();
    await state.reload();
    return added.accept_url ? `${added.email} is now an operator. The password link is under “New operator”.` : `${added.email} is now an operator. We have mailed them a password link.`;
  });
  return html`<section class="card stack"><h2>New operator</h2>
    <form @submit=${add}>
      ${field(state, { name: 'email', label: 'E-mail', type: 'email', hint: 'They choose a password by a link. If they have an account, its password and sessions end.' })}
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
        ${keys.length ? table(columns, keys.map((one) => keyRow(state, '/keys', one))) : empty('No key yet. Make the first one below.')}
      </section>
      ${newKey(state, '/keys')}
    </div>`;
}

/** @type {Page} */
export const operators = { title: 'Operators', load, view };
