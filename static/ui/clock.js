/** Two clocks, the provider's and ours, as pictures with words. */

import { html, nothing } from '../vendor/lit-html.js';
import { exact } from './format.js';

/** @import { Rule, Skew, TraceClock } from '../types.js' */

/** How much of the picture lies outside what matters, on either side. */
const MARGIN = 0.08;

/** @param {number} value @param {number} least @param {number} most */
function percent(value, least, most) {
  const room = (most - least) * MARGIN;
  return `${(100 * (value - least + room)) / (most - least + 2 * room)}%`;
}

/** @param {number} secs */
function duration(secs) {
  const off = Math.abs(secs);
  if (off < 120) return `${off} s`;
  return off < 7200 ? `${Math.round(off / 60)} minutes` : `${Math.round(off / 3600)} hours`;
}

/** @param {number} secs our time less the provider's */
export function difference(secs) {
  if (Math.abs(secs) < 5) return 'The provider’s clock agrees with ours';
  return secs > 0 ? `The provider’s clock is ${duration(secs)} behind ours` : `The provider’s clock is ${duration(secs)} ahead of ours`;
}

const ADVICE = {
  fine: 'Nothing to do.',
  drifting: 'Sign-ins still work. Synchronise both clocks by NTP before they fail: check this server’s first.',
  failing: 'Sign-ins fail or are about to. Synchronise both clocks by NTP: check this server’s first.',
};
const LEVELS = { fine: ['good', 'Clocks agree'], drifting: ['warn', 'Clocks drift apart'], failing: ['bad', 'Clocks too far apart'] };

/** The clock difference over the last responses. @param {Skew} skew */
export function skewMeter(skew) {
  const allowed = skew.allowed_secs;
  const end = Math.max(allowed * 1.3, Math.abs(skew.median_secs) * 1.1);
  const at = (/** @type {number} */ secs) => percent(secs, -end, end);
  const width = (/** @type {number} */ secs) => `${parseFloat(at(secs)) - parseFloat(at(-secs))}%`;
  const provider = -skew.median_secs;
  const [kind, text] = LEVELS[skew.level];
  const words = `${difference(skew.median_secs)}: the median of ${skew.samples === 1 ? 'the last response' : `the last ${skew.samples} responses`}.`;
  return html`<section class="card stack"><div class="row"><h2>Clock</h2><span class="badge ${kind}">${text}</span></div>
    <svg class="clock" role="img" aria-label="${words} ${allowed} seconds either way are allowed.">
      <rect class="allowed" x=${at(-allowed)} y="12" width=${width(allowed)} height="16" rx="4"></rect>
      <line class="axis" x1="0" x2="100%" y1="20" y2="20"></line>
      <line class="ours" x1=${at(0)} x2=${at(0)} y1="4" y2="36"></line>
      <circle class="theirs ${skew.level}" cx=${at(provider)} cy="20" r="7"></circle>
    </svg>
    <p class="legend"><span class="key ours"></span>this server’s clock <span class="key theirs ${skew.level}"></span>the provider’s clock
      <span class="key allowed"></span>${allowed} s either way are allowed</p>
    <p>${words} ${ADVICE[skew.level]}</p></section>`;
}

/** A moment that a rule received, in milliseconds. @param {Rule[]} rules @param {string} name */
function received(rules, name) {
  const at = Date.parse(rules.find((one) => one.rule === name)?.received ?? '');
  return Number.isNaN(at) ? null : at;
}

/** @param {string} label @param {number} at milliseconds @param {string} kind */
function momentRow(label, at, kind) {
  return html`<dt><span class="key ${kind}"></span>${label}</dt><dd>${exact(at)}</dd>`;
}

/**
 * One response on a line of time: when its provider made it, when it came, and from when until when it was good.
 * @param {TraceClock} clock
 * @param {Rule[]} rules
 */
export function timeline(clock, rules) {
  const [issued, arrived] = [Date.parse(clock.issued_at), Date.parse(clock.received_at)];
  const from = received(rules, 'not_before');
  const until = received(rules, 'not_on_or_after');
  const all = [issued, arrived, from ?? issued, until ?? arrived];
  const [least, most] = [Math.min(...all), Math.max(...all) + 1000];
  const at = (/** @type {number} */ time) => percent(time, least, most);
  const width = `${parseFloat(at(until ?? arrived)) - parseFloat(at(from ?? issued))}%`;
  return html`<svg class="clock" role="img" aria-label="${difference(clock.difference_secs)}.">
      <rect class="allowed" x=${at(from ?? issued)} y="12" width=${width} height="16" rx="4"></rect>
      <line class="axis" x1="0" x2="100%" y1="20" y2="20"></line>
      <line class="ours" x1=${at(arrived)} x2=${at(arrived)} y1="4" y2="36"></line>
      <circle class="theirs" cx=${at(issued)} cy="20" r="7"></circle>
    </svg>
    <dl class="facts">
      ${momentRow('Issued, by the provider’s clock', issued, 'theirs')}
      ${momentRow('Arrived, by this server’s clock', arrived, 'ours')}
      ${from === null ? nothing : momentRow('Valid from', from, 'allowed')}
      ${until === null ? nothing : momentRow('Valid until', until, 'allowed')}
    </dl>
    <p>${difference(clock.difference_secs)}. ${clock.allowed_secs} s either way are allowed.</p>`;
}
