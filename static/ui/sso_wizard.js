/**
 * The set-up of a connection, one step at a time. The page that contains it provides `data.base`, below which the API has `/sso` and
 * `/sso/metadata`, `data.connection`, and the list of its steps. The step and the provider are in the address.
 */

import { NOT_LISTED } from '../guides/guides.js';
import { GUIDES } from '../guides/providers.js';
import { OURS, places, takes } from '../guides/screen.js';
import { parts, t } from '../texts.js';
import { html, nothing } from '../vendor/lit-html.js';
import { copyButton } from './copy.js';
import { listed } from './format.js';
import { guideSteps } from './sso_guide.js';
import { chosenGuide, pickedGuide, ssoForm, typedKey } from './sso_form.js';
import { typed } from './typed.js';

/** @import { SsoStatus } from '../types.js' */
/** @import { Guide } from '../guides/screen.js' */
/** @import { Here } from './typed.js' */

/** @typedef {'choose' | 'copy' | 'paste' | 'test' | 'activate'} Step */

/** The steps in order, each with its name in the progress bar. @type {Record<Step, string>} */
const NAMES = { choose: t('step-choose'), copy: t('step-copy'), paste: t('step-paste'), test: t('step-test'), activate: t('step-done') };

/** All steps. */
const STEPS = /** @type {Step[]} */ (Object.keys(NAMES));

/** The step that a connection has reached, by its status. @type {Record<SsoStatus, Step>} */
const REACHED = { none: 'choose', draft: 'test', ready: 'activate' };

/** The index of the last step that can be opened now. @param {Here} state @param {Step[]} steps */
function farthest(state, steps) {
  const reached = STEPS.indexOf(REACHED[state.data.connection.status]);
  const least = pickedGuide(state) ? STEPS.indexOf('paste') : 0;
  return Math.min(Math.max(reached, least), steps.length - 1);
}

/**
 * The step to show: the one in the address, or the last that can be opened if that comes first; without one, the step that the connection has reached.
 * @param {Here} state
 * @param {Step[]} [steps]
 */
export function stepHere(state, steps = STEPS) {
  const asked = steps.indexOf(/** @type {Step} */ (state.query.get('step')));
  const far = farthest(state, steps);
  if (asked >= 0 && asked <= far) return steps[asked];
  if (asked > far) return steps[far];
  return steps[Math.min(STEPS.indexOf(REACHED[state.data.connection.status]), far)];
}

/**
 * The address of a step on this page. Other parameters of the address are kept.
 * @param {Here} state
 * @param {Step} step
 * @param {string} [provider]
 */
export function stepAddress(state, step, provider) {
  const query = new URLSearchParams(state.query);
  query.delete('attempt');
  query.set('step', step);
  const picked = provider ?? pickedGuide(state)?.id;
  if (picked) query.set('provider', picked);
  return `${state.path}?${query}`;
}

/** The name of the provider; null for any other provider. @param {Guide} guide */
const namedProvider = ({ id, name }) => (id === 'other' ? null : name);

/** The heading of a step. @param {Here} state @param {Step} step */
export function stepTitle(state, step) {
  const provider = namedProvider(chosenGuide(state));
  const paste = provider === null ? t('step-paste-title-other') : t('step-paste-title', { provider });
  const copy = provider === null ? t('step-copy-title-other') : t('step-copy-title', { provider });
  return { choose: t('step-choose-title'), copy, paste, test: t('test-sign-in'), activate: t('step-done-title') }[step];
}

