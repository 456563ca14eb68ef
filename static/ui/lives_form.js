/** How long invitations and sign-ins last in an organisation: at most as long as on the appliance. */

import { patch } from '../api.js';
import { html } from '../vendor/lit-html.js';
import { field, numberOrNull, submit, submitButton } from './form.js';

/** @import { Organisation, State } from '../types.js' */
/** @typedef {State<{organisation: Organisation}>} Here */
/** @typedef {'invitation_hours' | 'session_idle_hours' | 'session_days'} Life */

/** @type {[Life, string, string][]} */
const LIVES = [
  ['invitation_hours', 'Invitations last (hours)', 'For invitations sent from now on.'],
  ['session_idle_hours', 'Inactive sign-ins end after (hours)', 'Applies to everyone at once.'],
  ['session_days', 'All sign-ins end after (days)', 'Applies to everyone at once.'],
];

/** @param {Here} state */
export function livesForm(state) {
  const { organisation } = state.data;
  const save = submit(state, async (values) => {
    await patch(`/organisations/${organisation.id}`, Object.fromEntries(LIVES.map(([name]) => [name, numberOrNull(values[name])])));
    await state.reload();
    return 'The lifetimes are saved.';
  });
  const one = (/** @type {[Life, string, string]} */ [name, label, hint]) => {
    const now = organisation[name] === null ? `Leave empty for the appliance’s value, ${organisation.lives[name]}.` : 'Leave empty for the appliance’s value.';
    return field(state, { name, label, type: 'number', value: String(organisation[name] ?? ''), required: false, hint: `${now} ${hint}` });
  };
  return html`<section class="card stack"><h2>Invitations and sessions</h2>
    <p class="soft">You can choose shorter times than the appliance’s, not longer ones.</p>
    <form @submit=${save}>${LIVES.map(one)}${submitButton(state, 'Save lifetimes')}</form></section>`;
}
