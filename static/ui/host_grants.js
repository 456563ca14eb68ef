/** The hosts that operators grant to an organisation. Organisation admins see them. */

import { put } from '../api.js';
import { t } from '../texts.js';
import { html } from '../vendor/lit-html.js';
import { field, submit, submitButton } from './form.js';

/** @import { Organisation, State } from '../types.js' */

/** @param {State<{organisation: Organisation, hosts: string[]}>} state */
export function hostGrants(state) {
  const { organisation, hosts } = state.data;
  const save = submit(state, async (values) => {
    await put(`/organisations/${organisation.id}/application-hosts`, { hosts: values.granted_hosts.split(/[\s,]+/).filter(Boolean) });
    await state.reload();
    return t('host-grants-saved');
  });
  const shown = hosts.length
    ? html`<ul class="lines">${hosts.map((host) => html`<li><code>${host}</code></li>`)}</ul><p class="soft">${t('host-grants-ask')}</p>`
    : html`<p class="soft">${t('host-grants-none')}</p>`;
  return html`<section class="card stack" id="hosts"><h2>${t('host-grants')}</h2>
    <p class="soft">${t('host-grants-lead')}</p>
    ${state.me.person.operator ? html`<form @submit=${save}>
      ${field(state, {
        name: 'granted_hosts', label: t('host-grants-field'), hint: t('host-grants-hint'), lines: 3, required: false, value: hosts.join('\n'), errorOf: 'hosts',
      })}
      ${submitButton(state, t('host-grants-save'))}
    </form>` : shown}
  </section>`;
}
