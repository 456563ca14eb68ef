/** The texts of the pages, in the language of the document. */

import { FluentBundle, FluentResource } from './vendor/fluent/index.js';

/** The tag of the language. */
export const LANGUAGE = document.documentElement.lang;

// Marks of direction around each value would come into copied text.
const catalogue = new FluentBundle(LANGUAGE, { useIsolating: false });

/** Adds texts that the server has cut out of the catalogue. @param {string} name of their module */
async function add(name) {
  catalogue.addResource(new FluentResource((await import(`./locales/${name}.js`)).default));
}

await add(LANGUAGE);

/**
 * Brings the texts of a page and of its modules. To be called before they are imported: some take their texts at once.
 * @param {string} page its file
 */
export const textsOf = (page) => add(`${LANGUAGE}/${page}`);

/**
 * A text of the catalogue; its key where there is none. Keys are literals: the server sends the texts that the modules name.
 * @param {string} key
 * @param {Record<string, string | number>} [values]
 */
export function t(key, values) {
  const message = catalogue.getMessage(key);
  return message?.value ? catalogue.formatPattern(message.value, values, []) : key;
}

/** What holds the place of a value in a text: no text has these characters. */
const [BEGIN, END] = ['\u0002', '\u0003'];

/**
 * The same in pieces, where values may be templates: a link or a name in bold stands where the language wants it.
 * @param {string} key
 * @param {Record<string, unknown>} values
 */
export function parts(key, values) {
  const isPlain = (/** @type {unknown} */ value) => typeof value === 'string' || typeof value === 'number';
  const held = Object.entries(values).map(([name, value]) => [name, isPlain(value) ? value : `${BEGIN}${name}${END}`]);
  const pieces = t(key, Object.fromEntries(held)).split(new RegExp(`${BEGIN}(\\w+)${END}`));
  return pieces.map((piece, at) => (at % 2 ? values[piece] : piece));
}
