/** The one dialog: a switch is shown with its effect before the button that does it. */

import { html, nothing } from '../vendor/lit-html.js';
import { effect } from './effect.js';
import { attempt, outcome } from './form.js';

/**
 * Shows what a switch would do, and does it when confirmed.
 * @param {any} state
 * @param {{title: string, action: string, danger?: boolean, dry: () => Promise<any>, real: () => Promise<any>, done: string}} options
 */
export function confirmEffect(state, { title, action, danger = true, dry, real, done }) {
  return attempt(state, async () => {
    const answer = await dry();
    state.dialog = { title, action, danger, effect: answer.effect ?? answer, real, done };
  });
}

/** @param {any} state */
function close(state) {
  state.dialog = null;
  state.failure = null;
  state.update();
}

/** @param {any} state */
async function run(state) {
  const { real, done } = state.dialog;
  await attempt(state, async () => {
    await real();
    state.dialog = null;
    await state.reload();
    return done;
  });
}

/** @param {any} state */
export function dialog(state) {
  if (!state.dialog) return nothing;
  const { title, action, danger } = state.dialog;
  return html`<dialog aria-labelledby="dialog-title" @close=${() => close(state)}>
    <h2 id="dialog-title">${title}</h2>
    ${effect(state.dialog.effect)}
    ${outcome(state)}
    <div class="row">
      <button class=${danger ? 'danger' : 'primary'} ?disabled=${state.busy} @click=${() => run(state)}>${action}</button>
      <button @click=${() => close(state)}>Cancel</button>
    </div>
  </dialog>`;
}

/**
 * Opens the dialog where there is one: the browser then keeps the keyboard in it.
 * @param {any} state
 */
export function openDialog(state) {
  const element = state.dialog && document.querySelector('dialog');
  if (element && !element.open) element.showModal();
}
