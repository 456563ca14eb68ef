/** The effect of a change of roles: the people who get another level in an application. */

import { t } from '../texts.js';
import { html, nothing } from '../vendor/lit-html.js';
import { LEVEL } from './application_words.js';
import { lostApplications } from './effect.js';

/** @import { Effect, Role } from '../types.js' */

/** The roles of a workspace or an organisation, for a select. @param {{role: Role, name: string}[]} custom @param {[string, string][]} builtIn @returns {[string, string][]} */
export const roleOptions = (custom, builtIn) => [...builtIn, ...custom.map(({ role, name }) => /** @type {[string, string]} */ ([role, name]))];

/** The levels, for a select. @type {[string, string][]} */
export const LEVELS = Object.entries(LEVEL);

/** The number of lines from which the list may scroll, and so must be reachable by the keyboard. */
const LONG = 5;

/** @param {Effect} effect */
export function levelChanges(effect) {
  const { levels, counts, warnings } = effect;
  const left = counts.levels - levels.length;
  return html`<div class="stack">
    <p>${counts.levels ? t('level-changes', { count: counts.keeps + counts.loses }) : t('level-changes-none')}</p>
    ${lostApplications(effect)}
    ${warnings.map((warning) => html`<p class="notice warn">${warning}</p>`)}
    ${levels.length ? html`<ul class="lines ${levels.length < LONG ? '' : 'names'}" tabindex=${levels.length < LONG ? nothing : '0'} aria-label=${t('level-changes-list')}>
      ${levels.map(({ email, name, from, to }) => html`<li><strong>${email}</strong> <span class="soft">${t('level-change', { application: name, from: LEVEL[from], to: LEVEL[to] })}</span></li>`)}
      ${left > 0 ? html`<li class="soft">${t('level-changes-more', { count: left })}</li>` : nothing}
    </ul>` : nothing}
  </div>`;
}
