/** The form for the lifetimes of an organisation's invitations and sessions, which are at most those of the appliance. */

import { patch } from '../api.js';
import { t } from '../texts.js';
import { html } from '../vendor/lit-html.js';
import { field, numberOrNull, submit, submitButton } from './form.js';

/** @import { Organisation, State } from '../types.js' */
/** @typedef {State<{organisation: Organisation}>} Here */
/** @typedef {'invitation_hours' | 'session_idle_hours' | 'session_days'} Life */

/** @type {[Life, string, string][]} */
const LIVES = [
  ['invitation_hours', t('lives-invitation'), t('lives-invitation-hint')],
  ['session_idle_hours', t('lives-idle'), t('lives-at-once')],
  ['session_days', t('lives-days'), t('lives-at-once')],
];

/** @param {Here} state */
export function livesForm(state) {
  const { organisation } = state.data;
  const save = submit(state, async (values) => {
    await patch(`/organisations/${organisation.id}`, Object.fromEntries(LIVES.map(([name]) => [name, numberOrNull(values[name])])));
    await state.reload();
    return t('lives-saved');
  });
  const one = (/** @type {[Life, string, string]} */ [name, label, hint]) => {
    const now = organisation[name] === null ? t('lives-own', { value: organisation.lives[name] }) : t('lives-empty');
    return field(state, { name, label, type: 'number', value: String(organisation[name] ?? ''), required: false, hint: `${now} ${hint}` });
  };
  return html`<section class="card stack"><h2>${t('lives-title')}</h2>
    <p class="soft">${t('lives-lead')}</p>
    <form @submit=${save}>${LIVES.map(one)}${submitButton(state, t('lives-save'))}</form></section>`;
}
