/** The strength of a new password, shown while it is typed. The server judges it by the same rule as when it is set. */

import { post } from '../api.js';
import { t } from '../texts.js';
import { html, nothing } from '../vendor/lit-html.js';
import { PASSWORD_HINT, field } from './form.js';

/** @import { State, Strength } from '../types.js' */
/** @typedef {import('./form.js').Field} Field */

/** The pause in typing after which the password is judged. */
const PAUSE_MS = 300;
/** The texts of the scores from 0 to 4. */
const WORDS = [t('strength-0'), t('strength-1'), t('strength-2'), t('strength-3'), t('strength-4')];

/** @type {number | undefined} */
let waiting;

/**
 * Has the server judge the field's text after a pause in typing. Late and failed responses are ignored.
 * @param {State} state
 * @param {HTMLInputElement} input
 * @param {() => object} besides further values to judge it by
 */
function judge(state, input, besides) {
  clearTimeout(waiting);
  const show = (/** @type {Strength | null} */ strength) => {
    state.local.strength = strength;
    state.update();
  };
  const { value } = input;
  if (!value) return show(null);
  waiting = window.setTimeout(async () => {
    const strength = await post('/password-strength', { password: value, ...besides() }).catch(() => null);
    if (input.value === value && input.isConnected) show(strength);
  }, PAUSE_MS);
}

/** @param {Strength | null | undefined} strength */
function meter(strength) {
  const score = strength?.score ?? -1;
  const kind = strength && (strength.fault ? 'weak' : 'fine');
  return html`<svg class="strength ${kind || 'blank'}" width="100%" height="5" aria-hidden="true">${[0, 1, 2, 3, 4].map((n) =>
    html`<svg x="${n * 20}%" width="20%" height="5"><rect class=${n <= score ? 'reached' : ''} width="94%" height="5" rx="2" /></svg>`)}</svg>`;
}

/** The beginning of each fault that is about the password's strength. */
const EASY = t('field-password-easy');

/** The text below the field. A fault from the API continues the field's name, so it is made a sentence of its own. @param {Strength} strength */
function words({ score, fault }) {
  if (!fault) return t('strength-told', { strength: WORDS[score] });
  if (!fault.startsWith(EASY)) return t('strength-fault', { fault });
  return `${t('strength-add', { strength: WORDS[Math.min(score, 2)] })}${fault.slice(EASY.length)}`;
}

/**
 * A field for a new password, with its strength.
 * @param {State} state
 * @param {Pick<Field, 'name' | 'label'>} it
 * @param {() => object} [besides] further values by which to judge it, such as the address typed above
 */
export function newPassword(state, it, besides = () => ({})) {
  const { strength } = state.local;
  const typed = (/** @type {InputEvent} */ event) => {
    // The refused password is being corrected.
    delete state.errors[it.name];
    judge(state, /** @type {HTMLInputElement} */ (event.target), besides);
  };
  return html`<div class="new-password" @input=${typed}>
    ${field(state, { ...it, called: t('strength-this'), type: 'password', autocomplete: 'new-password', hint: PASSWORD_HINT })}
    ${meter(strength)}
    <p class="hint" role="status">${strength && !state.errors[it.name] ? words(strength) : nothing}</p>
  </div>`;
}
