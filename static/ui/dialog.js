/** The one dialog: what a switch would do is shown before the button that does it. */

import { t } from '../texts.js';
import { html, nothing } from '../vendor/lit-html.js';
import { saved } from './drafts.js';
import { effectView, foresee } from './effect.js';
import { attempt, field, fieldText } from './form.js';

/** @import { Dialog, State } from '../types.js' */

/**
 * Asks before something that cannot be taken back.
 * @param {State} state
 * @param {Omit<Dialog, 'danger'> & {danger?: boolean}} options
 *   `body`: what is shown, or what makes it each time; `done`: what to say afterwards, unless `real` gives a text for that; `to`: where to go then, where this page is gone too;
 *   `cancel`: the other button's text; `cancelled`: what comes after that
 */
export function confirm(state, { danger = true, ...rest }) {
  state.dialog = { danger, ...rest };
  state.notice = null;
  state.update();
}

/**
 * Asks the server what a switch would do, and does it when confirmed.
 * @param {State} state
 * @param {{title: string, action: string, danger?: boolean, name?: string, dry: (query: string) => Promise<any>, real: (typed: string, query: string) => Promise<unknown>, done?: string,
 *   to?: string, view?: typeof effectView, choice?: {label: string, hint: string, query: string}}} options
 *   `name`: what must be typed first; `view`: how the effect is shown; `choice`: what may end too, by this query, and is offered where that ends somebody's access
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
    const told = await dialog?.real();
    // To leave a page saves nothing.
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
        <button class=${danger ? 'danger' : 'primary'} aria-disabled=${state.busy ? 'true' : nothing} @click=${() => run(state)}>${action}</button>
        <button ?autofocus=${Boolean(state.dialog.cancelled)} @click=${() => document.querySelector('dialog')?.close()}>${cancel}</button>
      </div>
    </div>
  </dialog>`;
}

/** What the open dialog asks. @type {Dialog | null} */
let asked = null;

/**
 * Opens the dialog where there is one: the browser then keeps the keyboard in it, and gives it back afterwards.
 * @param {State} state
 */
export function openDialog(state) {
  const element = state.dialog && document.querySelector('dialog');
  const before = asked;
  asked = state.dialog;
  if (!element) return;
  if (!element.open) element.showModal();
  // Another question in its place: its button stands where the one was that was pressed.
  else if (before !== asked) /** @type {HTMLElement | null} */ (element.querySelector('[autofocus]'))?.focus();
}
