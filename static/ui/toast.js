/** Messages of success or failure: a bar at the bottom of the window, for which the page makes room. */

import { t } from '../texts.js';
import { html, nothing } from '../vendor/lit-html.js';
import { keepsMessages } from './appearance.js';

/** @import { Notice, State } from '../types.js' */

/** How long a message stays, and longer for each word of it, in milliseconds: slow readers read two words a second. */
const SHOWN_MS = 6000;
const WORD_MS = 500;
/** As long as the style sheet takes to fade it. */
const FADE_MS = 400;

/** The message whose time runs. @type {Notice | null} */
let timed = null;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;
/** Whether somebody points at the message, or has the keyboard in it. */
const held = { pointer: false, keyboard: false };
/** The element that had the focus before the message. @type {HTMLElement | null} */
let before = null;

/** @param {State} state */
function dismiss(state) {
  clearTimeout(timer);
  // Before the message goes: the keyboard would go with it.
  if (document.querySelector('.toast')?.contains(document.activeElement)) {
    (before?.isConnected ? before : document.querySelector('h1'))?.focus({ preventScroll: true });
  }
  Object.assign(held, { pointer: false, keyboard: false });
  state.notice = null;
  state.update();
}

/** Lets the message fade once its time is over; after a pause the time begins again. @param {State} state */
function runTime(state) {
  clearTimeout(timer);
  const { notice } = state;
  if (!notice) return;
  notice.fading = false;
  // What went wrong waits until somebody has read it.
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

/** The page ends above the message; what has the keyboard is not under it. @param {HTMLElement | null} bar */
function makeRoom(bar) {
  const height = bar?.firstElementChild ? bar.offsetHeight : 0;
  document.documentElement.style.setProperty('--toast-room', `${height}px`);
  const { activeElement, body } = document;
  if (!height || !activeElement || activeElement === body || bar?.contains(activeElement)) return;
  const { top, bottom } = activeElement.getBoundingClientRect();
  if (top > 0 && top < innerHeight && bottom > innerHeight - height) activeElement.scrollIntoView({ block: 'nearest' });
}

/** To be called after each change of the page: a new message begins its time. @param {State} state */
export function timeToast(state) {
  if (state.notice === timed) return;
  timed = state.notice;
  runTime(state);
  makeRoom(document.querySelector('.toast'));
}

/** A hidden tab's message waits; Escape dismisses it where nothing else takes the key. @param {State} state */
export function watchToast(state) {
  document.addEventListener('visibilitychange', () => runTime(state));
  window.addEventListener('resize', () => makeRoom(document.querySelector('.toast')));
  document.addEventListener('keydown', ({ key, defaultPrevented }) => {
    if (key === 'Escape' && !defaultPrevented && state.notice && !document.querySelector('dialog[open]')) dismiss(state);
  });
}

/** A dialog shows its own refusals. @param {State} state */
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
