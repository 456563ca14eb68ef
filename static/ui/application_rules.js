/** The rows for the rules of a proxy application. The first rule that matches a request decides. */

import { t } from '../texts.js';
import { html, nothing } from '../vendor/lit-html.js';
import { REQUIRE } from './application_words.js';
import { field } from './form.js';

/** @import { PathRule, Require, State } from '../types.js' */
/** A row as it is typed. @typedef {{path: string, methods: string, require: Require}} Row */

/** @param {PathRule[]} rules @returns {Row[]} */
export const rowsOf = (rules) => rules.map(({ path, methods, require }) => ({ path, methods: (methods ?? []).join(', '), require }));

/** The rules of the rows, for the API. @param {Row[]} rows @returns {PathRule[]} */
export const rulesOf = (rows) => rows.map(({ path, methods, require }) => {
  const named = methods.toUpperCase().split(/[\s,]+/).filter(Boolean);
  return { path: path.trim(), require, ...(named.length && { methods: named }) };
});

/** @param {State} state @param {Row} row @param {number} n */
function rowView(state, row, n) {
  const rows = /** @type {Row[]} */ (state.local.rules);
  const change = (/** @type {() => unknown} */ work, /** @type {string} */ focus) => () => {
    work();
    // The messages name rows by their number.
    state.errors = {};
    state.update();
    document.getElementById(focus)?.focus();
  };
  const up = change(() => rows.splice(n - 1, 2, rows[n], rows[n - 1]), `rules[${n - 1}].path`);
  const away = change(() => rows.splice(n, 1), n ? `rules[${n - 1}].path` : 'add-rule');
  const type = (/** @type {Event} */ { target }) => {
    const { name, value } = /** @type {HTMLInputElement | HTMLSelectElement} */ (target);
    Object.assign(row, { [name.split('.')[1]]: value });
    state.update();
  };
  const require = `rules[${n}].require`;
  return html`<fieldset class="rule-row" @input=${type}>
    <legend>${t('application-rule', { number: n + 1 })}</legend>
    <div class="inline">
      ${field(state, { name: `rules[${n}].path`, label: t('application-rule-path'), value: row.path })}
      ${field(state, { name: `rules[${n}].methods`, label: t('application-rule-methods'), value: row.methods, required: false })}
      <div class="field" data-field=${require}><label for=${require}>${t('application-rule-require')}</label>
        <select id=${require} name=${require}>${Object.entries(REQUIRE).map(([key, text]) => html`<option value=${key} .selected=${key === row.require}>${text}</option>`)}</select></div>
    </div>
    <div class="row">${n ? html`<button type="button" class="small" aria-label=${t('application-rule-up-named', { number: n + 1 })} @click=${up}>${t('application-rule-up')}</button>` : nothing}
      <button type="button" class="small" aria-label=${t('application-rule-remove', { number: n + 1 })} @click=${away}>${t('remove')}</button></div>
  </fieldset>`;
}

/** The rows of `local.rules`, which they change as they are typed. @param {State} state */
export function ruleRows(state) {
  const rows = /** @type {Row[]} */ (state.local.rules);
  const add = () => {
    rows.push({ path: '', methods: '', require: 'viewer' });
    state.update();
    document.getElementById(`rules[${rows.length - 1}].path`)?.focus();
  };
  return html`<div class="field stack" data-field="rules" role="group" aria-labelledby="rules-label">
    <p class="label" id="rules-label">${t('application-rules')}</p>
    <p class="hint">${t('application-rules-hint')}</p>
    ${state.errors.rules ? html`<p class="error">${state.errors.rules}</p>` : nothing}
    ${rows.map((row, n) => rowView(state, row, n))}
    <p><button type="button" class="small" id="add-rule" @click=${add}>${t('application-rule-add')}</button></p>
  </div>`;
}
