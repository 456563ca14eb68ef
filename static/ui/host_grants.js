/** The hosts that operators grant to an organisation. Organisation admins see them. */

import { put } from '../api.js';
import { t } from '../texts.js';
import { html } from '../vendor/lit-html.js';
import { confirm } from './dialog.js';
import { effectView, foresee } from './effect.js';
import { field, submit, submitButton } from './form.js';

/** @import { Effect, Organisation, State } from '../types.js' */

/** @param {State<{organisation: Organisation, hosts: string[]}>} state */
export function hostGrants(state) {
  const { organisation, hosts } = state.data;
  const path = `/organisations/${organisation.id}/application-hosts`;
  const save = submit(state, async (values) => {
    const body = { hosts: values.granted_hosts.split(/[\s,]+/).filter(Boolean) };
    const dry = async (/** @type {string} */ query) => /** @type {Effect} */ ((await put(`${path}?${query}`, body)).effect);
    const real = () => put(path, body);
    const { effect, more } = await foresee(state, dry);
    if (effect.warnings.length) {
      return void confirm(state, {
        title: t('host-grants-title', { organisation: organisation.name }),
        action: t('host-grants-change'),
        body: () => effectView(effect, more),
        real,
        done: t('host-grants-saved'),
      });
    }
    await real();
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
