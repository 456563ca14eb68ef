/** Values that are shown only once, such as links and codes: they get the focus when they appear, and leaving the page before they are copied asks first. */

import { t } from '../texts.js';
import { html, nothing } from '../vendor/lit-html.js';
import { copyAllButton, copyable } from './copy.js';
import { confirm } from './dialog.js';

/** @import { State } from '../types.js' */

/**
 * A value that is shown once. A newer value with the same `id` replaces it.
 * @typedef {{id: string, label: string, value: string}} Once
 */
/** @typedef {HTMLElement & {values?: string[]}} Box */

/** The values that were copied, or saved as a file. @type {Set<string>} */
const kept = new Set();
/** The values that have had the focus. @type {Set<string>} */
const seen = new Set();

const boxes = () => /** @type {Box[]} */ ([...document.querySelectorAll('.once')]);

/** The boxes with a value that was neither copied nor saved. */
export const unkept = () => boxes().filter(({ values = [] }) => values.some((one) => !kept.has(one)));

/**
 * Shows a value on the page, with the others of its kind.
 * @param {State} state
 * @param {string} kind
 * @param {Once} once
 */
export function reveal({ local }, kind, once) {
  local[kind] = [.../** @type {Once[]} */ (local[kind] ?? []).filter(({ id }) => id !== once.id), once];
}

/**
 * Removes a value from the page, because it no longer works.
 * @param {State} state
 * @param {string} kind
 * @param {string} id
 */
export function conceal({ local }, kind, id) {
  local[kind] = /** @type {Once[]} */ (local[kind] ?? []).filter((one) => one.id !== id);
}

/** Notes which values of a box are in the text that was copied or saved. @param {Event} event */
function note(event) {
  const text = event instanceof CustomEvent ? event.detail : String(getSelection());
  for (const one of /** @type {Box} */ (event.currentTarget).values ?? []) if (text.includes(one)) kept.add(one);
}

/**
 * The box around values that are shown once. An event `kept` from inside it reports a text that was saved: the values in that text count as saved.
 * @param {string} name of the box, for screen readers
 * @param {string[]} values
 * @param {unknown} content
 * @param {string} [kind] further CSS classes
 */
export function onceBox(name, values, content, kind = '') {
  return html`<div class="notice info stack once ${kind}" role="group" tabindex="-1" aria-label=${name} .values=${values} @kept=${note} @copy=${note}>${content}</div>`;
}

/**
 * The box with the values of a kind that were created on this page; nothing if there are none.
 * @param {State} state
 * @param {string} kind
 * @param {{name: string, all?: string, lead: unknown, foot?: unknown}} words `all`: the name of all values together, for the button that copies them
 */
export function onceView({ local }, kind, { name, all = t('links-copy-all'), lead, foot = nothing }) {
  const shown = /** @type {Once[]} */ (local[kind] ?? []);
  if (!shown.length) return nothing;
  const text = shown.map(({ label, value }) => `${label}\t${value}`).join('\n');
  return onceBox(name, shown.map(({ value }) => value), html`
    <div class="row spread"><p>${lead}</p>${shown.length > 1 ? copyAllButton(all, text) : nothing}</div>
    ${shown.map(({ label, value }) => copyable(label, value))}${foot}`);
}

/** @param {Box} box */
function show(box) {
  box.focus({ preventScroll: true });
  box.scrollIntoView({ block: box.offsetHeight > innerHeight ? 'start' : 'nearest' });
}

/** Focuses a box with new values and scrolls to it. Must be called after each rendering. */
export function showOnce() {
  const shown = boxes();
  const present = new Set(shown.flatMap(({ values = [] }) => values));
  const fresh = shown.find(({ values = [] }) => values.some((one) => !seen.has(one)));
  for (const set of [seen, kept]) for (const one of set) if (!present.has(one)) set.delete(one);
  for (const one of present) seen.add(one);
  if (fresh) show(fresh);
}

/**
 * Calls `onward`; if a value would be lost, only after the person has confirmed it.
 * @param {State} state
 * @param {() => unknown} onward
 * @param {{title: string, action: string, lead: string}} [words] of the dialog
 */
export function leave(state, onward, { title, action, lead } = { title: t('leave-title'), action: t('leave'), lead: t('leave-lead') }) {
  const lost = unkept();
  if (!lost.length) return onward();
  return confirm(state, {
    title,
    action,
    cancel: t('stay'),
    body: html`<p>${lead}</p>
      <ul>${lost.map((box) => html`<li><strong>${box.getAttribute('aria-label')}</strong></li>`)}</ul>`,
    real: async () => { for (const one of lost.flatMap(({ values = [] }) => values)) kept.add(one); },
    to: onward,
    cancelled: () => show(lost[0]),
  });
}
