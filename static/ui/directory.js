/** People, searched and filtered by the server, a page at a time. */

import { ApiError, get } from '../api.js';
import { html, nothing } from '../vendor/lit-html.js';
import { attempt, field, submit, submitButton } from './form.js';
import { LOCALE, METHOD, ROLES } from './format.js';

/** @import { State } from '../types.js' */
/** @typedef {{items: any[], next: string | null, wanted: URLSearchParams, faults: Record<string, string>}} Listing */
/** @typedef {State<{listing: Listing}>} Here */

/** How many are shown at first, and added at a time. */
const STEP = 50;

/** @type {[string, string][]} */
const METHODS = [['', 'Any'], ['password', 'Password'], ['saml', METHOD.saml], ['recovery', 'Recovery code'], ['never', 'Never signed in']];

/** @type {[string, string][]} */
const STATES = [['', 'Any'], ['active', 'In the last 90 days'], ['away', 'Longer ago'], ['new', 'Never']];

/** @type {[string, string][]} */
const SAML = [['', 'Any'], ['ready', 'Has used SSO'], ['waiting', 'Not yet']];

/** What people of a workspace can be asked for: the same names in the form, in the page's address, and in the API. */
export const OF_WORKSPACE = { role: ROLES, organisation: false };
/** What people of an organisation can be asked for. */
export const OF_ORGANISATION = { role: /** @type {[string, string][]} */ ([['organisation_admin', 'Organisation admin'], ...ROLES]), organisation: true };

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
 * The next people who fit, at least so many, or all. In a very large organisation a page may be short though more follow.
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
 * Who fits the page's address: as many as were shown before; nobody where it asks for what there is not.
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
 * Shows who fits, in place: what stands elsewhere on the page, such as a link that is shown once, stays.
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
  return html`<form role="search" aria-label="Search" @submit=${find} @change=${change}>
    <div class="inline finder">
      ${one('search', 'Name or address', { type: 'search' })}
      ${one('role', 'Has the role', { options: [['', 'Any'], ...role] })}
      ${one('method', 'Last signed in by', { options: METHODS })}
      ${one('state', 'Last signed in', { options: STATES })}
      ${organisation ? one('saml', 'Through SSO', { options: SAML }) : nothing}
    </div>
    <div class="row">${submitButton(state, 'Find', '')}
      ${wanted.size ? html`<button type="button" class="quiet" @click=${() => attempt(state, () => clear(state))}>Clear filters</button>` : nothing}</div>
  </form>`;
}

/** @param {Here} state */
async function clear(state) {
  await show(state, new URLSearchParams());
  const search = /** @type {HTMLInputElement | null} */ (document.querySelector('#find_search'));
  // A chosen option stays selected until the form is reset.
  search?.form?.reset();
  search?.focus();
}

/**
 * How many are shown, and the button for more.
 * @param {Here} state
 * @param {string} path of the list in the API
 * @param {number} all how many there are without a filter
 */
export function foot(state, path, all) {
  const { listing } = state.data;
  const { items, next, wanted } = listing;
  const more = () => attempt(state, async () => {
    const added = await gather(path, wanted, STEP, next ?? '');
    Object.assign(listing, { items: [...items, ...added.items], next: added.next });
    state.local.shown = listing.items.length;
  });
  const count = items.length.toLocaleString(LOCALE);
  const of = wanted.size || !next ? `${count}${next ? ' and more' : ''} ${items.length === 1 && !next ? 'person' : 'people'}` : `${count} of ${all.toLocaleString(LOCALE)} people`;
  return html`<p class="row"><span class="soft" role="status">${of}</span>
    ${next ? html`<button aria-disabled=${state.busy ? 'true' : nothing} @click=${more}>Show ${STEP} more</button>` : nothing}</p>`;
}
