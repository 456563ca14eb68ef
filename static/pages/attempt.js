import { get } from '../api.js';
import { outcomeBadge } from '../ui/attempts.js';
import { moment } from '../ui/format.js';
import { empty, pageHead } from '../ui/shell.js';
import { html, nothing } from '../vendor/lit-html.js';

/** @import { Attempt, Organisation, Page, Product, Refusal, Rule, State, Visit } from '../types.js' */

/** @param {Visit} visit */
async function load({ params }) {
  const base = `/organisations/${params.org}`;
  const [organisation, attempt] = await Promise.all([get(base), get(`${base}/sso/attempts/${params.attempt}`)]);
  return { organisation: /** @type {Organisation} */ (organisation), attempt: /** @type {Attempt} */ (attempt) };
}

/** @param {boolean | null} ok */
function mark(ok) {
  if (ok === null) return html`<span class="badge">not judged</span>`;
  return ok ? html`<span class="badge good">passed</span>` : html`<span class="badge bad">failed</span>`;
}

/** @param {{expected: string, received: string}} values */
function values({ expected, received }) {
  return html`<dl class="facts"><dt>Expected</dt><dd>${expected}</dd><dt>Received</dt><dd>${received}</dd></dl>`;
}

/** @param {Rule} rule */
function ruleView(rule) {
  return html`<li>${mark(rule.ok)}<div><strong>${rule.rule.replaceAll('_', ' ')}</strong>${rule.ok === null ? nothing : values(rule)}</div></li>`;
}

/** @param {Refusal} refusal */
function why(refusal) {
  return html`<section class="card stack"><h2>Why it was refused</h2>
    <p>${refusal.message}</p>
    ${values(refusal)}
    ${refusal.fault_text ? html`<p class="soft">Whose side it is on: ${refusal.fault_text}</p>` : nothing}
    ${mending(refusal)}
  </section>`;
}

/** @type {Record<Product, string>} */
const PRODUCTS = { google: 'Google Workspace', okta: 'Okta', entra: 'Microsoft Entra ID', keycloak: 'Keycloak', adfs: 'ADFS', other: 'Any other provider' };

/** The organisation's own provider first, the others folded: its admin may know it by another name. @param {Refusal} refusal */
function mending({ fix, fix_for: own = [], fixes }) {
  if (!fix) return nothing;
  /** @param {Product[]} products */
  const list = (products) => html`<dl class="facts">${products.map((one) => html`<dt>${PRODUCTS[one]}</dt><dd>${fixes?.[one]}</dd>`)}</dl>`;
  const everywhere = !fixes || new Set(Object.values(fixes)).size === 1;
  const others = /** @type {Product[]} */ (Object.keys(PRODUCTS)).filter((one) => !own.includes(one));
  return html`<div class="notice info stack"><p><strong>What to change</strong></p>
    ${everywhere || own.length === 1 ? html`<p>${fix}</p>` : list(own)}
    ${everywhere || !others.length ? nothing : html`<details><summary>At other providers</summary>${list(others)}</details>`}
  </div>`;
}

/** @param {State<Awaited<ReturnType<typeof load>>>} state */
function view({ data: { organisation, attempt } }) {
  const base = `/o/${organisation.slug}/sso`;
  const crumb = html`${organisation.name} · <a href=${base}>Single sign-on</a> · <a href="${base}/attempts">SSO sign-ins</a>`;
  const lead = `${moment(attempt.at)}, ${attempt.email ?? 'somebody who was not identified'}.`;
  return html`${pageHead(`Sign-in ${attempt.reference}`, { crumb, lead, beside: outcomeBadge(attempt) })}
    <div class="stack">
      ${attempt.refusal ? why(attempt.refusal) : nothing}
      <section class="card stack"><h2>Rule by rule</h2>
        ${attempt.rules.length ? html`<ol class="rules">${attempt.rules.map(ruleView)}</ol>` : empty('It was refused before any rule was judged.')}
      </section>
    </div>`;
}

/** @type {Page} */
export const attempt = { title: 'SSO sign-in', load, view };
