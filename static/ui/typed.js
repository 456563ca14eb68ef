/** What somebody has typed and not saved yet of a connection: kept while they go from step to step, and back. */

/** @import { Connection, Metadata, State } from '../types.js' */
/** @typedef {State<{base: string, connection: Connection}>} Here */

/**
 * `values`: by the names of the form's fields; `filled`: what the provider's metadata said; `metadataUrl`: the address that the
 * form follows, null for none.
 * @typedef {{guide?: string, values: Record<string, string | boolean>, filled?: Metadata, certificates?: string[],
 *   metadataUrl?: string | null}} Typed
 */

/** By the connection's path in the API. @type {Map<string, Typed>} */
const kept = new Map();

/** @param {Pick<Here, 'data'>} state @returns {Typed} */
export function typed({ data: { base } }) {
  const found = kept.get(base) ?? { values: {} };
  kept.set(base, found);
  return found;
}

/** Once it is saved, or given up. @param {string} base */
export const forgetTyped = (base) => kept.delete(base);

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
