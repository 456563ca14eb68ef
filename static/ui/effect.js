/** The effect of a switch: the people who keep and who lose access, by name. */

import { parts, t } from '../texts.js';
import { html, nothing } from '../vendor/lit-html.js';
import { attempt } from './form.js';
import { splitView } from './split.js';

/** @import { Affected, Effect, State } from '../types.js' */

/**
 * Loads the effect of a switch by a dry run. It names two hundred people at a time: `more` loads the next ones.
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
 * @param {{open: boolean, more?: () => unknown}} how `open`: whether the list is unfolded; `more`: loads the names that are missing
 */
function names(title, lines, count, { open, more }) {
  if (!count) return nothing;
  const left = count - lines.length;
  return html`<details ?open=${open}><summary><h3>${title} (${count})</h3></summary>
    <ul class="lines names" tabindex="0" aria-label=${title}>
      ${lines.map((line) => html`<li><strong>${line.email}</strong> <span class="soft">${line.reason}</span></li>`)}
      ${left > 0 ? html`<li class="row"><span class="soft">${t('effect-more', { count: left })}</span>
        ${more ? html`<button type="button" class="small" @click=${more}>${t('show-more')}</button>` : nothing}</li>` : nothing}
    </ul></details>`;
}

/** A sentence that says what happens to a person. @param {Affected} line */
export const affected = ({ email, reason }) => parts('effect-affected', { email: html`<strong>${email}</strong>`, reason });

/**
 * A sentence for each person who is affected.
 * @param {Affected[]} lines
 * @param {number} count of all
 */
export const sentencesView = (lines, count) => html`${lines.map((line) => html`<p class="notice warn">${affected(line)}</p>`)}
  ${count > lines.length ? html`<p class="notice warn">${t('effect-more', { count: count - lines.length })}</p>` : nothing}`;

/** @param {Effect} effect @param {string} [only] the address of the person, if only one is affected */
function signedOut({ counts: { sessions, grants }, organisations }, only) {
  const everywhere = Boolean(organisations?.length);
  if (only && sessions) {
    return everywhere ? t('effect-one-signed-out-everywhere', { email: only, count: sessions }) : t('effect-one-signed-out', { email: only, count: sessions });
  }
  return everywhere ? t('effect-signed-out-everywhere', { sessions, grants }) : t('effect-signed-out', { sessions, grants });
}

/** The applications that people lose, and the sessions and tokens there that end. @param {Effect} effect */
export function lostApplications({ applications, counts }) {
  const ended = [
    counts.application_sessions && t('effect-application-sessions', { count: counts.application_sessions }),
    counts.refresh_tokens && t('effect-refresh-tokens', { count: counts.refresh_tokens }),
  ].filter(Boolean);
  return html`${ended.length ? html`<p>${ended.join(' ')}</p>` : nothing}
    ${applications.length ? html`<p class="notice warn">${t('effect-applications', { names: applications.map(({ name }) => name).join(', ') })}</p>` : nothing}`;
}

/** @param {Effect} effect @param {() => unknown} [more] */
export function effectView(effect, more) {
  const { counts, keeps, loses, warnings } = effect;
  const ending = counts.sessions || counts.grants;
  // If only one person is affected, the sentence names them: "nobody keeps access" would read as if it were about everyone.
  const only = counts.keeps + counts.loses === 1 ? [...keeps, ...loses][0]?.email : undefined;
  const keeping = only ? counts.keeps && t('effect-keeps', { email: only }) : t('effect-keep', { count: counts.keeps });
  const losing = only ? counts.loses && t('effect-loses', { email: only }) : t('effect-lose', { count: counts.loses });
  return html`<div class="stack">
    ${counts.keeps + counts.loses === 0 ? html`<p>${t('effect-nobody')}</p>` : splitView({ count: counts.keeps, kind: 'good', text: keeping || '' },
      { count: counts.loses, kind: 'bad', text: losing || '' })}
    ${ending ? html`<p>${signedOut(effect, only)}</p>` : nothing}
    ${lostApplications(effect)}
    ${warnings.map((warning) => html`<p class="notice warn">${warning}</p>`)}
    ${names(t('effect-lose-title'), loses, counts.loses, { open: true, more })}
    ${names(t('effect-keep-title'), keeps, counts.keeps, { open: !counts.loses, more })}
  </div>`;
}
