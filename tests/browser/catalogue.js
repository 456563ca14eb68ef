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

/** The words of a literal part of a text. @param {string} text */
const words = (text) => text.match(/\p{L}{3,}/gu) ?? [];

/**
 * The texts of the first language that differ from those of the other language: whole texts, and texts around values, of which at
 * least four words are fixed.
 * @param {string} language
 * @param {string} other
 */
export function textsOnlyIn(language, other) {
  const plain = plainTextsOnlyIn(language, other);
  const shapes = resource(language).body.flatMap(({ value }) => {
    if (!Array.isArray(value) || value.some((part) => typeof part !== 'string' && part.type !== 'var')) return [];
    if (value.filter((part) => typeof part === 'string').flatMap(words).length < 4) return [];
    const escaped = value.map((part) => (typeof part === 'string' ? part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&') : '.+'));
    return [new RegExp(`^${escaped.join('')}$`, 's')];
  });
  return { has: (/** @type {string} */ text) => plain.has(text) || shapes.some((shape) => shape.test(text)) };
}

/**
 * The texts of the first language that have no values and differ from those of the other language.
 * @param {string} language
 * @param {string} other
 */
function plainTextsOnlyIn(language, other) {
  /** @param {string} of */
  const plain = (of) => new Map(resource(of).body.filter(({ value }) => typeof value === 'string').map(({ id, value }) => [id, value]));
  const others = plain(other);
  const known = new Set(others.values());
  return new Set([...plain(language)].filter(([id, value]) => others.has(id) && !known.has(value)).map(([, value]) => value));
}
