/** Renders the schemas of the API's description as text: the shape of a body, and an example. */

import { t } from '../texts.js';

/** @import { Description, Schema } from '../types.js' */

/** The number of levels of nesting that are shown. */
const DEEPEST = 6;

/** @param {Description} description @param {Schema} schema @returns {Schema} */
function resolved(description, schema) {
  const name = schema.$ref?.split('/').pop();
  return name ? description.components.schemas[name] : schema;
}

/**
 * The fields of an object schema, including those of its `allOf` parts. The fields of an optional part are optional.
 * @param {Description} description
 * @param {Schema} schema
 * @returns {{properties: Record<string, Schema>, required: string[]}}
 */
function fieldsOf(description, schema) {
  /** @type {Record<string, Schema>} */
  const properties = {};
  /** @type {string[]} */
  const required = [];
  for (const part of schema.allOf ?? [schema]) {
    const whole = resolved(description, part.anyOf?.[0] ?? part);
    Object.assign(properties, whole.properties);
    if (!part.anyOf) required.push(...whole.required ?? []);
  }
  return { properties, required };
}

/** The bounds of a number. @param {number | undefined} least @param {number | undefined} most */
function range(least, most) {
  if (least !== undefined && most !== undefined) return t('api-range', { least, most });
  if (least !== undefined) return t('api-least', { least });
  return most === undefined ? '' : t('api-most', { most });
}

/** The bounds of a text's length. @param {number | undefined} least @param {number | undefined} most */
function lengths(least, most) {
  if (least !== undefined && most !== undefined) return t('api-range-characters', { least, most });
  return least === undefined ? t('api-most-characters', { most: most ?? 0 }) : t('api-least-characters', { least });
}

/** The description of a field: its own, or that of its type. @param {Description} description @param {Schema} schema */
function remark(description, schema) {
  const [inner] = (schema.oneOf ?? []).filter(({ type }) => type !== 'null');
  const text = schema.description ?? inner?.description;
  const { minLength, maxLength, minimum, maximum } = resolved(description, inner ?? schema);
  const [least, most] = [minLength ?? minimum, maxLength ?? maximum];
  const bounds = minLength === undefined && maxLength === undefined ? range(least, most) : lengths(least, most);
  return [text?.split('\n')[0], bounds].filter(Boolean).join(' ');
}

/** @type {Record<string, string>} */
const NAMED = { Id: 'id', Time: 'time', Email: 'email', Name: 'name' };

/** @param {Schema} schema */
const typesOf = ({ type }) => (Array.isArray(type) ? type : type ? [type] : []);

/**
 * The shape of a schema, written as in TypeScript.
 * @param {Description} description
 * @param {Schema} schema
 * @param {number} [depth]
 * @returns {string}
 */
export function shape(description, schema, depth = 0) {
  const name = schema.$ref?.split('/').pop();
  if (name && NAMED[name]) return NAMED[name];
  const it = resolved(description, schema);
  const ways = it.oneOf ?? it.anyOf;
  if (ways) return [...new Set(ways.map((one) => shape(description, one, depth)))].join(' | ');
  if (it.enum) return it.enum.map((one) => JSON.stringify(one)).join(' | ');
  const types = typesOf(it).map((type) => {
    if (type === 'array') return `${bracketed(shape(description, it.items ?? {}, depth))}[]`;
    return type === 'object' ? object(description, it, depth) : type;
  });
  if (types.length) return types.join(' | ');
  return it.allOf ? object(description, it, depth) : 'any';
}

/** @param {string} text */
const bracketed = (text) => (text.includes(' | ') && !text.startsWith('{') ? `(${text})` : text);

/** @param {Description} description @param {Schema} schema @param {number} depth @returns {string} */
function object(description, schema, depth) {
  if (depth > DEEPEST) return '{…}';
  if (typeof schema.additionalProperties === 'object') return `{[name]: ${shape(description, schema.additionalProperties, depth)}}`;
  const { properties, required } = fieldsOf(description, schema);
  const space = '  '.repeat(depth + 1);
  const lines = Object.entries(properties).map(([name, one]) => {
    const text = remark(description, one);
    return `${space}${name}${required.includes(name) ? '' : '?'}: ${shape(description, one, depth + 1)}${text && `  // ${text}`}`;
  });
  return lines.length ? `{\n${lines.join('\n')}\n${'  '.repeat(depth)}}` : '{}';
}

/**
 * An example of a schema: its own, or one made of the examples of its fields.
 * @param {Description} description
 * @param {Schema} schema
 * @param {number} [depth]
 * @returns {unknown}
 */
export function example(description, schema, depth = 0) {
  const it = resolved(description, schema);
  const [given] = schema.examples ?? it.examples ?? [];
  if (given !== undefined) return given;
  const [way] = it.oneOf ?? it.anyOf ?? [];
  if (way) return example(description, way, depth);
  if (it.enum) return it.enum[0];
  const [type] = typesOf(it);
  if (type === 'array') return depth > DEEPEST ? [] : [example(description, it.items ?? {}, depth + 1)];
  if (type === 'object' || it.allOf) return sample(description, it, depth);
  return /** @type {Record<string, unknown>} */ ({ integer: 1, number: 1, boolean: true, null: null })[type] ?? '…';
}

/** @param {Description} description @param {Schema} schema @param {number} depth */
function sample(description, schema, depth) {
  if (depth > DEEPEST) return {};
  const { properties } = fieldsOf(description, schema);
  return Object.fromEntries(Object.entries(properties).map(([name, one]) => [name, example(description, one, depth + 1)]));
}
