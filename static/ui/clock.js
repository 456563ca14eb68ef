/** Charts of the difference between the provider's clock and ours, with the same in words. */

import { t } from '../texts.js';
import { html, nothing } from '../vendor/lit-html.js';
import { exact } from './format.js';

/** @import { Rule, Skew, TraceClock } from '../types.js' */

/** The margin on either side of the chart, as a share of its range. */
const MARGIN = 0.08;

/** @param {number} value @param {number} least @param {number} most */
function percent(value, least, most) {
  const room = (most - least) * MARGIN;
  return `${(100 * (value - least + room)) / (most - least + 2 * room)}%`;
}

/** @param {number} secs */
function duration(secs) {
  const off = Math.abs(secs);
  if (off < 120) return t('clock-seconds', { count: off });
  return off < 7200 ? t('minutes', { count: Math.round(off / 60) }) : t('hours', { count: Math.round(off / 3600) });
}

/** @param {number} secs our time less the provider's */
export function difference(secs) {
  if (Math.abs(secs) < 5) return t('clock-agrees');
  return secs > 0 ? t('clock-behind', { duration: duration(secs) }) : t('clock-ahead', { duration: duration(secs) });
}

const ADVICE = {
  fine: t('clock-fine'),
  drifting: t('clock-drifting'),
  failing: t('clock-failing'),
};
const LEVELS = { fine: ['good', t('clock-fine-badge')], drifting: ['warn', t('clock-drifting-badge')], failing: ['bad', t('clock-failing-badge')] };

/** The chart of the median clock difference of the last responses. @param {Skew} skew */
export function skewMeter(skew) {
  const allowed = skew.allowed_secs;
  const end = Math.max(allowed * 1.3, Math.abs(skew.median_secs) * 1.1);
  const at = (/** @type {number} */ secs) => percent(secs, -end, end);
  const width = (/** @type {number} */ secs) => `${parseFloat(at(secs)) - parseFloat(at(-secs))}%`;
  const provider = -skew.median_secs;
  const [kind, text] = LEVELS[skew.level];
  const words = t('clock-median', { difference: difference(skew.median_secs), count: skew.samples });
  return html`<section class="card stack"><div class="row"><h2>${t('clock-title')}</h2><span class="badge ${kind}">${text}</span></div>
    <svg class="clock" role="img" aria-label=${`${words} ${t('clock-seconds-allowed', { count: allowed })}`}>
      <rect class="allowed" x=${at(-allowed)} y="12" width=${width(allowed)} height="16" rx="4"></rect>
      <line class="axis" x1="0" x2="100%" y1="20" y2="20"></line>
      <line class="ours" x1=${at(0)} x2=${at(0)} y1="4" y2="36"></line>
      <circle class="theirs ${skew.level}" cx=${at(provider)} cy="20" r="7"></circle>
    </svg>
    <p class="legend"><span class="key ours"></span>${t('clock-ours')} <span class="key theirs ${skew.level}"></span>${t('clock-theirs')}
      <span class="key allowed"></span>${t('clock-allowed', { count: allowed })}</p>
    <p>${words} ${ADVICE[skew.level]}</p></section>`;
}

/** The time that a rule received, in milliseconds; NaN if it is missing. @param {Rule[]} rules @param {string} name */
function received(rules, name) {
  const at = Date.parse(rules.find((one) => one.rule === name)?.received ?? '');
  return Number.isNaN(at) ? null : at;
}

/** @param {string} label @param {number} at milliseconds @param {string} kind */
function momentRow(label, at, kind) {
  return html`<dt><span class="key ${kind}"></span>${label}</dt><dd>${exact(at)}</dd>`;
}

/**
 * The timeline of one response: when it was issued, when it arrived, and from when until when it was valid.
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
  return html`<svg class="clock" role="img" aria-label=${t('clock-told', { difference: difference(clock.difference_secs) })}>
      <rect class="allowed" x=${at(from ?? issued)} y="12" width=${width} height="16" rx="4"></rect>
      <line class="axis" x1="0" x2="100%" y1="20" y2="20"></line>
      <line class="ours" x1=${at(arrived)} x2=${at(arrived)} y1="4" y2="36"></line>
      <circle class="theirs" cx=${at(issued)} cy="20" r="7"></circle>
    </svg>
    <dl class="facts">
      ${momentRow(t('clock-issued'), issued, 'theirs')}
      ${momentRow(t('clock-arrived'), arrived, 'ours')}
      ${from === null ? nothing : momentRow(t('clock-valid-from'), from, 'allowed')}
      ${until === null ? nothing : momentRow(t('clock-valid-until'), until, 'allowed')}
    </dl>
    <p>${t('clock-told-allowed', { difference: difference(clock.difference_secs), count: clock.allowed_secs })}</p>`;
}
