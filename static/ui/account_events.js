/** The security events of a person's account and organisations, as *Your account* lists them. */

import { t } from '../texts.js';
import { html, nothing } from '../vendor/lit-html.js';
import { browserName } from './browser_name.js';
import { moment } from './format.js';
import { showMore } from './more.js';
import { empty } from './shell.js';
import { table } from './table.js';

/** @import { AccountEvent, State } from '../types.js' */

/** The names of the kinds. @type {Record<AccountEvent['kind'], string>} */
export const EVENT = {
  password_changed: t('event-password-changed'),
  new_browser: t('event-new-browser'),
  operator_added: t('event-operator-added'),
  admin_added: t('event-admin-added'),
  admin_removed: t('event-admin-removed'),
  key_made: t('event-key-made'),
  connection_changed: t('event-connection-changed'),
  saml_only_changed: t('event-saml-only-changed'),
  recovery_used: t('event-recovery-used'),
};

/** @type {Record<string, string>} */
const CHANGE = { settings: t('event-settings'), removed: t('event-settings-removed'), certificate_added: t('event-certificate-added'), own_keys: t('event-own-keys') };

/** Actors without a name, by their kind. @type {Record<string, string>} */
const NAMELESS = { command_line: t('event-by-command-line'), system: t('audit-system'), anonymous: t('audit-anonymous') };

/** The detail below the name of an event: the person, key or change that it is about. @param {AccountEvent} event */
function about({ kind, detail }) {
  if (!detail) return '';
  if (kind === 'saml_only_changed') return detail.on ? t('event-on') : t('event-off');
  if (kind === 'recovery_used') return t('event-recovery-how', { person: detail.person ?? '', how: detail.how === 'link' ? t('event-recovery-link') : t('event-recovery-code') });
  return detail.person ?? detail.key ?? CHANGE[detail.change ?? ''] ?? '';
}

/** The browser and the address of the actor. @param {AccountEvent} event */
function from({ address, agent }) {
  if (agent && address) return t('event-from-both', { browser: browserName(agent), address });
  if (address) return t('from-address-only', { address });
  return agent ? browserName(agent) : '';
}

/** The name of an event. @param {AccountEvent} event */
function called({ kind, detail }) {
  return kind === 'operator_added' && detail?.pending ? t('event-operator-wanted') : EVENT[kind] ?? kind;
}

/** @param {State} state @param {AccountEvent} event */
function row(state, event) {
  const [what, by] = [about(event), event.by === state.me.person.email ? t('event-by-you') : NAMELESS[event.by_kind] ?? event.by];
  const where = from(event);
  return html`<tr>
    <td><strong>${called(event)}</strong>${what ? html`<small>${what}</small>` : nothing}</td>
    <td data-label=${t('where')}>${event.organisation?.name ?? '–'}</td>
    <td data-label=${t('by')}><span>${by}${where ? html` <small>${where}</small>` : nothing}</span></td>
    <td data-label=${t('when')}>${moment(event.at)}</td>
  </tr>`;
}

/** The path of the list in the API. */
export const EVENTS = '/me/events';

/** The section of *Your account*. @param {State<{items: AccountEvent[], next: string | null}>} state */
export function accountEvents(state) {
  const { items } = state.data;
  return html`<section class="card stack" aria-label=${t('events-title')}><h2>${t('events-title')}</h2>
    <p class="soft">${state.me.password ? t('events-lead-password') : t('events-lead')}</p>
    ${items.length ? table([t('what'), t('where'), t('by'), t('when')], items.map((event) => row(state, event))) : empty(t('events-none'))}
    ${showMore(state, EVENTS)}
  </section>`;
}
