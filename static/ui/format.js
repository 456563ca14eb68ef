/** How values read. */

/**
 * @param {number} count
 * @param {string} one
 * @param {string} many
 */
export const plural = (count, one, many) => `${count} ${count === 1 ? one : many}`;

const MOMENT = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short' });

/** @param {string | null | undefined} time RFC 3339 */
export const moment = (time) => (time ? MOMENT.format(new Date(time)) : 'never');

const WORDS = {
  admin: 'Admin',
  power_user: 'Power User',
  password: 'password',
  saml: 'SAML',
  recovery: 'recovery code',
};

/** @param {string | null | undefined} word */
export const word = (word) => WORDS[/** @type {keyof typeof WORDS} */ (word)] ?? word ?? '';

/** @type {[string, string][]} */
export const ROLES = [['power_user', 'Power User'], ['admin', 'Admin']];
