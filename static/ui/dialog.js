/** The console's dialog. Before a switch, it shows the effect above the button that makes the change. */

import { t } from '../texts.js';
import { html, nothing } from '../vendor/lit-html.js';
import { saved } from './drafts.js';
import { effectView, foresee } from './effect.js';
import { attempt, field, fieldText } from './form.js';

/** @import { Dialog, State } from '../types.js' */

/**
 * Asks for confirmation of something that cannot be undone, or shows something.
 * @param {State} state
 * @param {Omit<Dialog, 'danger'> & {danger?: boolean}} options
 *   `action`: the text of the button that runs `real`; without them, the dialog only shows `body`; `body`: the content, or a function that renders it; `done`: the message afterwards, unless `real` returns one; `to`: the page to open afterwards, if this one no longer exists;
 *   `cancel`: the text of the other button; `cancelled`: called after that button
 */
export function confirm(state, { danger = true, ...rest }) {
  state.dialog = { danger, ...rest };
  state.notice = null;
  state.update();
}

/**
 * Shows the effect of a switch from a dry run, and makes the change when it is confirmed.
 * @param {State} state
 * @param {{title: string, action: string, danger?: boolean, name?: string, dry: (query: string) => Promise<any>, real: (typed: string, query: string) => Promise<unknown>, done?: string,
 *   to?: string, view?: typeof effectView, choice?: {label: string, hint: string, query: string}}} options
 *   `name`: must be typed to confirm; `view`: renders the effect; `choice`: an optional part of the change, made by adding `query`, which is offered only if it ends more people's access
 */
export function confirmEffect(state, { dry, name, real, view = effectView, choice, ...rest }) {
  return attempt(state, async () => {
    let query = '';
    const asked = () => foresee(state, (/** @type {string} */ run) => dry(query ? `${run}&${query}` : run));
    let shown = await asked();
    const all = choice && await dry(`dry_run=true&${choice.query}`).catch(() => null);
    const offered = Boolean(choice && all?.counts.loses > shown.effect.counts.loses);
    const choose = (/** @type {Event} */ event) => attempt(state, async () => {
      query = /** @type {HTMLInputElement} */ (event.target).checked ? choice?.query ?? '' : '';
      shown = await asked();
      state.update();
    });
    const offer = () => (offered ? html`<div class="choices single"><label><input type="checkbox" @change=${choose}>
      <span>${choice?.label}<small>${choice?.hint}</small></span></label></div>` : nothing);
    const typing = () => (name ? field(state, { name: 'confirm', label: t('dialog-type-name', { name }) }) : nothing);
    const body = () => html`${view(shown.effect, shown.more)}${offer()}${typing()}`;
    confirm(state, { ...rest, body, real: () => real(fieldText('confirm'), query) });
  });
}

/** @param {State} state */
function close(state) {
  if (!state.dialog) return;
  const { cancelled } = state.dialog;
  state.dialog = null;
  state.notice = null;
  state.update();
  cancelled?.();
}

/** @param {State} state */
function run(state) {
  return attempt(state, async () => {
    const { dialog } = state;
    const told = await dialog?.real?.();
    // The dialog about leaving a page saves nothing.
    if (!dialog?.cancelled) saved();
    document.querySelector('dialog')?.close();
    state.dialog = null;
    if (dialog?.to) return typeof dialog.to === 'string' ? state.go(dialog.to) : void dialog.to();
    await state.reload();
    return typeof told === 'string' ? told : dialog?.done;
  });
}

/** @param {State} state */
export function dialogView(state) {
  if (!state.dialog) return nothing;
  const { title, action, danger, body, cancel = t('cancel') } = state.dialog;
  return html`<dialog aria-labelledby="dialog-title" @close=${() => close(state)}>
    <div class="stack">
      <h2 id="dialog-title">${title}</h2>
      ${typeof body === 'function' ? body() : body}
      ${state.notice ? html`<p class="notice" role="alert">${state.notice.text}</p>` : nothing}
      <div class="row actions">
        ${action ? html`<button class=${danger ? 'danger' : 'primary'} aria-disabled=${state.busy ? 'true' : nothing} @click=${() => run(state)}>${action}</button>` : nothing}
        <button ?autofocus=${Boolean(state.dialog.cancelled)} @click=${() => document.querySelector('dialog')?.close()}>${cancel}</button>
      </div>
    </div>
  </dialog>`;
}

/** The dialog that is open. @type {Dialog | null} */
let asked = null;

/**
 * Opens the dialog of the state, if any. The browser keeps the focus inside it, and restores the focus when it is closed.
 * @param {State} state
 */
export function openDialog(state) {
  const element = state.dialog && document.querySelector('dialog');
  const before = asked;
  asked = state.dialog;
  if (!element) return;
  if (!element.open) element.showModal();
  // Another dialog has replaced it: the focus must not stay on its confirming button, which is in the same place.
  else if (before !== asked) /** @type {HTMLElement | null} */ (element.querySelector('[autofocus]'))?.focus();
}
