/** The choice, when the rights of a person or a key are ended, to end also the passwords that were set with links that they received. */

import { t } from '../texts.js';

/** @param {string} label */
export const knownPasswords = (label) => ({
  label,
  hint: t('known-passwords-hint'),
  query: 'end_passwords=true',
});
