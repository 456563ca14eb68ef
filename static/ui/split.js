/** People in two parts, as a bar and in words. */

import { html, nothing } from '../vendor/lit-html.js';

/**
 * @typedef {{count: number, text: string, kind: 'good' | 'bad' | 'rest'}} Part what it says stands below the bar
 */

/** The bar's own width, in its own units. */
const WIDTH = 1000;

/**
 * @param {Part} first
 * @param {Part} second
 */
export function splitView(first, second) {
  const all = first.count + second.count;
  // Somebody is always seen, however many the others are.
  const least = (/** @type {Part} */ { count }) => (count ? Math.max(Math.round((WIDTH * count) / all), 12) : 0);
  const at = second.count ? WIDTH - least(second) : least(first);
  const key = (/** @type {Part} */ { kind, text }) => (text ? html`<li><span class="key ${kind}"></span>${text}</li>` : nothing);
  return html`<div class="tight">
    ${all ? html`<svg class="split" viewBox="0 0 ${WIDTH} 20" preserveAspectRatio="none" aria-hidden="true">
      <rect class=${first.kind} width=${at} height="20"></rect>
      <rect class=${second.kind} x=${at} width=${WIDTH - at} height="20"></rect></svg>` : nothing}
    <ul class="keys">${key(first)}${key(second)}</ul>
  </div>`;
}
