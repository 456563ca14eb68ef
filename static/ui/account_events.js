/** What a person was told about their account and their organisations, in words. */

import { html, nothing } from '../vendor/lit-html.js';
import { browserName } from './browser_name.js';
import { moment } from './format.js';
import { showMore } from './more.js';
import { empty } from './shell.js';
import { table } from './table.js';

/** @import { AccountEvent, State } from '../types.js' */

/** What each kind is called. @type {Record<AccountEvent['kind'], string>} */
export const EVENT = {
  password_changed: 'Password changed',
  new_browser: 'Sign-in from a new browser',
  operator_added: 'Operator added',
  admin_added: 'Organisation admin added',
  admin_removed: 'Organisation admin removed',
  key_made: 'API key created',
  connection_changed: 'Single sign-on changed',
  saml_only_changed: 'SAML-only switched',
  recovery_used: 'Recovery used',
};

/** @type {Record<string, string>} */
const CHANGE = { settings: 'Settings changed', removed: 'Settings removed', certificate_added: 'Certificate added', own_keys: 'Our own keys changed' };

/** What else there is to know. @param {AccountEvent} event */
function about({ kind, detail }) {
  if (!detail) return '';
  if (kind === 'saml_only_changed') return detail.on ? 'Turned on' : 'Turned off';
  if (kind === 'recovery_used') return `${detail.person}, with ${detail.how}`;
  return detail.person ?? detail.key ?? CHANGE[detail.change ?? ''] ?? '';
}

/** Where it came from. @param {AccountEvent} event */
function from({ address, agent }) {
  const browser = agent ? browserName(agent) : '';
  return [browser, address && `from ${address}`].filter(Boolean).join(' ') || 'Unknown';
}

/** @param {State} state @param {AccountEvent} event */
function row(state, event) {
  const [what, by] = [about(event), event.by === state.me.person.email ? 'you' : event.by];
  return html`<tr>
    <td><strong>${EVENT[event.kind] ?? event.kind}</strong>${what ? html`<small>${what}</small>` : nothing}</td>
    <td data-label="Where">${event.organisation?.name ?? '–'}</td>
    <td data-label="By"><span>${by} <small>${from(event)}</small></span></td>
    <td data-label="When">${moment(event.at)}</td>
  </tr>`;
}

/** Where the list is. */
export const EVENTS = '/me/events';

/** The section of *Your account*. @param {State<{items: AccountEvent[], next: string | null}>} state */
export function accountEvents(state) {
  const { items } = state.data;
  return html`<section class="card stack" aria-label="Security events"><h2>Security events</h2>
    <p class="soft">Changes to your account and to organisations that you manage. If one was not you or a colleague, ${state.me.password ? 'change your password and tell your admin' : 'tell your admin'}.</p>
    ${items.length ? table(['What', 'Where', 'By', 'When'], items.map((event) => row(state, event))) : empty('Nothing has happened yet.')}
    ${showMore(state, EVENTS)}
  </section>`;
}
