/** Whether the passwords end, too, that were set with links that an operator or a key received. */

import { html } from '../vendor/lit-html.js';

/** The choice, in the dialog that ends the operator's or the key's rights. @param {string} who received the links */
export const passwordsChoice = (who) => html`<div class="choices single"><label><input type="checkbox" name="end_passwords">
  <span>Also end passwords that were set with links that ${who} received<small>For links that others may have used. These people
    are signed out, and set a new password by a reset link.</small></span></label></div>`;

/** The query of a request, by what was chosen. */
export const passwordsToo = () => {
  const choice = /** @type {HTMLInputElement | null} */ (document.querySelector('dialog [name=end_passwords]'));
  return choice?.checked ? '?end_passwords=true' : '';
};
