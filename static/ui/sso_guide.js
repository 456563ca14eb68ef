/** A provider's guide, with our values where that provider's screens ask for them. */

import { html, nothing } from '../vendor/lit-html.js';
import { copyButton } from './copy.js';
import { GUIDES } from './guides.js';

/** @import { Connection, Provider } from '../types.js' */
/** @import { Guide, Step } from './guides.js' */

/** What stands on a screen is between stars: every second piece. @param {string} text */
function emphasised(text) {
  return text.split('*').map((piece, n) => (n % 2 ? html`<strong>${piece}</strong>` : piece));
}

/** @param {Step} step @param {Connection} connection */
function stepView({ text, paste }, connection) {
  return html`<li>${emphasised(text)}
    ${paste?.map(([theirs, ours]) => html`<div class="pair"><strong>${theirs}</strong> <span data-value>${connection[ours]}</span>
      ${copyButton(`value for ${theirs}`, connection[ours])}</div>`) ?? nothing}</li>`;
}

/** @param {Guide} guide @param {Connection} connection */
function steps(guide, connection) {
  return html`<ol class="guide">${guide.steps.map((step) => stepView(step, connection))}</ol>`;
}

/**
 * The provider's guide, folded where the connection works already.
 * @param {Provider} provider
 * @param {Connection} connection
 */
export function guideView(provider, connection) {
  const [first, ...others] = GUIDES.filter((guide) => guide.provider === provider);
  return html`<section class="card" aria-label="Guide">
    <details ?open=${connection.status !== 'ready'}><summary><h2>How to: ${first.name}</h2></summary>
      <div class="stack unfolded">
        ${others.map((guide) => html`<details><summary><strong>Steps for ${guide.name}</strong></summary>${steps(guide, connection)}</details>`)}
        ${steps(first, connection)}
      </div>
    </details>
  </section>`;
}
