import { get } from '../api.js';
import { moment } from '../ui/format.js';
import { organisationTabs } from '../ui/shell.js';
import { html, nothing } from '../vendor/lit-html.js';
import { OUTCOMES } from './attempts.js';

/** @param {any} state */
async function load(state) {
  const base = `/organisations/${state.params.org}`;
  const [organisation, attempt] = await Promise.all([get(base), get(`${base}/sso/attempts/${state.params.attempt}`)]);
  state.data = { organisation, attempt };
}

/** @param {boolean | null} ok */
function mark(ok) {
  if (ok === null) return html`<span class="badge">not judged</span>`;
  return ok ? html`<span class="badge good">passed</span>` : html`<span class="badge bad">failed</span>`;
}

/** @param {any} rule */
function line(rule) {
  const values = html`<dl><dt>expected</dt><dd>${rule.expected}</dd><dt>received</dt><dd>${rule.received}</dd></dl>`;
  return html`<li><div class="row">${mark(rule.ok)} <strong>${rule.rule.replaceAll('_', ' ')}</strong></div>${rule.ok === null ? nothing : values}</li>`;
}

/** @param {any} refusal */
function why(refusal) {
  return html`<div class="notice" role="note"><p><strong>${refusal.message}</strong></p>
    <p>Expected: <code>${refusal.expected}</code><br>Received: <code>${refusal.received}</code></p>
    <p>${refusal.fix}</p></div>`;
}

/** @param {any} state */
function view(state) {
  const { organisation, attempt } = state.data;
  const [kind, text] = OUTCOMES[/** @type {keyof typeof OUTCOMES} */ (attempt.outcome)];
  return html`${organisationTabs(state, organisation)}
    <p class="crumb"><a href="/o/${organisation.slug}/sso/attempts">SSO sign-ins</a></p>
    <h1 tabindex="-1">Sign-in ${attempt.reference}</h1>
    <p><span class="badge ${kind}">${text}</span> ${moment(attempt.at)} ${attempt.email ?? ''}</p>
    ${attempt.refusal ? why(attempt.refusal) : nothing}
    <section class="card"><h2>Rule by rule</h2>
      ${attempt.rules.length ? html`<ol class="rules">${attempt.rules.map(line)}</ol>` : html`<p class="soft">It was refused before the rules were judged.</p>`}
    </section>`;
}

/** @type {import('../router.js').Page} */
export const attempt = { title: 'SSO sign-in', load, view };
