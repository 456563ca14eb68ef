/** Lists of people, which the server searches and filters, shown page by page. */

import { ApiError, get } from '../api.js';
import { t } from '../texts.js';
import { html, nothing } from '../vendor/lit-html.js';
import { attempt, field, submit, submitButton } from './form.js';
import { METHOD } from './format.js';

/** @import { State } from '../types.js' */
/** @typedef {{items: any[], next: string | null, wanted: URLSearchParams, faults: Record<string, string>}} Listing */
/** @typedef {State<{listing: Listing}>} Here */

/** The number of people that are shown at first, and that are added by each click. */
const STEP = 50;

/** @type {[string, string][]} */
const METHODS = [['', t('any')], ['password', t('password')], ['saml', METHOD.saml], ['recovery', t('find-recovery')], ['never', t('find-never-signed-in')]];

/** @type {[string, string][]} */
const STATES = [['', t('any')], ['active', t('find-active')], ['away', t('find-away')], ['new', t('find-never')]];

/** @type {[string, string][]} */
const SAML = [['', t('any')], ['ready', t('find-ready')], ['waiting', t('find-waiting')]];

/** The filters of a workspace's members: they have the same names in the form, in the page's address and in the API. */
export const ofWorkspace = (/** @type {[string, string][]} */ roles) => ({ role: roles, organisation: false });
/** The filters of an organisation's people. @param {[string, string][]} roles @returns {{role: [string, string][], organisation: boolean}} */
export const ofOrganisation = (roles) => ({ role: [['organisation_admin', t('organisation-admin')], ...roles], organisation: true });

const NAMES = ['search', 'role', 'method', 'state', 'saml'];

/** @param {(name: string) => string | null | undefined} value */
function filters(value) {
  const wanted = new URLSearchParams();
  for (const name of NAMES) {
    const text = value(name)?.trim();
    if (text) wanted.set(name, text);
  }
  return wanted;
}

/**
 * The next matches, at least `least` of them if that many exist. In a very large organisation the API may return a short page although more matches follow.
 * @param {string} path
 * @param {URLSearchParams} wanted
 * @param {number} least
 * @param {string} cursor
 */
async function gather(path, wanted, least, cursor = '') {
  const items = [];
  /** @type {string | null} */
  let next = cursor;
  do {
    const limit = Math.min(200, least - items.length);
    const page = await get(`${path}?${new URLSearchParams([...wanted, ['limit', String(limit)], ['cursor', next ?? '']])}`);
    items.push(...page.items);
    next = page.next;
  } while (next && items.length < least);
  return { items, next };
}

/**
 * The matches for the filters of the page's address, as many as were shown before; none if the server refuses a filter.
 * @param {string} path of the list in the API
 * @param {{query: URLSearchParams, local: Record<string, any>}} visit
 * @returns {Promise<Listing>}
 */
export async function people(path, { query, local }) {
  const wanted = filters((name) => query.get(name));
  try {
    return { ...(await gather(path, wanted, local.shown ?? STEP)), wanted, faults: {} };
  } catch (error) {
    if (!(error instanceof ApiError && error.status === 422 && NAMES.includes(error.field ?? ''))) throw error;
    return { items: [], next: null, wanted, faults: { [error.field ?? '']: error.message } };
  }
}

/**
 * Shows the matches without opening the page again, so that other content stays, such as a link that is shown only once.
 * @param {Here} state
 * @param {URLSearchParams} wanted
 */
async function show(state, wanted) {
  const query = String(wanted);
  state.readdress(state.path + (query && `?${query}`));
  state.query = wanted;
  state.local.shown = STEP;
  await state.reload();
}

/**
 * @param {Here} state
 * @param {{role: [string, string][], organisation: boolean}} asked
 */
export function finder(state, { role, organisation }) {
  const { wanted, faults } = state.data.listing;
  const find = submit(state, (values) => show(state, filters((name) => values[`find_${name}`])));
  const one = (/** @type {string} */ name, /** @type {string} */ label, /** @type {Partial<import('./form.js').Field>} */ it) =>
    field({ ...state, errors: faults }, { name: `find_${name}`, errorOf: name, label, required: false, value: wanted.get(name) ?? '', ...it });
  const change = (/** @type {Event} */ event) => {
    if (event.target instanceof HTMLSelectElement) event.target.form?.requestSubmit();
  };
  return html`<form role="search" aria-label=${t('search')} @submit=${find} @change=${change}>
    <div class="inline finder">
      ${one('search', t('find-name'), { type: 'search' })}
      ${one('role', t('find-role'), { options: [['', t('any')], ...role] })}
      ${one('method', t('find-method'), { options: METHODS })}
      ${one('state', t('find-state'), { options: STATES })}
      ${organisation ? one('saml', t('find-saml'), { options: SAML }) : nothing}
    </div>
    <div class="row">${submitButton(state, t('find'), '')}
      ${wanted.size ? html`<button type="button" class="quiet" @click=${() => attempt(state, () => clear(state))}>${t('find-clear')}</button>` : nothing}</div>
  </form>`;
}

/** @param {Here} state */
async function clear(state) {
  await show(state, new URLSearchParams());
  const search = /** @type {HTMLInputElement | null} */ (document.querySelector('#find_search'));
  // Rendering alone would leave the chosen options selected.
  search?.form?.reset();
  search?.focus();
}

/**
 * The number of matches that are shown, and the button for more.
 * @param {Here} state
 * @param {string} path of the list in the API
 * @param {number} all the number of people without a filter
 */
export function foot(state, path, all) {
  const { listing } = state.data;
  const { items, next, wanted } = listing;
  const more = () => attempt(state, async () => {
    const added = await gather(path, wanted, STEP, next ?? '');
    Object.assign(listing, { items: [...items, ...added.items], next: added.next });
    state.local.shown = listing.items.length;
  });
  const count = items.length;
  const some = () => (wanted.size ? t('find-and-more', { count }) : t('find-of', { count, all }));
  const of = next ? some() : t('find-all', { count });
  return html`<p class="row"><span class="soft" role="status">${of}</span>
    ${next ? html`<button aria-disabled=${state.busy ? 'true' : nothing} @click=${more}>${t('find-show-more', { count: STEP })}</button>` : nothing}</p>`;
}