/** The progress bar, with links to the steps that can be opened. @param {Here} state @param {Step} here @param {Step[]} [steps] */
export function progress(state, here, steps = STEPS) {
  const [now, far] = [steps.indexOf(here), farthest(state, steps)];
  // When the connection is ready, the steps before the test are replaced by the page of all settings.
  const first = state.data.connection.status === 'ready' ? steps.indexOf('test') : 0;
  const done = (/** @type {number} */ n) => n < now || (n < far && STEPS.indexOf(REACHED[state.data.connection.status]) > n);
  const label = (/** @type {Step} */ step, /** @type {number} */ n) => html`<span class="number" aria-hidden="true">${done(n) && n !== now ? '✓' : n + 1}</span>
    <span class="name">${NAMES[step]}${done(n) && n !== now ? html`<span class="hidden"> (${t('done')})</span>` : nothing}</span>`;
  return html`<ol class="steps" aria-label=${t('step-set-up')}>${steps.map((step, n) => html`<li class=${done(n) ? 'done' : ''} aria-current=${n === now ? 'step' : nothing}>
    ${n !== now && n <= far && n >= first ? html`<a href=${stepAddress(state, step)}>${label(step, n)}</a>` : html`<span class="now">${label(step, n)}</span>`}</li>`)}</ol>`;
}

/** @param {Here} state */
export function chooseStep(state) {
  const picked = pickedGuide(state);
  const note = (/** @type {string} */ id) => () => { typed(state).guide = id; };
  return html`<ul class="grid tiles">${GUIDES.map(({ id, name, hint }) => html`<li><a class="card tile" href=${stepAddress(state, 'copy', id)}
      aria-current=${id === picked?.id ? 'true' : nothing} @click=${note(id)}><strong>${name}</strong><small>${hint}</small></a></li>`)}</ul>
    <p class="hint">${NOT_LISTED}</p>`;
}

/** @param {string} name ours @param {string} value @param {unknown} where */
function valueRow(name, value, where) {
  return html`<div class="copy"><span class="label">${where}</span><span class="value" data-value>${value}</span>${copyButton(name, value)}</div>`;
}

/** Our values, by the names of the provider's fields. @param {Here} state @param {Guide} guide */
function ourValues(state, guide) {
  const { connection } = state.data;
  const portal = `${new URL(connection.entity_id).origin}/sso?key=${encodeURIComponent(typedKey(state))}`;
  return html`<section class="card stack"><h2>${t('step-our-values')}</h2>
    ${places(guide).map(([ours, theirs]) => valueRow(OURS[ours], connection[ours], html`${listed(theirs)}
      <small>${t('guide-ours', { name: OURS[ours] })}</small>`))}
    ${valueRow(t('portal-url'), portal, html`${t('portal-url')} <small>${t('step-portal-hint')}</small>`)}
    <p class="soft">${parts('step-metadata', { metadata: html`<a href=${connection.entity_id} data-outside>${t('our-metadata')}</a>` })}</p></section>`;
}

/** The links to the previous and the next step. @param {Here} state @param {Step} back @param {unknown} [on] */
export function onward(state, back, on = nothing) {
  return html`<p class="row spread"><a class="button quiet" href=${stepAddress(state, back)}>${t('back')}</a>${on}</p>`;
}

/** @param {Here} state */
export function copyStep(state) {
  const guide = chosenGuide(state);
  const provider = namedProvider(guide);
  const next = onward(state, 'choose', html`<a class="button primary" href=${stepAddress(state, 'paste')}>${t('continue')}</a>`);
  return html`${ourValues(state, guide)}
    <section class="card stack"><h2>${provider === null ? t('step-at-other') : t('step-at', { provider })}</h2>
      <p class="soft">${t('step-follow')}</p>
      ${guideSteps(guide, state.data.connection)}</section>${next}`;
}

/** @param {Here} state @param {string} [to] the page to open after saving @param {() => void} [noted] called after saving, before that page is opened */
export function pasteStep(state, to = stepAddress(state, 'test'), noted = undefined) {
  const guide = chosenGuide(state);
  const brings = (/** @type {import('../guides/screen.js').Step} */ { screen }) => Boolean(screen.fields?.some((field) => 'take' in field));
  return html`<div class="beside">${ssoForm(state, { button: t('step-save'), to, noted })}
    <section class="card stack"><h2>${t('step-where')}</h2>
      ${takes(guide).length ? guideSteps(guide, state.data.connection, brings) : nothing}</section></div>
    ${onward(state, 'copy')}`;
}
