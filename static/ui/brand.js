/** The brand of the pages: the organisation's name and logo, else the appliance's, else ours. */

import { html, nothing } from '../vendor/lit-html.js';
import { logo } from './icons.js';

/** @import { Brand, Branding } from '../types.js' */

/** The appliance's brand, from the document. @type {Brand | null} */
let appliance = JSON.parse(document.getElementById('app')?.dataset.brand ?? 'null');

/** Once it is changed here. @param {Branding} branding */
export function setAppliance({ name, logo: mark }) {
  appliance = name || mark ? { name, logo: mark, label: name ?? 'Vestibule' } : null;
}

/** The name in page titles. @param {Brand | null | undefined} [own] of the organisation that the page is about */
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
