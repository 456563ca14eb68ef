/** Formats of times, numbers, lists, roles and methods. */

import { LANGUAGE, t } from '../texts.js';

/** @import { Method, Role } from '../types.js' */

/** @type {Record<'moment' | 'exact' | 'day' | 'clock', Intl.DateTimeFormatOptions>} */
const STYLES = {
  moment: { dateStyle: 'medium', timeStyle: 'short' },
  exact: { dateStyle: 'medium', timeStyle: 'medium' },
  day: { dateStyle: 'medium' },
  clock: { timeStyle: 'short' },
};

/** The locale of dates, numbers and lists: British English for English. */
export const LOCALE = LANGUAGE === 'en' ? 'en-GB' : LANGUAGE;

/** A number, grouped as in the language. @param {number} value */
export const number = (value) => value.toLocaleString(LOCALE);

/** The reader's own time zone. */
const OWN = Intl.DateTimeFormat().resolvedOptions().timeZone;

/** The time zone of the page, and whether a time was shown on it. */
const page = { zone: OWN, shown: false };

/** @type {Map<string, Intl.DateTimeFormat>} */
const made = new Map();

/**
 * Formats a time in the time zone of the page. All other functions for times use this one.
 * @param {string | number} time RFC 3339, or milliseconds
 * @param {keyof typeof STYLES} style
 */
function text(time, style) {
  const name = `${style} ${page.zone}`;
  const format = made.get(name) ?? new Intl.DateTimeFormat(LOCALE, { ...STYLES[style], timeZone: page.zone });
  made.set(name, format);
  page.shown = true;
  const said = format.format(new Date(time));
  // In French, the first of a month is an ordinal, which browsers do not write.
  return LANGUAGE === 'fr' ? said.replace(/^1(?=\s\p{L})/u, '1er') : said;
}

/**
 * Begins rendering a page. All its times are in one time zone: the reader's own, unless the page names another.
 * @param {string} [zone]
 */
export function beginPage(zone = OWN) {
  Object.assign(page, { zone, shown: false });
}

/** The time zone of the times that the page has shown so far; null if it has shown none. */
export const zoneShown = () => (page.shown ? page.zone : null);

/** @param {string | null | undefined} time RFC 3339 */
export const moment = (time) => (time ? text(time, 'moment') : t('never'));

/** A time with seconds, to be compared with SAML messages and logs. @param {string | number} time RFC 3339, or milliseconds */
export const exact = (time) => text(time, 'exact');

/** The time of the day. @param {string} time RFC 3339 */
export const clock = (time) => text(time, 'clock');

/** A sentence of the server, with its times formatted like those of the page. @param {string} sentence */
export const timed = (sentence) => sentence.replace(/\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/g, (time) => moment(time));

/** A number of hours in words, the same as on the command line. @param {number} count */
export const hours = (count) => (count % 24 || count < 48 ? t('hours', { count }) : t('days', { count: count / 24 }));

/** @param {string} time RFC 3339 */
export const day = (time) => text(time, 'day');

const LISTS = { sentence: new Intl.ListFormat(LOCALE), values: new Intl.ListFormat(LOCALE, { style: 'narrow' }) };

/** Names within a sentence, such as *a, b and c*. @param {string[]} names */
export const together = (names) => LISTS.sentence.format(names);

/** Values in a list, such as *a, b, c*. @param {string[]} values */
export const listed = (values) => LISTS.values.format(values);

/** The names of the built-in roles. @type {Record<string, string>} */
export const ROLE = { admin: t('role-admin'), power_user: t('role-power-user') };

/** The name of a person's role. @param {{ role: Role, role_name?: string | null }} held */
export const roleName = ({ role, role_name }) => ROLE[role] ?? role_name ?? role;

/** @type {[string, string][]} */
export const ROLES = [['power_user', ROLE.power_user], ['admin', ROLE.admin]];

/** @type {Record<Method, string>} */
export const METHOD = { password: t('method-password'), saml: t('method-saml'), recovery: t('method-recovery') };
