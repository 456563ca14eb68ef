/** A bar with two parts, with their texts below it. */

import { html, nothing } from '../vendor/lit-html.js';

/**
 * @typedef {{count: number, text: string, kind: 'good' | 'bad' | 'rest'}} Part `text` is shown below the bar
 */

/** The width of the bar, in units of its viewBox. */
const WIDTH = 1000;

/**
 * @param {Part} first
 * @param {Part} second
 */
export function splitView(first, second) {
  const all = first.count + second.count;
  // A part of at least one person is always visible.
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
