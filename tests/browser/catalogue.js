/** The texts of the product in each language, formatted as in the browser. */

import { readFileSync } from 'node:fs';
import { FluentBundle, FluentResource } from '../../static/vendor/fluent/index.js';

/** @param {string} language its tag */
const resource = (language) => new FluentResource(readFileSync(new URL(`../../locales/${language}.ftl`, import.meta.url), 'utf8'));

/**
 * Returns the function that formats a text of this language by its key.
 * @param {string} language
 */
export function texts(language) {
  const bundle = new FluentBundle(language, { useIsolating: false });
  bundle.addResource(resource(language));
  return (/** @type {string} */ key, /** @type {Record<string, string | number>} */ values = {}) => {
    const message = bundle.getMessage(key);
    if (!message?.value) throw new Error(`${language}.ftl has no ${key}`);
    return bundle.formatPattern(message.value, values, []);
  };
}

/**
 * The texts of the first language that have no values and differ from those of the other language.
 * @param {string} language
 * @param {string} other
 */
export function only(language, other) {
  /** @param {string} of */
  const plain = (of) => new Map(resource(of).body.filter(({ value }) => typeof value === 'string').map(({ id, value }) => [id, value]));
  const others = plain(other);
  const known = new Set(others.values());
  return new Set([...plain(language)].filter(([id, value]) => others.has(id) && !known.has(value)).map(([, value]) => value));
}
