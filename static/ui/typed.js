/**
 * The unsaved entries of a connection's form. They are kept when a person moves between the steps. Until the connection
 * is ready, and if the session ends, they also survive reloading the page. None of them is secret.
 */

import { OTHER_PERSON, SIGNED_OUT, TYPED } from './drafts.js';

/** @import { Connection, Metadata, State } from '../types.js' */
/** @typedef {State<{base: string, connection: Connection}>} Here */

/**
 * `values`: by the names of the form's fields; `filled`: the values of the provider's metadata; `metadataUrl`: the URL that the
 * form follows, null for none; `unloaded`: the URL that could not be loaded.
 * @typedef {{guide?: string, values: Record<string, string | boolean>, unready?: boolean, filled?: Metadata, certificates?: string[],
 *   metadataUrl?: string | null, unloaded?: string}} Typed
 */

/** The entries by our entity ID, which differs for each organisation. @type {Map<string, Typed>} */
const kept = new Map(JSON.parse(sessionStorage.getItem(TYPED) ?? '[]'));
/** Whether the person is about to sign in again. */
let signingIn = false;
addEventListener(SIGNED_OUT, () => { signingIn = true; });
addEventListener(OTHER_PERSON, () => kept.clear());
/** Leaves out a private key that was pasted by mistake. @param {string} _ @param {unknown} value */
const harmless = (_, value) => (typeof value === 'string' && value.includes('PRIVATE KEY') ? '' : value);
addEventListener('pagehide', () => sessionStorage.setItem(TYPED, JSON.stringify([...kept].filter(([, { unready }]) => unready || signingIn), harmless)));

/** @param {Pick<Here, 'data'>} state @returns {Typed} */
export function typed({ data: { connection } }) {
  const found = kept.get(connection.entity_id) ?? { values: {} };
  found.unready = connection.status !== 'ready';
  kept.set(connection.entity_id, found);
  return found;
}

/** Forgets the entries after they were saved or given up. @param {Pick<Here, 'data'>} state */
export const forgetTyped = ({ data: { connection } }) => kept.delete(connection.entity_id);

/** @param {Here} state @param {string} name @param {string | undefined} saved */
export const textOf = (state, name, saved) => /** @type {string | undefined} */ (typed(state).values[name]) ?? saved;

/** @param {Here} state @param {string} name @param {boolean} saved */
export const tickOf = (state, name, saved) => /** @type {boolean | undefined} */ (typed(state).values[name]) ?? saved;

/** A listener that keeps the value of each field inside its element. @param {Here} state */
export const noting = (state) => (/** @type {Event} */ event) => {
  const input = /** @type {HTMLInputElement} */ (event.target);
  if (!input.name || input.type === 'file') return;
  typed(state).values[input.name] = input.type === 'checkbox' ? input.checked : input.value;
  state.update();
};
