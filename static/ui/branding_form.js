/** The form for the name and the logo on the pages. */

import { invalid, put, remove } from '../api.js';
import { t } from '../texts.js';
import { html, nothing } from '../vendor/lit-html.js';
import { label, setAppliance } from './brand.js';
import { confirm } from './dialog.js';
import { attempt, field, fieldText, submit, submitButton } from './form.js';
import { dataUrl, fileField } from './file_field.js';

/** @import { Branding, Organisation, State } from '../types.js' */
/** @typedef {State<{branding: Branding, organisation?: Organisation}>} Here */

const KINDS = ['image/png', 'image/svg+xml'];
/** The largest logo that the server accepts, in bytes. */
const MOST_BYTES = 64 * 1024;

/** The logo of the form: the chosen one, null if it was removed, else the saved one. @param {Here} state @returns {string | null} */
const logoOf = ({ local, data }) => (local.logo === undefined ? data.branding.logo ?? null : local.logo);

/**
 * Takes a chosen file. The server checks and sanitises it in a dry run, so that the preview shows the logo as it will be saved.
 * @param {Here} state @param {string} path @param {File} file
 */
async function choose(state, path, file) {
  const taken = await attempt(state, async () => {
    if (!KINDS.includes(file.type)) throw invalid('logo', t('branding-wrong-kind', { file: file.name }));
    if (file.size > MOST_BYTES) throw invalid('logo', t('branding-too-large', { file: file.name, kib: Math.ceil(file.size / 1024) }));
    const { logo } = /** @type {Branding} */ (await put(`${path}?dry_run=true`, { logo: await dataUrl(file) }));
    state.local.logo = logo;
    return undefined;
  });
  state.local.refused = taken ? null : file.name;
  state.update();
}

/** The name and logo as at the top of a page, in light and dark. @param {Here} state @param {string} called the name if nothing is set */
function preview(state, called) {
  const logo = logoOf(state);
  const typed = document.getElementById('brand_name') ? fieldText('brand_name') : state.data.branding.name;
  const name = (typed ?? '').trim();
  const shown = name || (logo ? '' : called);
  const one = (/** @type {string} */ scheme, /** @type {string} */ text) => html`<figure class="brand-preview ${scheme}">
    <p class="brand">${logo ? html`<img class="logo" src=${logo} alt=${name ? '' : called}>` : nothing}${shown ? html`<span>${shown}</span>` : nothing}</p>
    <figcaption>${text}</figcaption></figure>`;
  return html`<div class="brand-previews" role="group" aria-label=${t('branding-preview')}>${one('on-light', t('branding-on-light'))}${one('on-dark', t('branding-on-dark'))}</div>
    <p class="hint">${logo ? t('branding-logo-name', { name: name || called }) : t('branding-no-logo')}</p>`;
}

/** Clears the form after saving, and shows the appliance's new brand. An organisation's appears when the page's data is loaded again. @param {Here} state @param {Branding} branding */
function settled(state, branding) {
  Object.assign(state.local, { logo: undefined, refused: null });
  if (state.data.organisation) return;
  setAppliance(branding);
  document.title = `${state.page.title} · ${label()}`;
}

/** @param {Here} state @param {string} path */
function save(state, path) {
  return submit(state, async (values) => {
    const { refused } = state.local;
    if (refused) throw invalid('logo', t('branding-not-saved', { file: refused }));
    const [name, logo] = [values.brand_name.trim() || null, logoOf(state)];
    if (!name && !logo) await remove(path);
    else await put(path, { name, logo });
    settled(state, { name, logo });
    await state.reload();
    return name || logo ? t('branding-saved') : t('branding-removed');
  });
}

/** @param {Here} state @param {string} path */
const askToRemove = (state, path) => confirm(state, {
  title: t('branding-remove-title'),
  action: t('branding-remove'),
  body: html`<p>${state.data.organisation ? t('branding-remove-lead') : t('branding-remove-lead-appliance')}</p>`,
  real: async () => {
    await remove(path);
    settled(state, { name: null, logo: null });
  },
  done: t('branding-removed'),
});

/**
 * @param {Here} state
 * @param {string} path of the API
 * @param {string} called the name on the pages if nothing is set
 */
export function brandingForm(state, path, called) {
  const { branding } = state.data;
  const { refused } = state.local;
  /** @param {{logo?: null}} [changed] */
  const clear = (changed) => () => {
    Object.assign(state.local, { ...changed, refused: null });
    state.errors = {};
    state.update();
  };
  return html`<section class="card stack"><h2>${t('branding-title')}</h2>
    <form class="stack" @submit=${save(state, path)} @input=${() => state.update()}>
      ${field(state, {
        name: 'brand_name', label: t('branding-name'), value: branding.name ?? '', required: false, errorOf: 'name',
        hint: t('branding-name-hint'),
      })}
      ${fileField(state, {
        id: 'logo-file', name: 'logo', label: t('branding-logo'), hint: t('branding-logo-hint'),
        accept: KINDS.join(','), take: (file) => choose(state, path, file),
      })}
      ${preview(state, called)}
      <div class="row">${submitButton(state, t('branding-save'))}
        ${refused ? html`<button type="button" @click=${clear()}>${t('branding-leave-out', { file: refused })}</button>` : nothing}
        ${logoOf(state) ? html`<button type="button" @click=${clear({ logo: null })}>${t('branding-remove-logo')}</button>` : nothing}
        ${branding.name || branding.logo ? html`<button type="button" class="danger" @click=${() => askToRemove(state, path)}>${t('branding-remove')}</button>` : nothing}</div>
    </form></section>`;
}
