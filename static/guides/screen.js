/**
 * The types and functions that describe guides: a provider's screens and their fields. A field of a screen takes one of our values (`put`) or a
 * fixed value (`set`), or shows a value to copy to Vestibule (`take`).
 *
 * @typedef {'entity_id' | 'callback_url'} Ours
 * @typedef {'metadata_url' | 'metadata_file' | 'sign_on_url' | 'idp_entity_id' | 'certificate'} Theirs
 * @typedef {{label: string, put: Ours} | {label: string, set: string} | {label: string, take: Theirs}} ScreenField
 *
 * A screen as it is drawn: the path through its menu, its heading and tabs, its fields, and the button to press. A screen with only `press` is
 * one click; the clicks of `menu`, `tab` and `press` are numbered in that order.
 * @typedef {{menu?: string[], title: string, tabs?: string[], tab?: string, fields?: ScreenField[], press?: string}} Screen
 *
 * One step: in `text`, the labels of a screen are between *stars*.
 * @typedef {{text: string, screen: Screen}} Step
 *
 * `window` is the name of the provider's console; `labels` are its names for the fields of our form; `known` matches the entity ID
 * or the sign-on URL of its connections; `metadata` is the better way to load its metadata.
 * @typedef {{id: string, name: string, hint: string, provider: import('../types.js').Provider, window: string, known: RegExp | null,
 *   metadata: 'url' | 'file', labels: {sign_on_url: string, idp_entity_id: string, certificate: string}, steps: Step[]}} Guide
 */

import { t } from '../texts.js';

/** A field that takes one of our values. @param {string} label @param {Ours} value @returns {ScreenField} */
export const put = (label, value) => ({ label, put: value });

/** A field to be set to a fixed value. @param {string} label @param {string} value @returns {ScreenField} */
export const set = (label, value) => ({ label, set: value });

/** A value to be copied to Vestibule. @param {string} label @param {Theirs} value @returns {ScreenField} */
export const take = (label, value) => ({ label, take: value });

/** The names of our values. @type {Record<Ours, string>} */
export const OURS = { entity_id: t('entity-id'), callback_url: t('callback-url') };

/** The fields of one kind in all steps of a guide, in their order. @param {Guide} guide @param {'put' | 'take'} kind */
const fieldsOf = (guide, kind) => guide.steps.flatMap(({ screen }) => screen.fields?.filter((field) => kind in field) ?? []);

/** Our values that a guide enters at the provider, each with the names of the fields for it. @param {Guide} guide @returns {[Ours, string[]][]} */
export function places(guide) {
  const fields = /** @type {{label: string, put: Ours}[]} */ (fieldsOf(guide, 'put'));
  const values = [...new Set(fields.map((field) => field.put))];
  return values.map((value) => [value, fields.filter((field) => field.put === value).map(({ label }) => label)]);
}

/** The provider's values that a guide copies to Vestibule. @param {Guide} guide */
export const takes = (guide) => /** @type {{label: string, take: Theirs}[]} */ (fieldsOf(guide, 'take'));
