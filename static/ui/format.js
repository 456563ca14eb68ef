/** How values read. */

/** @import { Method, Role } from '../types.js' */

/**
 * @param {number} count
 * @param {string} one
 * @param {string} many
 */
export const plural = (count, one, many) => `${count} ${count === 1 ? one : many}`;

const MOMENT = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short' });
const DAY = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium' });

/** @type {Intl.DateTimeFormatOptions} */
const WITH_ZONE = { day: 'numeric', month: 'short', year: 'numeric', hour: '2-digit', minute: '2-digit', timeZoneName: 'short' };
const HERE = new Intl.DateTimeFormat('en-GB', WITH_ZONE);
const UTC = new Intl.DateTimeFormat('en-GB', { ...WITH_ZONE, second: '2-digit', timeZone: 'UTC' });

/** In the reader's own time, with its zone: for logs, which are compared with others. @param {string | null | undefined} time RFC 3339 */
export const zoned = (time) => (time ? HERE.format(new Date(time)) : 'never');

/** In UTC, as SAML messages have their times: for the trace. @param {string | number} time RFC 3339, or milliseconds */
export const utc = (time) => UTC.format(new Date(time));

/** @param {string | null | undefined} time RFC 3339 */
export const moment = (time) => (time ? MOMENT.format(new Date(time)) : 'never');

/** A number of hours in words, as commands say it. @param {number} count */
export const hours = (count) => (count % 24 || count < 48 ? plural(count, 'hour', 'hours') : plural(count / 24, 'day', 'days'));

/** @param {string} time RFC 3339 */
export const day = (time) => DAY.format(new Date(time));

/** @type {Record<Role, string>} */
export const ROLE = { admin: 'Admin', power_user: 'Power User' };

/** @type {[string, string][]} */
export const ROLES = [['power_user', ROLE.power_user], ['admin', ROLE.admin]];

/** @type {Record<Method, string>} */
export const METHOD = { password: 'password', saml: 'SSO', recovery: 'recovery code' };
