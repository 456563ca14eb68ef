import { list, post, remove } from '../api.js';
import { confirm, confirmEffect } from '../ui/dialog.js';
import { affected, sentencesView } from '../ui/effect.js';
import { disabling, passwordLink } from '../ui/disabling.js';
import { field, submitButton } from '../ui/form.js';
import { knownPasswords } from '../ui/known_passwords.js';
import { keyRow, newKey } from '../ui/keys.js';
import { onceView, reveal } from '../ui/once.js';
import { empty, pageHead } from '../ui/shell.js';
import { table } from '../ui/table.js';
import { parts, t } from '../texts.js';
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
    title: t('operators-withdraw-title', { email: one.email }),
    action: t('operators-withdraw'),
    body: html`<p>${t('operators-withdraw-lead')}</p>`,
    real: () => remove(`/operators/${one.user}`),
    done: t('operators-withdrawn', { email: one.email }),
  });
}

/** @param {Here} state @param {Operator} one */
function askToRemove(state, one) {
  if (one.pending) return askToWithdraw(state, one);
  return confirmEffect(state, {
    title: t('operators-remove-title', { email: one.email }),
    action: t('operators-remove'),
    danger: true,
    view: ({ loses, counts, warnings }) => html`<div class="stack">
      <p>${t('operators-remove-lead')}</p>
      ${sentencesView(loses.filter(({ user }) => user !== one.user), counts.loses - 1)}
      ${warnings.map((warning) => html`<p class="notice warn">${warning}</p>`)}</div>`,
    dry: (query) => remove(`/operators/${one.user}?${query}`),
    real: (_typed, query) => remove(`/operators/${one.user}${query && `?${query}`}`),
    choice: knownPasswords(t('known-passwords-of-person')),
    done: t('operators-removed', { email: one.email }),
    to: one.user === state.me.person.id ? '/workspaces' : undefined,
  });
}

/** @param {Here} state @param {Operator} one */
function makeLink(state, one) {
  return passwordLink(state, one, (url) => {
    show(state, one.email, t('operators-link-password', { email: one.email }), url);
    return t('operators-link-below');
  });
}

/** @param {Here} state @param {Operator} one */
function row(state, one) {
  return html`<tr>
    <td class="person"><strong>${one.name}</strong><small>${one.email}</small>
      ${one.pending ? html`<span class="badge warn">${t('operators-pending')}</span>` : nothing}
      ${one.disabled ? html`<span class="badge bad">${t('disabled-badge')}</span>` : nothing}</td>
    <td data-label=${t('password')} class="short">${one.password ? t('operators-password-set') : t('operators-password-none')}</td>
    <td class="end"><div class="row">
      ${one.pending ? nothing : html`<button class="small" aria-label=${t('operators-password-link-of', { email: one.email })} @click=${() => makeLink(state, one)}>${t('operators-password-link')}</button>`}
      ${disabling(state, one)}
      <button class="small danger" aria-label=${t('remove-named', { name: one.email })} @click=${() => askToRemove(state, one)}>${t('remove')}</button>
    </div></td>
  </tr>`;
}

/** The name in `local` of the links that were created on this page. */
const MADE = 'made-links';

/** @param {Here} state */
const links = (state) => onceView(state, MADE, {
  name: t('operators-links'),
  lead: t('operators-links-lead'),
});

/** @param {Here} state @param {string} email @param {string} label what the link does @param {string} url */
const show = (state, email, label, url) => reveal(state, MADE, { id: email, label, value: url });

/** The message after an operator was added. @param {Operator} added */
function told({ email, pending, accept_url }) {
  const link = accept_url ? t('operators-link-below') : t('operators-link-mailed');
  return `${pending ? t('operators-added-pending', { email }) : t('operators-added', { email })} ${link}`;
}

/** The effect of adding an operator, in sentences. @param {Effect} effect */
const whatHappens = ({ keeps, loses, warnings, counts }) => html`<div class="stack">
  ${[...keeps, ...loses].map((line) => html`<p>${affected(line)}</p>`)}
  ${counts.sessions ? html`<p class="notice warn">${t('operators-sessions-end', { count: counts.sessions })}</p>` : nothing}
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
      title: t('operators-add-title', { email: body.email }),
      action: t('operators-add'),
      danger: body.new_password,
      view: whatHappens,
      dry: (query) => post(`/operators?${query}`, body),
      real: async () => {
        const added = /** @type {Operator} */ (await post('/operators', body));
        const { email, accept_url: url } = added;
        if (url) show(state, email, added.pending ? t('operators-link-pending', { email }) : t('operators-link-password', { email }), url);
        form.reset();
        return told(added);
      },
    });
  };
  return html`<section class="card stack"><h2>${t('operators-new')}</h2>
    <form @submit=${add}>
      ${field(state, { name: 'email', label: t('email'), type: 'email',
        hint: t('operators-email-hint') })}
      <div class="choices single"><label><input type="checkbox" name="new_password">
        <span>${t('operators-new-password')}<small>${t('operators-new-password-hint')}</small></span></label></div>
      ${submitButton(state, t('operators-add'))}
    </form>
    ${links(state)}
  </section>`;
}

/** @param {Here} state */
function view(state) {
  const { operators, keys } = state.data;
  const columns = [t('keys-key'), t('keys-expires'), t('keys-last-used'), t('actions')];
  return html`${pageHead(t('operators'), { lead: t('operators-lead') })}
    <div class="stack">
      <section class="card" aria-label=${t('operators')}>
        ${table([t('operator'), t('password'), t('actions')], operators.map((one) => row(state, one)))}
      </section>
      ${adding(state)}
      <section class="card stack" aria-labelledby="keys-title"><h2 id="keys-title">${t('operators-keys')}</h2>
        <p class="soft">${parts('operators-keys-lead', { api: html`<a href="/developers">${t('the-api')}</a>` })}</p>
        ${keys.length ? table(columns, keys.map((one) => keyRow(state, '/keys', one))) : empty(t('keys-none'))}
      </section>
      ${newKey(state, '/keys')}
    </div>`;
}

/** @type {Page} */
export const operators = { title: t('operators'), load, view };
