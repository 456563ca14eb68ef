/** The form for the language of an organisation, which applies to people who have not chosen one. */

import { patch } from '../api.js';
import { t } from '../texts.js';
import { html, nothing } from '../vendor/lit-html.js';
import { field, submit, submitButton } from './form.js';
import { LANGUAGES } from './installation.js';

/** @import { Organisation, State } from '../types.js' */

/** @param {State<{organisation: Organisation}>} state */
export function languageForm(state) {
  const { organisation } = state.data;
  if (!LANGUAGES.length) return nothing;
  const save = submit(state, async ({ language }) => {
    await patch(`/organisations/${organisation.id}`, { language });
    await state.reload();
    return t('organisation-language-saved');
  });
  return html`<section class="card stack"><h2>${t('language')}</h2>
    <p class="soft">${t('organisation-language-about')}</p>
    <form @submit=${save}>
      ${field(state, { name: 'language', label: t('organisation-language'), options: LANGUAGES, value: organisation.language ?? 'en' })}
      ${submitButton(state, t('organisation-language-save'))}
    </form></section>`;
}
