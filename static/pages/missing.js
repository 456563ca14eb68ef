import { t } from '../texts.js';
import { html } from '../vendor/lit-html.js';

/** @type {import('../types.js').Page} */
export const missing = {
  title: t('missing-title'),
  open: true,
  view: () => html`<h1 tabindex="-1">${t('missing-title')}</h1>
    <p>${t('nothing-here')}</p>
    <p><a class="button" href="/">${t('missing-home')}</a></p>`,
};
