/** The lines of a list that were not invited, as a new list with its own line numbers. */

import { t } from '../texts.js';

/** @import { TriedInvitation } from '../types.js' */

/** A cell of CSV. @param {string} text */
const cell = (text) => (/["\t|;,]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

/** A line as cells in the order of the header: address, name, role. @param {TriedInvitation} one */
function row({ text, name, email }) {
  const at = email ? text.toLowerCase().indexOf(email.toLowerCase()) : -1;
  return at < 0 ? cell(text) : [email, name, text.slice(at + email.length).replace(/^>?[, ]*/, '')].map(cell).join(',');
}

/** Whether a list began with a header: the server reports no person for its first line. @param {string} text @param {TriedInvitation[]} items */
function hasHeader(text, items) {
  const first = text.split(/\r\n|\r|\n/).findIndex((line) => line.trim()) + 1;
  return !items.some(({ line }) => line === first);
}

/**
 * The new list, with a header if the old one had one. Also sets the line numbers of `left` to those of the new list.
 * @param {string} text of the list
 * @param {TriedInvitation[]} items the server's report on all lines
 * @param {TriedInvitation[]} left those of `items` that were not invited
 */
export function leftOver(text, items, left) {
  const header = left.length && hasHeader(text, items) ? [[t('email'), t('name'), t('role')].join(',')] : [];
  for (const [n, one] of left.entries()) one.line = header.length + n + 1;
  return [...header, ...left.map((one) => (header.length ? row(one) : one.text))].join('\n');
}
