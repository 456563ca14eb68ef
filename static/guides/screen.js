/**
 * The words that guides are written in: what a provider's screen asks for, chooses and shows.
 *
 * @typedef {'entity_id' | 'callback_url'} Ours
 * @typedef {'metadata_url' | 'metadata_file' | 'sign_on_url' | 'idp_entity_id' | 'certificate'} Theirs
 * @typedef {{label: string, put: Ours} | {label: string, set: string} | {label: string, take: Theirs}} ScreenField
 *
 * What of a screen is drawn: the way through its menu, its heading and tabs, its fields, and what to press. `press` alone is
 * a click; `menu`, `tab` and `press` are numbered in that order.
 * @typedef {{menu?: string[], title: string, tabs?: string[], tab?: string, fields?: ScreenField[], press?: string}} Screen
 *
 * One step: `text` has *stars* around what is written on a screen.
 * @typedef {{text: string, screen: Screen}} Step
 *
 * `window` is what the provider calls its console; `labels` are its names for the form's fields; `known` fits the entity ID
 * or the sign-on URL of its connections; `metadata` is the way that its metadata comes best.
 * @typedef {{id: string, name: string, hint: string, provider: import('../types.js').Provider, window: string, known: RegExp | null,
 *   metadata: 'url' | 'file', labels: {sign_on_url: string, idp_entity_id: string, certificate: string}, steps: Step[]}} Guide
 */

import { t } from '../texts.js';

/** A field that takes one of our values. @param {string} label @param {Ours} value @returns {ScreenField} */
export const put = (label, value) => ({ label, put: value });

/** A field to be set to something. @param {string} label @param {string} value @returns {ScreenField} */
export const set = (label, value) => ({ label, set: value });

/** A value that is to be brought here. @param {string} label @param {Theirs} value @returns {ScreenField} */
export const take = (label, value) => ({ label, take: value });

/** What we call our values. @type {Record<Ours, string>} */
export const OURS = { entity_id: t('entity-id'), callback_url: t('callback-url') };

/** Fields of one kind over a guide's steps, in their order. @param {Guide} guide @param {'put' | 'take'} kind */
const fieldsOf = (guide, kind) => guide.steps.flatMap(({ screen }) => screen.fields?.filter((field) => kind in field) ?? []);

/** Where a guide puts our values: each with the names of its fields there. @param {Guide} guide @returns {[Ours, string[]][]} */
export function places(guide) {
  const fields = /** @type {{label: string, put: Ours}[]} */ (fieldsOf(guide, 'put'));
  const values = [...new Set(fields.map((field) => field.put))];
  return values.map((value) => [value, fields.filter((field) => field.put === value).map(({ label }) => label)]);
}

/** The values that a guide brings here. @param {Guide} guide */
export const takes = (guide) => /** @type {{label: string, take: Theirs}[]} */ (fieldsOf(guide, 'take'));
