/** What a switch does to people, by name: the same before and after it happens. */

import { html, nothing } from '../vendor/lit-html.js';
import { attempt } from './form.js';
import { plural } from './format.js';
import { splitView } from './split.js';

/** @import { Affected, Effect, State } from '../types.js' */

/**
 * Asks what a switch would do. Its people are told by the two hundred: `more` asks for the next ones.
 * @param {State} state
 * @param {(query: string) => Promise<Effect>} dry
 */
export async function foresee(state, dry) {
  const effect = await dry('dry_run=true');
  const more = () => attempt(state, async () => {
    const { keeps, loses } = await dry(`dry_run=true&skip=${Math.max(effect.keeps.length, effect.loses.length)}`);
    effect.keeps.push(...keeps);
    effect.loses.push(...loses);
  });
  return { effect, more };
}

/**
 * @param {string} title
 * @param {Affected[]} lines
 * @param {number} count of all
 * @param {{open: boolean, more?: () => unknown}} how whether the names are seen at once, and what brings those not told yet
 */
function names(title, lines, count, { open, more }) {
  if (!count) return nothing;
  const left = count - lines.length;
  return html`<details ?open=${open}><summary><h3>${title} (${count})</h3></summary>
    <ul class="lines names" tabindex="0" aria-label=${title}>
      ${lines.map((line) => html`<li><strong>${line.email}</strong> <span class="soft">${line.reason}</span></li>`)}
      ${left > 0 ? html`<li class="row"><span class="soft">and ${left} more</span>
        ${more ? html`<button type="button" class="small" @click=${more}>Show more</button>` : nothing}</li>` : nothing}
    </ul></details>`;
}

/**
 * What happens to people beside the thing itself, in a sentence each.
 * @param {Affected[]} lines
 * @param {number} count of all
 */
export const sentencesView = (lines, count) => html`${lines.map((line) => html`<p class="notice warn"><strong>${line.email}</strong> ${line.reason}.</p>`)}
  ${count > lines.length ? html`<p class="notice warn">and ${count - lines.length} more</p>` : nothing}`;

/** @param {Effect} effect @param {() => unknown} [more] */
export function effectView({ counts, keeps, loses, warnings, organisations }, more) {
  const ending = counts.sessions || counts.grants;
  // Of one person alone, the sentence is about that person: "nobody keeps access" would read as if it were about everyone.
  const only = counts.keeps + counts.loses === 1 ? [...keeps, ...loses][0]?.email : undefined;
  const told = (/** @type {number} */ count, /** @type {string} */ one, /** @type {string} */ many) =>
    (only && count ? `${only} ${one}` : plural(count, `person ${one}`, `people ${many}`));
  const none = (/** @type {string} */ text) => (only ? '' : text);
  const keeping = counts.keeps ? told(counts.keeps, 'keeps access', 'keep access') : none('Nobody keeps access');
  const losing = counts.loses ? told(counts.loses, 'loses access', 'lose access') : none('Nobody loses access');
  const sessions = plural(counts.sessions, 'session', 'sessions');
  const signedOut = only && counts.sessions
    ? `${only} will be signed out of ${organisations?.length ? 'every organisation' : 'this organisation'} in ${sessions}.`
    : `${sessions} will be signed out, and ${plural(counts.grants, 'sign-in', 'sign-ins')}${organisations?.length ? '' : ' to this organisation'} will end.`;
  return html`<div class="stack">
    ${counts.keeps + counts.loses === 0 ? html`<p>Nobody’s access changes.</p>` : splitView({ count: counts.keeps, kind: 'good', text: keeping },
      { count: counts.loses, kind: 'bad', text: losing })}
    ${ending ? html`<p>${signedOut}</p>` : nothing}
    ${warnings.map((warning) => html`<p class="notice warn">${warning}</p>`)}
    ${names('Lose access', loses, counts.loses, { open: true, more })}
    ${names('Keep access', keeps, counts.keeps, { open: !counts.loses, more })}
  </div>`;
}
