/** A provider's guide: its steps, each with a picture of the screen and with our values for that screen. */

import { picture } from '../guides/picture.js';
import { t } from '../texts.js';
import { html, nothing, svg } from '../vendor/lit-html.js';
import { copyButton } from './copy.js';

/** @import { Connection } from '../types.js' */
/** @import { Shape } from '../guides/picture.js' */
/** @import { Guide, Screen, Step } from '../guides/screen.js' */

/** @param {Shape} shape */
function painted(shape) {
  const { kind, name, x, y } = shape;
  if (kind === 'words') return svg`<text class=${name} x=${x} y=${y}>${shape.text}</text>`;
  if (kind === 'dot') return svg`<circle class=${name} cx=${x} cy=${y} r=${shape.radius}></circle>`;
  return svg`<rect class=${name} x=${x} y=${y} width=${shape.width} height=${shape.height} rx=${shape.round}></rect>`;
}

/** @param {Guide} guide @param {Screen} screen */
function pictureView(guide, screen) {
  const { width, height, words, shapes } = picture(guide, screen);
  return html`<svg class="screen" viewBox="0 0 ${width} ${height}" role="img"><title>${words}</title>${shapes.map(painted)}</svg>`;
}

/** Renders a step's text, in which the labels of the screen are between stars. @param {string} text */
function emphasised(text) {
  return text.split('*').map((piece, n) => (n % 2 ? html`<strong>${piece}</strong>` : piece));
}

/** @param {Screen} screen @param {Connection} connection */
function pairs({ fields = [] }, connection) {
  return fields.map((field) => ('put' in field ? html`<div class="pair"><strong>${field.label}</strong>
    <span data-value>${connection[field.put]}</span>${copyButton(t('guide-value-for', { field: field.label }), connection[field.put])}</div>` : nothing));
}

/**
 * The steps of a guide, or those that `wanted` selects, with their numbers in the whole guide.
 * @param {Guide} guide
 * @param {Connection} connection
 * @param {(step: Step) => boolean} [wanted]
 */
export function guideSteps(guide, connection, wanted = () => true) {
  return html`<ol class="guide">${guide.steps.map((step, n) => (wanted(step) ? html`<li value=${n + 1}><div class="guide-step">
    <div>${emphasised(step.text)}${pairs(step.screen, connection)}</div>${pictureView(guide, step.screen)}</div></li>` : nothing))}</ol>`;
}

/**
 * The whole guide, folded, for a connection that is ready.
 * @param {Guide} guide
 * @param {Connection} connection
 */
export function foldedGuide(guide, connection) {
  return html`<section class="card" aria-label=${t('guide')}><details><summary><h2>${t('guide-how-to', { provider: guide.name })}</h2></summary>
    <div class="unfolded">${guideSteps(guide, connection)}</div></details></section>`;
}
