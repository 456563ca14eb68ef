/** The tiles of the applications that a person may open. */

import { t } from '../texts.js';
import { html, nothing } from '../vendor/lit-html.js';

/** @import { ApplicationTile } from '../types.js' */

/** The picture of an application, or the first letter of its name. @param {{name: string, icon?: string | null}} application */
export function applicationIcon({ name, icon }) {
  if (icon) return html`<img class="app-icon" src=${icon} alt="" width="36" height="36">`;
  return html`<span class="app-icon" aria-hidden="true">${[...name][0]?.toLocaleUpperCase() ?? ''}</span>`;
}

/** The organisation and workspace of a tile, as far as the tiles differ in them. @param {ApplicationTile[]} all @returns {(one: ApplicationTile) => string} */
function placeOf(all) {
  const organisations = new Set(all.map(({ organisation }) => organisation)).size;
  const places = new Set(all.map(({ organisation, workspace }) => `${organisation}\n${workspace}`)).size;
  return ({ organisation, workspace }) => [organisations > 1 && organisation, places > 1 && workspace].filter(Boolean).join(' · ');
}

/**
 * The tiles with their heading; a note that says who can add applications if there are none.
 * @param {ApplicationTile[]} tiles
 */
export function tilesView(tiles) {
  const place = placeOf(tiles);
  return html`<section class="tight" aria-label=${t('applications')}>
    <h2>${t('applications')}</h2>
    ${tiles.length ? html`<ul class="grid">${tiles.map((one) => html`<li><a class="card tile app-tile" href=${one.url} data-outside>
        ${applicationIcon(one)}
        <span><strong>${one.name}</strong>${one.description ? html`<small>${one.description}</small>` : nothing}
          ${place(one) ? html`<small>${place(one)}</small>` : nothing}</span></a></li>`)}</ul>`
      : html`<p class="empty">${t('tiles-none')}</p>`}
  </section>`;
}
