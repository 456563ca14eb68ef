import { ApiError, get, list } from '../api.js';
import { activityView, isoDay } from '../ui/activity.js';
import { auditTable, kindOptions } from '../ui/audit.js';
import { download } from '../ui/download.js';
import { field, submit, submitButton } from '../ui/form.js';
import { showMore } from '../ui/more.js';
import { empty, pageHead } from '../ui/shell.js';
import { personField } from '../ui/suggest.js';
import { t } from '../texts.js';
import { html, nothing } from '../vendor/lit-html.js';

/** @import { Activity, AuditEntry, Organisation, Page, State, Visit, Workspace } from '../types.js' */
/** @import { Field } from '../ui/form.js' */
/** @typedef {State<Awaited<ReturnType<typeof load>>>} Here */

/** The filters of the log: they have the same names in the form, in the page's address and in the API. */
const FILTERS = ['user', 'resource_type', 'resource', 'workspace', 'from', 'to'];

/** @param {(name: string) => string | null | undefined} value */
function filters(value) {
  const wanted = new URLSearchParams();
  for (const name of FILTERS) {
    const text = value(name)?.trim();
    if (text) wanted.set(name, text);
  }
  return wanted;
}

/**
 * The time at which a day begins or ends in the reader's time zone, in which the log is shown.
 * @param {string} text a date; any other text of the address is returned unchanged
 * @param {string} time of the day, such as 00:00:00
 */
function edge(text, time) {
  const at = new Date(`${text}T${time}`);
  return Number.isNaN(at.getTime()) ? text : at.toISOString();
}

/** The date `days` days before another one. @param {number} days @param {Date} [of] the other date */
const daysBefore = (days, of = new Date()) => isoDay(new Date(of.getFullYear(), of.getMonth(), of.getDate() - days));

/** @param {URLSearchParams} wanted */
function asked(wanted) {
  const query = new URLSearchParams(wanted);
  for (const [name, time] of [['from', '00:00:00'], ['to', '23:59:59']]) {
    const text = query.get(name);
    if (text) query.set(name, edge(text, time));
  }
  return query;
}

/**
 * The query of the chart: the days of the reader's time zone, the last 30 if no first day is chosen.
 * @param {URLSearchParams} wanted
 */
function pictured(wanted) {
  const all = new URLSearchParams(wanted);
  const last = new Date(`${wanted.get('to') ?? isoDay(new Date())}T12:00:00`);
  if (!all.get('from') && !Number.isNaN(last.getTime())) all.set('from', daysBefore(29, last));
  if (!all.get('to')) all.set('to', isoDay(new Date()));
  return asked(all);
}

/**
 * The data of the chart; null if the server refuses the filters.
 * @param {string} base
 * @param {URLSearchParams} wanted
 */
async function picture(base, wanted) {
  try {
    return /** @type {Activity} */ (await get(`${base}/audit/activity?${pictured(wanted)}`));
  } catch (error) {
    if (!(error instanceof ApiError && error.status === 422)) throw error;
    return null;
  }
}

/** The fault of a period that ends before it begins. @param {URLSearchParams} wanted @returns {Record<string, string>} */
function turned(wanted) {
  const [from, to] = [wanted.get('from'), wanted.get('to')];
  return from && to && from > to ? { to: t('audit-from-after-to') } : {};
}

/**
 * The first page of the log. If the server refuses a filter, the page is empty and `faults` has the message for that filter.
 * @param {string} log the path of the log in the API
 * @param {URLSearchParams} query
 */
async function firstPage(log, query) {
  try {
    return { ...(await get(`${log}?${query}`)), faults: {} };
  } catch (error) {
    if (!(error instanceof ApiError && error.status === 422 && FILTERS.includes(error.field ?? ''))) throw error;
    return { ...(await get(`${log}?limit=1`)), items: [], next: null, faults: { [error.field ?? '']: error.message } };
  }
}

/** @param {Visit} visit */
async function load({ params, query }) {
  const base = params.org ? `/organisations/${params.org}` : '';
  const wanted = filters((name) => query.get(name));
  const log = `${base}/audit`;
  const [listing, activity, organisation, workspaces] = await Promise.all([
    firstPage(log, asked(wanted)),
    picture(base, wanted),
    base ? get(base) : null,
    base ? list(`${base}/workspaces`) : [],
  ]);
  return {
    path: `${log}?${asked(wanted)}`,
    file: `${base}/audit.csv?${new URLSearchParams([...asked(wanted), ['bom', 'true']])}`,
    wanted,
    activity,
    organisation: /** @type {Organisation | null} */ (organisation),
    workspaces: /** @type {Workspace[]} */ (workspaces),
    kinds: /** @type {string[]} */ (listing.resource_types),
    items: /** @type {AuditEntry[]} */ (listing.items),
    next: /** @type {string | null} */ (listing.next),
    faults: /** @type {Record<string, string>} */ ({ ...turned(wanted), ...listing.faults }),
  };
}

