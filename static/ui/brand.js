/** Whose pages these are: the name and the logo of the organisation, else of the appliance, else ours. */

import { html, nothing } from '../vendor/lit-html.js';
import { logo } from './icons.js';

/** @import { Brand } from '../types.js' */

/** What the document says of the appliance. @type {Brand | null} */
const appliance = JSON.parse(document.getElementById('app')?.dataset.brand ?? 'null');

/** What pages are called. @param {Brand | null | undefined} [own] of the organisation that the page is about */
export const label = (own) => (own ?? appliance)?.label ?? 'Vestibule';

/**
 * Logo and name. Beside the name, the logo says nothing more.
 * @param {Brand | null | undefined} [own] of the organisation that the page is about
 */
export function brandView(own) {
  const brand = own ?? appliance;
  if (!brand) return html`<img src=${logo} alt="" width="28" height="28">Vestibule`;
  return html`${brand.logo ? html`<img class="logo" src=${brand.logo} alt=${brand.name ? '' : brand.label}>` : nothing}
    ${brand.name ? html`<span>${brand.name}</span>` : nothing}`;
}
