/** Menus below a button. Only one is open at a time; it is closed by Escape, by a click or the focus elsewhere, and by a choice. */

import { t } from '../texts.js';
import { html } from '../vendor/lit-html.js';

/** Closes every menu except the one that contains an element. @param {Node | null} [within] */
export function closeMenus(within = null) {
  for (const menu of document.querySelectorAll('details.menu[open]')) if (!menu.contains(within)) menu.removeAttribute('open');
}

/** @param {Element} menu */
const opener = (menu) => /** @type {HTMLElement} */ (menu.querySelector('summary'));

/** Escape closes the menu, and the arrow keys move through it. @param {KeyboardEvent} event */
export function menuKeys(event) {
  const menu = /** @type {HTMLDetailsElement} */ (event.currentTarget);
  if (!menu.open) return;
  const stops = [opener(menu), .../** @type {NodeListOf<HTMLElement>} */ (menu.querySelectorAll('li > :is(a, button)'))];
  const at = stops.indexOf(/** @type {HTMLElement} */ (document.activeElement));
  const to = { Escape: 0, ArrowDown: Math.min(at + 1, stops.length - 1), ArrowUp: Math.max(at - 1, 0) }[event.key];
  if (to === undefined) return;
  event.preventDefault();
  if (event.key === 'Escape') menu.open = false;
  stops[to].focus();
}

/** Closes the menu when the focus moves elsewhere. @param {FocusEvent} event */
export function menuLeft(event) {
  const menu = /** @type {HTMLDetailsElement} */ (event.currentTarget);
  const to = /** @type {Node | null} */ (event.relatedTarget);
  if (to && !menu.contains(to)) menu.open = false;
}

/** Closes the menu before the chosen action runs, so that a dialog restores the focus to the menu's button. @param {MouseEvent} event */
function choose(event) {
  if (!(event.target instanceof Element) || !event.target.closest('button')) return;
  const menu = /** @type {HTMLDetailsElement} */ (/** @type {Element} */ (event.currentTarget).closest('details'));
  menu.open = false;
  opener(menu).focus();
}

/** A layer over the page below an open menu: a click beside the menu only closes it. */
export const veil = html`<div class="menu-veil"></div>`;

/**
 * Further actions behind a button *More*.
 * @param {string} about the person or object that the actions concern
 * @param {unknown[]} actions buttons
 */
export function more(about, actions) {
  return html`<details class="menu" @keydown=${menuKeys} @focusout=${menuLeft}>
    <summary class="button small" aria-label=${t('more-for', { name: about })}>${t('more')}</summary>
    <ul class="menu-list" @click=${{ handleEvent: choose, capture: true }}>${actions.map((one) => html`<li>${one}</li>`)}</ul></details>`;
}
