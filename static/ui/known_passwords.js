/** The choice in the dialog that ends the rights of a person or a key: the passwords end, too, that were set with links that they received. */

import { t } from '../texts.js';

/** @param {string} label */
export const knownPasswords = (label) => ({
  label,
  hint: t('known-passwords-hint'),
  query: 'end_passwords=true',
});
