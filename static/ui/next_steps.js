/** The list of next steps, which disappears when all are done. */

import { t } from '../texts.js';
import { html, nothing } from '../vendor/lit-html.js';
import { icons } from './icons.js';

/** @import { State, Step, Steps } from '../types.js' */

/** The lists that were hidden, for browsers whose storage is blocked. @type {Set<string>} */
const away = new Set();

/** @param {string} name */
function isAway(name) {
  try {
    return away.has(name) || localStorage.getItem(name) === 'away';
  } catch {
    return away.has(name);
  }
}

/** @param {string} name @param {boolean} hidden */
function put(name, hidden) {
  if (hidden) away.add(name);
  else away.delete(name);
  try {
    if (hidden) localStorage.setItem(name, 'away');
    else localStorage.removeItem(name);
  } catch {
    // Storage is blocked: the list is hidden until the page is reloaded.
  }
}

/** @param {Step} step @param {boolean} next whether it is the first that is not done */
function item({ done, optional, title, text, path }, next) {
  const name = path && !done ? html`<a href=${path}>${title}</a>` : title;
  return html`<li class=${done ? 'done' : next ? 'next' : ''}>
    <span class="tick">${done ? icons.done : nothing}</span>
    <div><strong>${name}</strong>${done ? html`<span class="hidden"> (${t('done')})</span>` : nothing}
      ${optional && !done ? html` <span class="badge">${t('optional')}</span>` : nothing}
      ${done ? nothing : html`<p class="soft">${text}</p>`}</div>
    ${next && path ? html`<a class="button small primary" href=${path} aria-label=${t('steps-open-named', { title })}>${t('steps-open')}</a>` : nothing}
  </li>`;
}

/**
 * The list; nothing if all steps are done, and a button that shows it again if it was hidden.
 * @param {State} state
 * @param {string} title
 * @param {string} place the organisation's id, or `appliance`
 * @param {Steps | null} steps
 */
export function nextSteps(state, title, place, steps) {
  if (!steps || steps.done) return nothing;
  const name = `next-steps ${place} ${state.me.person.id}`;
  const left = steps.items.filter(({ done, optional }) => !done && !optional).length;
  const turn = (/** @type {boolean} */ hidden) => () => {
    put(name, hidden);
    state.update();
    /** @type {HTMLElement | null} */ (document.querySelector(`[data-steps="${CSS.escape(place)}"] button`))?.focus();
  };
  if (isAway(name)) {
    return html`<p data-steps=${place}><button class="small quiet" @click=${turn(false)}>${t('steps-left', { title, count: left })}</button></p>`;
  }
  const next = steps.items.find(({ done, optional }) => !done && !optional);
  const done = steps.items.filter((step) => step.done).length;
  return html`<section class="card stack" data-steps=${place} aria-label=${title}>
    <div class="row spread"><h2>${title}</h2>
      <div class="row"><span class="soft">${t('steps-done', { count: done, all: steps.items.length })}</span>
        <button class="small quiet" title=${t('steps-hide-hint')} @click=${turn(true)}>${t('hide')}</button></div></div>
    <ol class="todo">${steps.items.map((step) => item(step, step === next))}</ol>
  </section>`;
}
