/**
 * What somebody has typed and not saved yet of a connection: kept while they go from step to step, and back. Until the connection
 * is ready, and where their session ends, it is also kept while the page is reloaded; none of it is secret.
 */

import { OTHER_PERSON, SIGNED_OUT, TYPED } from './drafts.js';

/** @import { Connection, Metadata, State } from '../types.js' */
/** @typedef {State<{base: string, connection: Connection}>} Here */

/**
 * `values`: by the names of the form's fields; `filled`: what the provider's metadata said; `metadataUrl`: the address that the
 * form follows, null for none.
 * @typedef {{guide?: string, values: Record<string, string | boolean>, unready?: boolean, filled?: Metadata, certificates?: string[],
 *   metadataUrl?: string | null}} Typed
 */

/** By our entity ID, which is each organisation's own. @type {Map<string, Typed>} */
const kept = new Map(JSON.parse(sessionStorage.getItem(TYPED) ?? '[]'));
/** Whether the person is about to sign in again. */
let signingIn = false;
addEventListener(SIGNED_OUT, () => { signingIn = true; });
addEventListener(OTHER_PERSON, () => kept.clear());
/** A private key that was pasted by mistake is not kept. @param {string} _ @param {unknown} value */
const harmless = (_, value) => (typeof value === 'string' && value.includes('PRIVATE KEY') ? '' : value);
addEventListener('pagehide', () => sessionStorage.setItem(TYPED, JSON.stringify([...kept].filter(([, { unready }]) => unready || signingIn), harmless)));

/** @param {Pick<Here, 'data'>} state @returns {Typed} */
export function typed({ data: { connection } }) {
  const found = kept.get(connection.entity_id) ?? { values: {} };
  found.unready = connection.status !== 'ready';
  kept.set(connection.entity_id, found);
  return found;
}

/** Once it is saved, or given up. @param {Pick<Here, 'data'>} state */
export const forgetTyped = ({ data: { connection } }) => kept.delete(connection.entity_id);

/** @param {Here} state @param {string} name @param {string | undefined} saved */
export const textOf = (state, name, saved) => /** @type {string | undefined} */ (typed(state).values[name]) ?? saved;

/** @param {Here} state @param {string} name @param {boolean} saved */
export const tickOf = (state, name, saved) => /** @type {boolean | undefined} */ (typed(state).values[name]) ?? saved;

/** Notes what is typed into any field below the element that listens. @param {Here} state */
export const noting = (state) => (/** @type {Event} */ event) => {
  const input = /** @type {HTMLInputElement} */ (event.target);
  if (!input.name || input.type === 'file') return;
  typed(state).values[input.name] = input.type === 'checkbox' ? input.checked : input.value;
  state.update();
};
