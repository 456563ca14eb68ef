import { get } from '../api.js';
import { copyButton } from '../ui/copy.js';
import { attempt } from '../ui/form.js';
import { moment, timed } from '../ui/format.js';
import { pageHead } from '../ui/shell.js';
import { table } from '../ui/table.js';
import { parts, t } from '../texts.js';
import { html, nothing } from '../vendor/lit-html.js';

/** @import { Arrival, Checkup, Finding, Job, Page, ProxyLines, State } from '../types.js' */
/** @typedef {State<Awaited<ReturnType<typeof load>>>} Here */

async function load() {
  return { checkup: /** @type {Checkup} */ (await get('/doctor')) };
}

/** @type {Record<keyof ProxyLines, string>} */
const PROXIES = { nginx: 'nginx', caddy: 'Caddy', traefik: 'Traefik', apache: 'Apache' };

/** @param {boolean | null | undefined} ok */
function mark(ok) {
  if (ok == null) return html`<span class="badge warn">${t('note-badge')}</span>`;
  return ok ? html`<span class="badge good">${t('doctor-fine')}</span>` : html`<span class="badge bad">${t('doctor-wrong')}</span>`;
}

/** @param {ProxyLines} lines */
function linesView(lines) {
  const names = /** @type {(keyof ProxyLines)[]} */ (Object.keys(PROXIES));
  return html`<dl class="facts">${names.map((name) => html`<dt>${PROXIES[name]}</dt>
    <dd class="row"><code>${lines[name]}</code>${lines[name].startsWith('(') ? nothing : copyButton(t('doctor-line-copied', { proxy: PROXIES[name] }), lines[name])}</dd>`)}</dl>`;
}

/** The names of the checks. Libraries are not listed: they have the same name in every language. @type {Record<string, string>} */
const CHECK = {
  callback: t('doctor-check-callback'),
  certificate: t('doctor-check-certificate'),
  clock: t('doctor-check-clock'),
  copy: t('doctor-check-copy'),
  data_folder: t('doctor-check-data-folder'),
  database: t('doctor-check-database'),
  integrity: t('doctor-check-integrity'),
  job: t('doctor-check-job'),
  jobs: t('doctor-check-jobs'),
  linked: t('doctor-check-linked'),
  mail: t('doctor-check-mail'),
  mail_queue: t('doctor-check-mail-queue'),
  metadata: t('doctor-check-metadata'),
  open_files: t('doctor-check-open-files'),
  proxy: t('doctor-check-proxy'),
  public_url: t('doctor-check-public-url'),
  schema: t('doctor-check-schema'),
  skew: t('doctor-check-skew'),
  transactions: t('doctor-check-transactions'),
};

/** @param {string} check */
function checkName(check) {
  const name = CHECK[check.replaceAll(' ', '_').toLowerCase()];
  return name ? html`<strong>${name}</strong>` : html`<strong lang="en">${check}</strong>`;
}

/** @param {Finding} finding */
function findingView({ check, ok, found, what, lines }) {
  return html`<li>${mark(ok)}<div class="stack"><p>${parts('doctor-finding', { check: checkName(check), found: timed(found) })}</p>
    ${what ? html`<div class="notice info stack"><p><strong>${t('trace-what-to-change')}</strong> ${what}</p>${lines ? linesView(lines) : nothing}</div>` : nothing}</div></li>`;
}

/** Compares the browser's own address, which no proxy can change, with the public URL. @param {string} publicUrl */
function reached(publicUrl) {
  if (location.origin === publicUrl) return nothing;
  return html`<p class="notice warn"><strong>${t('sso-elsewhere', { here: location.origin, origin: publicUrl })}</strong>
    ${parts('doctor-elsewhere-change', { option: html`<code>--public-url ${location.origin}</code>` })}</p>`;
}

