/** What a switch does to people, by name: the same before and after it happens. */

import { html, nothing } from '../vendor/lit-html.js';
import { plural } from './format.js';
import { splitView } from './split.js';

/** @import { Affected, Effect } from '../types.js' */

/**
 * @param {string} title
 * @param {Affected[]} lines at most 200 of them
 * @param {number} count of all
 * @param {boolean} open whether the names are seen at once
 */
function names(title, lines, count, open) {
  if (!count) return nothing;
  const more = count - lines.length;
  return html`<details ?open=${open}><summary><h3>${title} (${count})</h3></summary>
    <ul class="lines names" tabindex="0" aria-label=${title}>
      ${lines.map((line) => html`<li><strong>${line.email}</strong> <span class="soft">${line.reason}</span></li>`)}
      ${more > 0 ? html`<li class="soft">and ${more} more</li>` : nothing}
    </ul></details>`;
}

/** @param {Effect} effect */
export function effectView({ counts, keeps, loses, warnings }) {
  const ending = counts.sessions || counts.grants;
  const losing = counts.loses ? plural(counts.loses, 'person loses access', 'people lose access') : 'Nobody loses access';
  return html`<div class="stack">
    ${splitView({ count: counts.keeps, kind: 'good', text: plural(counts.keeps, 'person keeps access', 'people keep access') },
      { count: counts.loses, kind: 'bad', text: losing })}
    ${ending ? html`<p>${plural(counts.sessions, 'session ends', 'sessions end')} with it, and ${plural(counts.grants, 'sign-in', 'sign-ins')} of this organisation.</p>` : nothing}
    ${warnings.map((warning) => html`<p class="notice warn">${warning}</p>`)}
    ${names('Lose access', loses, counts.loses, true)}
    ${names('Keep access', keeps, counts.keeps, !counts.loses)}
  </div>`;
}
