/** The table of API keys, and the form that creates one. */

import { post, remove } from '../api.js';
import { parts, t } from '../texts.js';
import { html, nothing } from '../vendor/lit-html.js';
import { confirm, confirmEffect } from './dialog.js';
import { sentencesView } from './effect.js';
import { field, submit, submitButton } from './form.js';
import { day, moment } from './format.js';
import { knownPasswords } from './known_passwords.js';
import { conceal, onceView, reveal } from './once.js';

/** @import { Effect, Key, State } from '../types.js' */

/** The options for the lifetime of a key, in days; empty means no expiry. @type {[string, string][]} */
const LASTS = [['30', t('days', { count: 30 })], ['90', t('days', { count: 90 })], ['365', t('keys-year')], ['', t('keys-no-expiry')]];

/** The name in `local` of the keys that were created on this page. */
const MADE = 'made';

const DAY_MS = 24 * 3600 * 1000;

/** The expiry of a key that lasts this many days; null means never. @param {string} days */
const expiresAt = (days) => (days ? new Date(Date.now() + Number(days) * DAY_MS).toISOString() : null);

/** @param {Effect} [effect] */
const whatEnds = (effect) => html`<div class="stack">
  <p>${t('keys-delete-lead')}</p>
  ${effect ? sentencesView(effect.loses, effect.counts.loses) : nothing}
  ${effect?.warnings.map((warning) => html`<p class="notice warn">${warning}</p>`) ?? nothing}
</div>`;

/** @param {State} state @param {string} path @param {Key} one */
function askToDelete(state, path, one) {
  const asked = {
    title: t('keys-delete-title', { name: one.name }),
    action: t('keys-delete'),
    real: async (/** @type {string} */ _typed = '', query = '') => {
      await remove(`${path}/${one.id}${query && `?${query}`}`);
      conceal(state, MADE, one.id);
    },
    done: t('keys-deleted', { name: one.name }),
  };
  // The links and keys that an operators' key has made end with it, so the effect is shown.
  if (path !== '/keys') return confirm(state, { ...asked, body: whatEnds() });
  return confirmEffect(state, { ...asked, danger: true, view: whatEnds, choice: knownPasswords(t('known-passwords-of-key')), dry: (query) => remove(`${path}/${one.id}?${query}`) });
}

/** @param {string | null | undefined} at */
function expiry(at) {
  if (!at) return t('never');
  const over = Date.parse(at) <= Date.now();
  return over ? html`<span><span class="badge warn">${t('expired')}</span> <small>${day(at)}</small></span>` : day(at);
}

/**
 * A row of the table.
 * @param {State} state
 * @param {string} path of the list
 * @param {Key} one
 * @param {unknown} [may] the cell with its permissions
 */
export function keyRow(state, path, one, may = nothing) {
  return html`<tr>
    <td class="person"><strong>${one.name}</strong><small>${t('keys-created-by', { name: one.created_by, day: day(one.created_at) })}</small></td>
    ${may}
    <td data-label=${t('keys-expires')}>${expiry(one.expires_at)}</td>
    <td data-label=${t('keys-last-used')}>${moment(one.last_used_at)}</td>
    <td class="end"><div class="row">
      <button class="small danger" aria-label=${t('delete-named', { name: one.name })} @click=${() => askToDelete(state, path, one)}>${t('delete')}</button>
    </div></td>
  </tr>`;
}

/** @param {State} state */
function madeKeys(state) {
  const many = state.local[MADE]?.length > 1;
  return onceView(state, MADE, {
    name: many ? t('api-keys') : t('api-key'),
    all: t('keys-copy-all'),
    lead: many ? t('keys-made-many') : t('keys-made'),
    foot: html`<p class="soft">${parts('keys-header', { header: html`<code>Authorization: Bearer</code>` })}</p>`,
  });
}

/**
 * The form that creates a key, and the new key.
 * @param {State} state
 * @param {string} path of the list
 * @param {{fields?: unknown, values?: (form: HTMLFormElement) => object}} [more] `fields`: further fields of the form; `values`: their values for the request
 */
export function newKey(state, path, { fields = nothing, values = () => ({}) } = {}) {
  const create = submit(state, async ({ name, days }, form) => {
    const { id, key } = await post(path, { name, expires_at: expiresAt(days), ...values(form) });
    reveal(state, MADE, { id, label: t('keys-named', { name }), value: key });
    form.reset();
    await state.reload();
    return t('keys-created', { name });
  });
  return html`<section class="card stack"><h2>${t('keys-new')}</h2>
    <form @submit=${create}>
      <div class="inline">
        ${field(state, { name: 'name', label: t('name'), hint: t('keys-name-hint') })}
        ${field(state, { name: 'days', errorOf: 'expires_at', label: t('keys-expires-after'), options: LASTS, value: '90' })}
      </div>
      ${fields}
      ${submitButton(state, t('keys-create'))}
    </form>
    ${madeKeys(state)}
  </section>`;
}