/** @param {Arrival} arrival */
function arrivalView({ peer, trusted, host, forwarded_host, forwarded_proto, forwarded_for }) {
  const row = (/** @type {string} */ name, /** @type {string | null | undefined} */ value) => html`<dt>${name}</dt><dd><code>${value ?? t('doctor-not-sent')}</code></dd>`;
  const from = html`<code>${peer}</code>`;
  return html`<dl class="facts"><dt>${t('doctor-came-from')}</dt><dd>${trusted ? parts('doctor-peer-trusted', { peer: from }) : parts('doctor-peer-untrusted', { peer: from })}</dd>
    ${row('Host', host)}${row('X-Forwarded-Host', forwarded_host)}${row('X-Forwarded-Proto', forwarded_proto)}${row('X-Forwarded-For', forwarded_for)}</dl>`;
}

/** @param {number} secs */
const every = (secs) => (secs < 120 ? t('doctor-every-seconds', { count: secs }) : t('doctor-every-minutes', { count: Math.round(secs / 60) }));

/** @param {boolean | null | undefined} ok */
function outcome(ok) {
  if (ok == null) return html`<span class="badge">${t('doctor-not-run')}</span>`;
  return ok ? html`<span class="badge good">${t('doctor-succeeded')}</span>` : html`<span class="badge bad">${t('rule-failed')}</span>`;
}

/** @param {Job} job */
function jobRow({ name, period_secs, ran_at, ok, failed_at, failure, next_at }) {
  return html`<tr>
    <td class="person"><strong>${name.charAt(0).toUpperCase()}${name.slice(1)}</strong><small>${every(period_secs)}</small></td>
    <td data-label=${t('doctor-last-run')}><div>${outcome(ok)} ${ran_at ? html`<small>${moment(ran_at)}</small>` : nothing}</div></td>
    <td data-label=${t('doctor-last-failure')}><div>${failed_at ? html`${moment(failed_at)} <small>${timed(failure ?? '')}</small>` : t('doctor-no-failure')}</div></td>
    <td data-label=${t('doctor-next-run')}>${next_at ? t('doctor-next-by', { at: moment(next_at) }) : t('doctor-next-soon')}</td>
  </tr>`;
}

/** @param {Job[]} jobs */
const jobsCard = (jobs) => html`<section class="card stack"><h2>${t('doctor-jobs')}</h2>
  ${table([t('doctor-job'), t('doctor-last-run'), t('doctor-last-failure'), t('doctor-next-run')], jobs.map(jobRow))}</section>`;

/** Sorts faults first, then notes, then successful checks; each in the server's order. @param {Finding[]} checks */
const worstFirst = (checks) => [false, null, true].flatMap((ok) => checks.filter((one) => one.ok === ok));

/** @param {Here} state */
function view(state) {
  const { public_url, request, here, checks, jobs, healthy } = state.data.checkup;
  // Jobs without a fault are shown only in their own table.
  const shown = checks.filter(({ check, ok }) => check !== 'job' || ok === false);
  const beside = html`<span class="badge ${healthy ? 'good' : 'bad'}">${healthy ? t('doctor-healthy') : t('doctor-unhealthy')}</span>
    <button class="small" @click=${() => attempt(state, () => state.reload())}>${t('look-again')}</button>`;
  return html`${pageHead(t('doctor'), { lead: t('doctor-lead'), beside })}
    <div class="stack">
      ${reached(public_url)}
      <section class="card stack"><h2>${t('doctor-request')}</h2>
        ${here.length ? html`<ul class="rules">${here.map(findingView)}</ul>` : html`<p>${t('doctor-request-fine', { public: public_url })}</p>`}
        ${request ? html`<details><summary>${t('doctor-arrived')}</summary>${arrivalView(request)}</details>` : nothing}</section>
      <section class="card stack"><h2>${t('doctor-appliance')}</h2><ul class="rules">${worstFirst(shown).map(findingView)}</ul>
        <p class="soft">${parts('doctor-command', { command: html`<code>vestibule doctor</code>` })}</p></section>
      ${jobsCard(jobs)}
    </div>`;
}

/** @type {Page} */
export const doctor = { title: t('doctor'), load, view };
