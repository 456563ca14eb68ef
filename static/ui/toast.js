/** Messages of success or failure, in a bar at the bottom of the window that does not cover the end of the page. */

import { t } from '../texts.js';
import { html, nothing } from '../vendor/lit-html.js';
import { keepsMessages } from './appearance.js';

/** @import { Notice, State } from '../types.js' */

/** How long a message stays, plus the time for each of its words, in milliseconds: slow readers read two words a second. */
const SHOWN_MS = 6000;
const WORD_MS = 500;
/** The duration of the fading in the style sheet, in milliseconds. */
const FADE_MS = 400;

/** The message for which the timer was started. @type {Notice | null} */
let timed = null;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;
/** Whether the pointer is on the message, or the focus in it: it then stays. */
const held = { pointer: false, keyboard: false };
/** The element that had the focus before the message. @type {HTMLElement | null} */
let before = null;

/** @param {State} state */
function dismiss(state) {
  clearTimeout(timer);
  // Before the message is removed: the focus inside it would be lost.
  if (document.querySelector('.toast')?.contains(document.activeElement)) {
    (before?.isConnected ? before : document.querySelector('h1'))?.focus({ preventScroll: true });
  }
  Object.assign(held, { pointer: false, keyboard: false });
  state.notice = null;
  state.update();
}

/** Starts the timer after which the message fades, or stops it while the message has to stay. @param {State} state */
function runTime(state) {
  clearTimeout(timer);
  const { notice } = state;
  if (!notice) return;
  notice.fading = false;
  // An error stays until it is dismissed.
  if (state.page.open || notice.kind === 'bad' || held.pointer || held.keyboard || document.hidden || keepsMessages()) return;
  timer = setTimeout(() => {
    notice.fading = true;
    if (state.notice !== notice) return;
    state.update();
    timer = setTimeout(() => { if (state.notice === notice) dismiss(state); }, FADE_MS);
  }, SHOWN_MS + WORD_MS * notice.text.split(' ').length);
}

/** @param {State} state @param {Partial<typeof held>} by */
function hold(state, by) {
  Object.assign(held, by);
  const faded = state.notice?.fading;
  runTime(state);
  if (faded) state.update();
}

/** Makes room for the message below the page, and scrolls the focused element out from under it. @param {HTMLElement | null} bar */
function makeRoom(bar) {
  const height = bar?.firstElementChild ? bar.offsetHeight : 0;
  document.documentElement.style.setProperty('--toast-room', `${height}px`);
  const { activeElement, body } = document;
  if (!height || !activeElement || activeElement === body || bar?.contains(activeElement)) return;
  const { top, bottom } = activeElement.getBoundingClientRect();
  if (top > 0 && top < innerHeight && bottom > innerHeight - height) activeElement.scrollIntoView({ block: 'nearest' });
}

/** Starts the timer of a new message. Must be called after each rendering. @param {State} state */
export function timeToast(state) {
  if (state.notice === timed) return;
  timed = state.notice;
  runTime(state);
  makeRoom(document.querySelector('.toast'));
}

/** Stops the timer while the tab is hidden, and dismisses the message on Escape unless another element handles the key. @param {State} state */
export function watchToast(state) {
  document.addEventListener('visibilitychange', () => runTime(state));
  window.addEventListener('resize', () => makeRoom(document.querySelector('.toast')));
  document.addEventListener('keydown', ({ key, defaultPrevented }) => {
    if (key === 'Escape' && !defaultPrevented && state.notice && !document.querySelector('dialog[open]')) dismiss(state);
  });
}

/** The message. While a dialog is open, the dialog shows it. @param {State} state */
export function toast(state) {
  const shown = state.dialog ? null : state.notice;
  return html`<div class="${state.page.open ? 'inline-notice' : 'toast'} ${shown ? 'shown' : ''}" aria-live="polite">
    ${shown ? html`<div class="notice ${shown.kind} ${shown.fading ? 'fading' : ''}"
      @pointerenter=${() => hold(state, { pointer: true })} @pointerleave=${() => hold(state, { pointer: false })}
      @focusin=${(/** @type {FocusEvent} */ event) => {
        const from = /** @type {HTMLElement | null} */ (event.relatedTarget);
        if (from && !from.closest('.toast')) before = from;
        hold(state, { keyboard: true });
      }} @focusout=${() => hold(state, { keyboard: false })}><span>${shown.text}</span>
      <button class="small" @click=${() => dismiss(state)}>${t('dismiss')}</button></div>` : nothing}
  </div>`;
}
