/** The texts of the pages, in the language of the document. */

import { FluentBundle, FluentResource } from './vendor/fluent/index.js';

/** The tag of the language. */
export const LANGUAGE = document.documentElement.lang;

// Fluent's direction marks around each value would end up in copied text.
const catalogue = new FluentBundle(LANGUAGE, { useIsolating: false });

/** Adds the texts that the server has selected from the catalogue. @param {string} name of their module */
async function add(name) {
  catalogue.addResource(new FluentResource((await import(`./locales/${name}.js`)).default));
}

await add(LANGUAGE);

/**
 * Loads the texts of a page and of its modules. Must be called before these are imported: some read their texts on import.
 * @param {string} page the name of its file, without .js
 */
export const textsOf = (page) => add(`${LANGUAGE}/${page}`);

/**
 * A text of the catalogue; the key itself if it is missing. Keys must be literals: the server sends the texts whose keys it finds in the modules.
 * @param {string} key
 * @param {Record<string, string | number>} [values]
 */
export function t(key, values) {
  const message = catalogue.getMessage(key);
  return message?.value ? catalogue.formatPattern(message.value, values, []) : key;
}

/** The characters around the placeholder of a value that is a template. No text contains them. */
const [BEGIN, END] = ['\u0002', '\u0003'];

/**
 * A text as an array of its parts. Values may be templates, such as a link or a name in bold.
 * @param {string} key
 * @param {Record<string, unknown>} values
 */
export function parts(key, values) {
  const isPlain = (/** @type {unknown} */ value) => typeof value === 'string' || typeof value === 'number';
  const held = Object.entries(values).map(([name, value]) => [name, isPlain(value) ? value : `${BEGIN}${name}${END}`]);
  const pieces = t(key, Object.fromEntries(held)).split(new RegExp(`${BEGIN}(\\w+)${END}`));
  return pieces.map((piece, at) => (at % 2 ? values[piece] : piece));
}
