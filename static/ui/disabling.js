/** Disabling a person in every organisation, and enabling them: for operators. */

import { post } from '../api.js';
import { html } from '../vendor/lit-html.js';
import { confirmEffect } from './dialog.js';

/** @import { State } from '../types.js' */

/**
 * The button that disables somebody, or enables them. Its effect is shown first.
 * @param {State} state
 * @param {{user: string, email: string, disabled: boolean}} one
 */
export function disabling(state, { user, email, disabled }) {
  const verb = disabled ? 'Enable' : 'Disable';
  const path = `/users/${user}/${verb.toLowerCase()}`;
  const ask = () => confirmEffect(state, {
    title: disabled ? `Enable ${email}?` : `Disable ${email} in every organisation?`,
    action: verb,
    danger: !disabled,
    dry: (query) => post(`${path}?${query}`),
    real: () => post(path),
    done: `${email} is ${verb.toLowerCase()}d.`,
  });
  return html`<button class="small ${disabled ? '' : 'danger'}" aria-label="${verb} ${email}" @click=${ask}>${verb}</button>`;
}
