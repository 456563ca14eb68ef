import { get } from '../api.js';
import { outcomeBadge } from '../ui/attempts.js';
import { timeline } from '../ui/clock.js';
import { exact } from '../ui/format.js';
import { empty, pageHead } from '../ui/shell.js';
import { rulesView, whyRefused } from '../ui/trace.js';
import { html, nothing } from '../vendor/lit-html.js';

/** @import { Organisation, Page, State, Visit, WholeAttempt } from '../types.js' */

/** @param {Visit} visit */
async function load({ params }) {
  const base = `/organisations/${params.org}`;
  const [organisation, attempt] = await Promise.all([get(base), get(`${base}/sso/attempts/${params.attempt}`)]);
  return { organisation: /** @type {Organisation} */ (organisation), attempt: /** @type {WholeAttempt} */ (attempt) };
}

/** What the provider said of the person. @param {NonNullable<WholeAttempt['attributes']>} attributes */
function attributesView(attributes) {
  const all = Object.entries(attributes);
  if (!all.length) return html`<p class="soft">The message has no attributes: the person is identified by the NameID.</p>`;
  const rows = all.map(([name, values]) => html`<dt>${name}</dt><dd>${values === null ? html`<span class="soft">hidden by a setting of the server</span>` : values.join(', ')}</dd>`);
  return html`<dl class="facts">${rows}</dl>`;
}

/** @param {WholeAttempt} attempt */
function evidence({ clock, certificate, attributes, message, rules }) {
  if (!clock && !message) return nothing;
  return html`
    ${clock ? html`<section class="card stack"><h2>Clock</h2>${timeline(clock, rules)}</section>` : nothing}
    ${certificate ? html`<section class="card stack"><h2>What the provider said</h2>
      <dl class="facts"><dt>Matching certificate, SHA-256</dt><dd><code>${certificate}</code></dd></dl>
      <h3>Attributes</h3>${attributesView(attributes ?? {})}</section>` : nothing}
    ${message ? html`<section class="card"><details><summary><h2>The message</h2></summary>
      <p class="soft">As received, without signatures, certificates and most of its ids, so that it cannot be used again.</p>
      <pre tabindex="0">${message}</pre></details></section>` : nothing}`;
}

/** @param {State<Awaited<ReturnType<typeof load>>>} state */
function view({ data: { organisation, attempt } }) {
  const base = `/o/${organisation.slug}/sso`;
  const crumb = html`${organisation.name} · <a href=${base}>Single sign-on</a> · <a href="${base}/attempts">SSO sign-ins</a>`;
  const lead = `${exact(attempt.at)}, ${attempt.email ?? 'no person was identified, because the response was refused'}.`;
  return html`${pageHead(`Sign-in ${attempt.reference}`, { crumb, lead, beside: outcomeBadge(attempt) })}
    <div class="stack">
      ${attempt.refusal ? whyRefused(attempt.refusal) : nothing}
      <section class="card stack"><h2>Rule by rule</h2>
        ${attempt.rules.length ? rulesView(attempt.rules, attempt.outcome === 'refused' ? attempt.refusal : null) : empty('It was refused before any rule was checked.')}
      </section>
      ${evidence(attempt)}
    </div>`;
}

/** @type {Page} */
export const attempt = { title: 'SSO sign-in', zone: 'UTC', load, view };
