import { get } from '../api.js';
import { brandingForm } from '../ui/branding_form.js';
import { pageHead } from '../ui/shell.js';
import { t } from '../texts.js';
import { html } from '../vendor/lit-html.js';

/** @import { Branding, Page, State } from '../types.js' */
/** @typedef {State<Awaited<ReturnType<typeof load>>>} Here */

async function load() {
  return { branding: /** @type {Branding} */ (await get('/branding')) };
}

/** @param {Here} state */
function view(state) {
  const lead = t('branding-lead');
  return html`${pageHead(t('branding'), { lead })}<div class="stack">${brandingForm(state, '/branding', 'Vestibule')}</div>`;
}

/** @type {Page} */
export const branding = { title: t('branding'), keeps: ['logo'], load, view };
