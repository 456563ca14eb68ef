/** The people of a list who were not invited, as a list of their own, and numbered as its lines are. */

import { t } from '../texts.js';

/** @import { TriedInvitation } from '../types.js' */

/** A cell of a table whose cells are divided by commas. @param {string} text */
const cell = (text) => (/["\t|;,]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

/** A line below a header, by which a word is a role and no name. @param {TriedInvitation} one */
function row({ text, name, email }) {
  const at = email ? text.toLowerCase().indexOf(email.toLowerCase()) : -1;
  return at < 0 ? cell(text) : [email, name, text.slice(at + email.length).replace(/^>?[, ]*/, '')].map(cell).join(',');
}

/** Whether a list began with a header: its first line is about nobody. @param {string} text @param {TriedInvitation[]} items */
function hasHeader(text, items) {
  const first = text.split(/\r\n|\r|\n/).findIndex((line) => line.trim()) + 1;
  return !items.some(({ line }) => line === first);
}

/**
 * The new list, which keeps what a header said of its cells; the lines of those who are left are counted again.
 * @param {string} text of the list
 * @param {TriedInvitation[]} items all that the server said of it
 * @param {TriedInvitation[]} left
 */
export function leftOver(text, items, left) {
  const header = left.length && hasHeader(text, items) ? [[t('email'), t('name'), t('role')].join(',')] : [];
  for (const [n, one] of left.entries()) one.line = header.length + n + 1;
  return [...header, ...left.map((one) => (header.length ? row(one) : one.text))].join('\n');
}
