import { get } from '../api.js';
import { outcomeBadge } from '../ui/attempts.js';
import { timeline } from '../ui/clock.js';
import { exact, listed } from '../ui/format.js';
import { empty, pageHead } from '../ui/shell.js';
import { rulesView, whyRefused } from '../ui/trace.js';
import { t } from '../texts.js';
import { html, nothing } from '../vendor/lit-html.js';

/** @import { Organisation, Page, State, Visit, WholeAttempt } from '../types.js' */

/** @param {Visit} visit */
async function load({ params }) {
  const base = `/organisations/${params.org}`;
  const [organisation, attempt] = await Promise.all([get(base), get(`${base}/sso/attempts/${params.attempt}`)]);
  return { organisation: /** @type {Organisation} */ (organisation), attempt: /** @type {WholeAttempt} */ (attempt) };
}

/** The attributes that the provider sent about the person. @param {NonNullable<WholeAttempt['attributes']>} attributes */
function attributesView(attributes) {
  const all = Object.entries(attributes);
  if (!all.length) return html`<p class="soft">${t('attempt-no-attributes')}</p>`;
  const rows = all.map(([name, values]) => html`<dt>${name}</dt><dd>${values === null ? html`<span class="soft">${t('attempt-hidden')}</span>` : listed(values)}</dd>`);
  return html`<dl class="facts">${rows}</dl>`;
}

/** @param {WholeAttempt} attempt */
function evidence({ clock, certificate, attributes, message, rules }) {
  if (!clock && !message) return nothing;
  return html`
    ${clock ? html`<section class="card stack"><h2>${t('clock-title')}</h2>${timeline(clock, rules)}</section>` : nothing}
    ${certificate ? html`<section class="card stack"><h2>${t('attempt-said')}</h2>
      <dl class="facts"><dt>${t('attempt-certificate')}</dt><dd><code>${certificate}</code></dd></dl>
      <h3>${t('attempt-attributes')}</h3>${attributesView(attributes ?? {})}</section>` : nothing}
    ${message ? html`<section class="card"><details><summary><h2>${t('attempt-message')}</h2></summary>
      <p class="soft">${t('attempt-message-lead')}</p>
      <pre tabindex="0">${message}</pre></details></section>` : nothing}`;
}

/** @param {State<Awaited<ReturnType<typeof load>>>} state */
function view({ data: { organisation, attempt } }) {
  const base = `/o/${organisation.slug}/sso`;
  const crumb = html`${organisation.name} · <a href=${base}>${t('single-sign-on')}</a> · <a href="${base}/attempts">${t('sso-sign-ins')}</a>`;
  const at = exact(attempt.at);
  const lead = attempt.email ? t('attempt-of', { at, email: attempt.email }) : t('attempt-of-nobody', { at });
  return html`${pageHead(t('attempt-named', { reference: attempt.reference }), { crumb, lead, beside: outcomeBadge(attempt) })}
    <div class="stack">
      ${attempt.refusal ? whyRefused(attempt.refusal, `/o/${organisation.slug}/people`) : nothing}
      <section class="card stack"><h2>${t('test-rules')}</h2>
        ${attempt.rules.length ? rulesView(attempt.rules, attempt.outcome === 'refused' ? attempt.refusal : null) : empty(t('test-no-rule'))}
      </section>
      ${evidence(attempt)}
    </div>`;
}

/** @type {Page} */
export const attempt = { title: t('attempt-title'), zone: 'UTC', load, view };
