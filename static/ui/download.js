/** A list as a file. */

import { t } from '../texts.js';
import { html } from '../vendor/lit-html.js';

/**
 * A link to all of what is shown in parts, with the same filters.
 * @param {string} address
 */
export const download = (address) => html`<p><a class="button small" href=${address} data-outside>${t('download-csv')}</a></p>`;
