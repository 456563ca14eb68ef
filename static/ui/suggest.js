/** A field that suggests people of an organisation while a name is typed. */

import { get } from '../api.js';
import { html } from '../vendor/lit-html.js';
import { field } from './form.js';

/** @import { OrganisationMember, State } from '../types.js' */

/** The pause in typing after which suggestions are loaded. */
const PAUSE_MS = 200;
/** The shortest text that is searched: shorter ones match too many people. */
const LEAST = 3;

/** @type {number | undefined} */
let waiting;

/** @param {State} state @param {string} path @param {HTMLInputElement} input */
function look(state, path, input) {
  clearTimeout(waiting);
  const { value } = input;
  if (value.trim().length < LEAST) return;
  waiting = window.setTimeout(async () => {
    const { items } = await get(`${path}?limit=8&search=${encodeURIComponent(value)}`).catch(() => ({ items: [] }));
    if (input.value !== value || !input.isConnected) return;
    state.local.suggested = items;
    state.update();
  }, PAUSE_MS);
}

/**
 * A field for a person's address, which finds people by any part of the address or the name.
 * @param {State} state
 * @param {string} path of the list of people in the API
 * @param {import('./form.js').Field} it
 */
export function personField(state, path, it) {
  const list = `${it.name}-list`;
  const type = (/** @type {Event} */ event) => look(state, path, /** @type {HTMLInputElement} */ (event.target));
  const suggested = /** @type {OrganisationMember[]} */ (state.local.suggested ?? []);
  return html`<div @input=${type}>${field(state, { ...it, list })}
    <datalist id=${list}>${suggested.map(({ email, name }) => html`<option value=${email}>${name}</option>`)}</datalist></div>`;
}
