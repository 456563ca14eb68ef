import { get } from '../api.js';
import { copyButton } from '../ui/copy.js';
import { attempt } from '../ui/form.js';
import { moment, plural, timed } from '../ui/format.js';
import { pageHead } from '../ui/shell.js';
import { table } from '../ui/table.js';
import { html, nothing } from '../vendor/lit-html.js';

/** @import { Arrival, Checkup, Finding, Job, Page, ProxyLines, State } from '../types.js' */
/** @typedef {State<Awaited<ReturnType<typeof load>>>} Here */

async function load() {
  return { checkup: /** @type {Checkup} */ (await get('/doctor')) };
}

/** @type {Record<keyof ProxyLines, string>} */
const PROXIES = { nginx: 'nginx', caddy: 'Caddy', traefik: 'Traefik', apache: 'Apache' };

/** @param {boolean | null} ok */
function mark(ok) {
  if (ok === null) return html`<span class="badge warn">Note</span>`;
  return ok ? html`<span class="badge good">Fine</span>` : html`<span class="badge bad">Wrong</span>`;
}

/** @param {ProxyLines} lines */
function linesView(lines) {
  const names = /** @type {(keyof ProxyLines)[]} */ (Object.keys(PROXIES));
  return html`<dl class="facts">${names.map((name) => html`<dt>${PROXIES[name]}</dt>
    <dd class="row"><code>${lines[name]}</code>${lines[name].startsWith('(') ? nothing : copyButton(`the line for ${PROXIES[name]}`, lines[name])}</dd>`)}</dl>`;
}

/** @param {Finding} finding */
function findingView({ check, ok, found, what, lines }) {
  return html`<li>${mark(ok)}<div class="stack"><p><strong>${check}</strong>: ${timed(found)}</p>
    ${what ? html`<div class="notice info stack"><p><strong>What to change.</strong> ${what}</p>${lines ? linesView(lines) : nothing}</div>` : nothing}</div></li>`;
}

/** The address in the browser is one thing that no header can get wrong. @param {string} publicUrl */
function reached(publicUrl) {
  if (location.origin === publicUrl) return nothing;
  return html`<p class="notice warn"><strong>You are at ${location.origin}, and the public URL is ${publicUrl}.</strong> If people are to use the address that
    you used, start Vestibule with <code>--public-url ${location.origin}</code>; else give them the other.</p>`;
}

/** @param {Arrival} arrival */
function arrivalView({ peer, trusted, host, forwarded_host, forwarded_proto, forwarded_for }) {
  const row = (/** @type {string} */ name, /** @type {string | null} */ value) => html`<dt>${name}</dt><dd><code>${value ?? 'not sent'}</code></dd>`;
  return html`<dl class="facts"><dt>Came from</dt><dd><code>${peer}</code>, ${trusted ? 'a trusted proxy' : 'no trusted proxy'}</dd>
    ${row('Host', host)}${row('X-Forwarded-Host', forwarded_host)}${row('X-Forwarded-Proto', forwarded_proto)}${row('X-Forwarded-For', forwarded_for)}</dl>`;
}

/** @param {number} secs */
const every = (secs) => (secs < 120 ? plural(secs, 'second', 'seconds') : plural(Math.round(secs / 60), 'minute', 'minutes'));

/** @param {boolean | null} ok */
function outcome(ok) {
  if (ok === null) return html`<span class="badge">Not yet run</span>`;
  return ok ? html`<span class="badge good">Succeeded</span>` : html`<span class="badge bad">Failed</span>`;
}

/** @param {Job} job */
function jobRow({ name, period_secs, ran_at, ok, failed_at, failure, next_at }) {
  return html`<tr>
    <td class="person"><strong>${name.charAt(0).toUpperCase()}${name.slice(1)}</strong><small>at least every ${every(period_secs)}</small></td>
    <td data-label="Last run"><div>${outcome(ok)} ${ran_at ? html`<small>${moment(ran_at)}</small>` : nothing}</div></td>
    <td data-label="Last failure"><div>${failed_at ? html`${moment(failed_at)} <small>${timed(failure ?? '')}</small>` : 'none since the start'}</div></td>
    <td data-label="Next run">${next_at ? html`by ${moment(next_at)}` : 'soon after the start'}</td>
  </tr>`;
}

/** @param {Job[]} jobs */
const jobsCard = (jobs) => html`<section class="card stack"><h2>Background jobs</h2>
  ${table(['Job', 'Last run', 'Last failure', 'Next run'], jobs.map(jobRow))}</section>`;

/** Faults, then notes, then what is fine; each in the server's order. @param {Finding[]} checks */
const worstFirst = (checks) => [false, null, true].flatMap((ok) => checks.filter((one) => one.ok === ok));

/** @param {Here} state */
function view(state) {
  const { public_url, request, here, checks, jobs, healthy } = state.data.checkup;
  // Jobs that went well are in their own table.
  const shown = checks.filter(({ check, ok }) => check !== 'job' || ok === false);
  const beside = html`<span class="badge ${healthy ? 'good' : 'bad'}">${healthy ? 'Nothing is wrong' : 'Something is wrong'}</span>
    <button class="small" @click=${() => attempt(state, () => state.reload())}>Look again</button>`;
  return html`${pageHead('Doctor', { lead: 'Checks everything that may be wrong with Vestibule, and says what to do.', beside })}
    <div class="stack">
      ${reached(public_url)}
      <section class="card stack"><h2>Your own request, just now</h2>
        ${here.length ? html`<ul class="rules">${here.map(findingView)}</ul>` : html`<p>It came for ${public_url}, as it should.</p>`}
        ${request ? html`<details><summary>How it arrived</summary>${arrivalView(request)}</details>` : nothing}</section>
      <section class="card stack"><h2>The appliance</h2><ul class="rules">${worstFirst(shown).map(findingView)}</ul>
        <p class="soft">The command <code>vestibule doctor</code> shows the same.</p></section>
      ${jobsCard(jobs)}
    </div>`;
}

/** @type {Page} */
export const doctor = { title: 'Doctor', load, view };
