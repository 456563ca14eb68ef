/** The people of a list who were not invited, as a list of their own: with their names and roles, and numbered as its lines are. */

import { t } from '../texts.js';

/** @import { TriedInvitation } from '../types.js' */

/** A cell of a table whose cells are divided by commas. @param {string} text */
const cell = (text) => (/["\t|;,]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

/** What stands behind the address with which a line begins; undefined where it begins otherwise. @param {TriedInvitation} one */
function behindAddress({ text, email }) {
  return email && text.toLowerCase().startsWith(email.toLowerCase()) ? text.slice(email.length) : undefined;
}

/** A line without a header: where several shared one, the name was elsewhere. @param {TriedInvitation} one */
function plainLine(one) {
  const rest = behindAddress(one);
  return rest !== undefined && one.name && !rest.includes(one.name) ? `"${one.name.replaceAll('"', '""')}" <${one.email}>${rest}` : one.text;
}

/** A line below a header, by which a word is a role and no name. @param {TriedInvitation} one */
function row(one) {
  const rest = behindAddress(one);
  return rest === undefined ? cell(one.text) : [one.email, one.name, rest.replace(/^, /, '')].map(cell).join(',');
}

/** Whether a list began with a header: its first line is about nobody. @param {string} text @param {TriedInvitation[]} items */
function hasHeader(text, items) {
  const first = text.split(/\r\n|\r|\n/).findIndex((line) => line.trim()) + 1;
  return !items.some(({ line }) => line === first);
}

/**
 * The new list; the lines of those who are left are counted anew.
 * @param {string} text of the list
 * @param {TriedInvitation[]} items all that the server said of it
 * @param {TriedInvitation[]} left
 */
export function leftOver(text, items, left) {
  const header = left.length && hasHeader(text, items) ? [[t('email'), t('name'), t('role')].join(',')] : [];
  for (const [n, one] of left.entries()) one.line = header.length + n + 1;
  return [...header, ...left.map(header.length ? row : plainLine)].join('\n');
}
