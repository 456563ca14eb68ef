/** The name and logo on the pages: the organisation's, else the appliance's, else Vestibule's. */

import { html, nothing } from '../vendor/lit-html.js';
import { logo } from './icons.js';

/** @import { Brand, Branding } from '../types.js' */

/** The appliance's brand, from the document. @type {Brand | null} */
let appliance = JSON.parse(document.getElementById('app')?.dataset.brand ?? 'null');

/** Replaces the appliance's brand after it was changed on a page. @param {Branding} branding */
export function setAppliance({ name, logo: mark }) {
  appliance = name || mark ? { name, logo: mark, label: name ?? 'Vestibule' } : null;
}

/** The name in page titles. @param {Brand | null | undefined} [own] of the organisation that the page is about */
export const label = (own) => (own ?? appliance)?.label ?? 'Vestibule';

/**
 * Logo and name. The logo has an empty alternative text if the name is beside it.
 * @param {Brand | null | undefined} [own] of the organisation that the page is about
 */
export function brandView(own) {
  const brand = own ?? appliance;
  if (!brand) return html`<img src=${logo} alt="" width="28" height="28">Vestibule`;
  return html`${brand.logo ? html`<img class="logo" src=${brand.logo} alt=${brand.name ? '' : brand.label}>` : nothing}
    ${brand.name ? html`<span>${brand.name}</span>` : nothing}`;
}
