import { get } from '../api.js';
import { brandingForm } from '../ui/branding_form.js';
import { pageHead } from '../ui/shell.js';
import { html } from '../vendor/lit-html.js';

/** @import { Branding, Page, State } from '../types.js' */
/** @typedef {State<Awaited<ReturnType<typeof load>>>} Here */

async function load() {
  return { branding: /** @type {Branding} */ (await get('/branding')) };
}

/** @param {Here} state */
function view(state) {
  const lead = 'The name and logo of this installation: on the sign-in page, in e-mails, and for organisations without their own.';
  return html`${pageHead('Branding', { lead })}<div class="stack">${brandingForm(state, '/branding', 'Vestibule')}</div>`;
}

/** @type {Page} */
export const branding = { title: 'Branding', keeps: ['logo'], load, view };
