/** A chart of the number of audit entries: a bar for each day, which links to the entries of that day. */

import { t } from '../texts.js';
import { html, nothing } from '../vendor/lit-html.js';
import { clock, day } from './format.js';

/** @import { Activity } from '../types.js' */
/** @typedef {Activity['items'][number]} Bar */

const HOUR = 3_600_000;
const HEIGHT = 72;

/** The day of the reader's calendar, such as `2026-11-24`. @param {Date} at */
export const isoDay = (at) => [at.getFullYear(), at.getMonth() + 1, at.getDate()].map((part) => String(part).padStart(2, '0')).join('-');

/** Whether the bars are hours, judged by the first one. The last bar may be shorter than its unit. @param {Bar[]} items */
const hourly = ([first]) => new Date(first.to).getTime() - new Date(first.from).getTime() <= HOUR;

/** The middle of a bar, which names its day: after a change to or from summer time, a bar of 24 hours begins an hour before or after midnight. @param {Bar} bar */
const middle = ({ from }) => new Date(new Date(from).getTime() + 12 * HOUR);

/** @param {Bar} bar @param {boolean} hours */
const nameOf = (bar, hours) => (hours ? t('activity-hour', { day: day(bar.from), clock: clock(bar.from) }) : day(middle(bar).toISOString()));

/** @param {Bar} bar @param {number} most */
function column({ count }, most) {
  const height = count ? Math.max(3, Math.round((count / most) * HEIGHT)) : 1;
  return html`<svg width="100%" height=${HEIGHT} aria-hidden="true"><rect class=${count ? 'some' : 'none'} width="100%" height=${height} y=${HEIGHT - height} rx=${count ? 2 : 0} /></svg>`;
}

/** Only one bar is reached with the Tab key; the arrow keys move between the bars. @param {KeyboardEvent} event */
function walk(event) {
  const list = /** @type {HTMLElement} */ (event.currentTarget);
  const bars = /** @type {HTMLElement[]} */ ([...list.querySelectorAll('a')]);
  const at = bars.indexOf(/** @type {HTMLElement} */ (document.activeElement));
  const to = /** @type {Record<string, number>} */ ({ ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: bars.length - 1 })[event.key];
  if (at < 0 || to === undefined || !bars[to]) return;
  event.preventDefault();
  bars[at].tabIndex = -1;
  bars[to].tabIndex = 0;
  bars[to].focus();
}

/** @param {Activity} activity @param {boolean} hours */
function caption({ items, total }, hours) {
  const [first, last] = [items[0], items[items.length - 1]];
  const most = items.reduce((a, b) => (b.count > a.count ? b : a));
  const [from, to] = hours ? [day(first.from), day(last.from)] : [first, last].map((one) => day(middle(one).toISOString()));
  const range = from === to ? t('activity-on', { day: from }) : t('activity-range', { from, to });
  if (!total) return t('activity-none', { range });
  const peak = nameOf(most, hours);
  return hours ? t('activity-hours', { range, count: total, peak, most: most.count }) : t('activity-days', { range, count: total, peak, most: most.count });
}

/**
 * @param {Activity} activity
 * @param {(day: string) => string} pathOf the address of a day's entries
 * @param {string} [note] shown below the chart
 */
export function activityView(activity, pathOf, note = '') {
  const { items } = activity;
  if (!items.length) return nothing;
  const hours = hourly(items);
  const most = Math.max(...items.map(({ count }) => count));
  const bar = (/** @type {Bar} */ one, /** @type {number} */ n) => {
    const label = t('activity-bar', { when: nameOf(one, hours), count: one.count });
    return html`<li>${hours
      ? html`<span role="img" aria-label=${label} title=${label}>${column(one, most)}</span>`
      : html`<a href=${pathOf(isoDay(middle(one)))} aria-label=${label} title=${label} tabindex=${n === items.length - 1 ? 0 : -1}>${column(one, most)}</a>`}</li>`;
  };
  return html`<figure class="activity">
    <ol class="bars" aria-label=${hours ? t('activity-per-hour') : t('activity-per-day')} @keydown=${walk}>${items.map(bar)}</ol>
    <figcaption class="legend">${caption(activity, hours)} ${note}</figcaption>
  </figure>`;
}