/** @param {Here} state @returns {[string, string][]} */
function workspaceOptions({ data: { workspaces, wanted } }) {
  const chosen = wanted.get('workspace');
  /** @type {[string, string][]} */
  const gone = chosen && !workspaces.some(({ id }) => id === chosen) ? [[chosen, t('audit-filter-deleted')]] : [];
  return [['', t('all-workspaces')], ...workspaces.map(({ id, name }) => /** @type {[string, string]} */ ([id, name])), ...gone];
}

/** @param {Here} state */
function filterForm(state) {
  const { wanted, kinds, organisation, faults } = state.data;
  const apply = submit(state, async (values) => {
    const query = String(filters((name) => values[name]));
    state.go(state.path + (query && `?${query}`));
  });
  const here = { ...state, errors: faults };
  const filled = (/** @type {Field} */ it) => ({ required: false, value: wanted.get(it.name) ?? '', ...it });
  const one = (/** @type {Field} */ it) => field(here, filled(it));
  const who = { name: 'user', label: t('person'), hint: t('audit-person-hint') };
  return html`<form role="search" aria-label=${t('audit-filters')} @submit=${apply}>
    <div class="inline">
      ${organisation ? personField(here, `/organisations/${organisation.id}/members`, filled(who)) : one(who)}
      ${one({ name: 'resource_type', label: t('audit-kind'), options: kindOptions(kinds), hint: t('audit-kind-hint') })}
      ${one({ name: 'resource', label: t('name'), hint: t('audit-name-hint') })}
    </div>
    <div class="inline">
      ${organisation ? one({ name: 'workspace', label: t('workspace'), options: workspaceOptions(state) }) : nothing}
      ${one({ name: 'from', label: t('audit-from'), type: 'date' })}
      ${one({ name: 'to', label: t('audit-to'), type: 'date' })}
    </div>
    <div class="row">${submitButton(state, t('audit-show'))}
      ${wanted.size ? html`<a class="button" href=${state.path}>${t('find-clear')}</a>` : nothing}</div>
  </form>`;
}

/** The address of this page for other days. @param {Here} state @param {Record<string, string>} days */
function within({ path, data: { wanted } }, days) {
  const query = new URLSearchParams(wanted);
  for (const name of ['from', 'to']) query.delete(name);
  return `${path}?${new URLSearchParams([...query, ...Object.entries(days)])}`;
}

/** @type {[string, number][]} */
const RANGES = [[t('audit-today'), 0], [t('days', { count: 7 }), 6], [t('days', { count: 30 }), 29]];

/** @param {Here} state */
function ranges(state) {
  const { wanted } = state.data;
  return html`<nav class="row" aria-label=${t('audit-ranges')}>${RANGES.map(([text, days]) => {
    const from = daysBefore(days);
    const chosen = wanted.get('from') ?? daysBefore(29);
    const here = chosen === from && !wanted.get('to');
    return html`<a class="button small" href=${within(state, { from })} aria-current=${here ? 'true' : nothing}>${text}</a>`;
  })}</nav>`;
}

/** @param {Here} state */
function overview(state) {
  const { activity, wanted } = state.data;
  if (!activity) return nothing;
  const from = wanted.get('from');
  const cut = from && activity.items.length && Date.parse(activity.items[0].from) - Date.parse(`${from}T00:00:00`) > 86_400_000;
  return html`<section class="card stack" aria-label=${t('audit-activity')}>
    <div class="row spread"><h2>${t('audit-activity')}</h2>${ranges(state)}</div>
    ${activityView(activity, (day) => within(state, { from: day, to: day }), cut ? t('audit-chart-cut') : '')}
  </section>`;
}

/** @param {Here} state */
function lines(state) {
  const { items, wanted, organisation, path, faults } = state.data;
  if (Object.keys(faults).length) return empty(t('audit-faults'));
  if (!items.length) return empty(wanted.size ? t('audit-no-match') : t('events-none'));
  return html`${download(state, state.data.file)}${auditTable(items, !organisation)}${showMore(state, path)}`;
}

/** @param {Here} state */
function view(state) {
  const { organisation, wanted } = state.data;
  const lead = organisation
    ? t('audit-lead')
    : t('audit-lead-everywhere');
  return html`${pageHead(t('audit-log'), { crumb: organisation?.name, lead })}
    <div class="stack">
      ${overview(state)}
      <details class="card" ?open=${wanted.size > 0 || matchMedia('(min-width: 44rem)').matches}><summary><h2>${t('audit-filters')}</h2></summary>
        <div class="unfolded">${filterForm(state)}</div></details>
      <section class="card stack" aria-label=${t('audit-lines')}>${lines(state)}</section>
    </div>`;
}

/** @type {Page} */
export const audit = { title: t('audit-log'), load, view };
