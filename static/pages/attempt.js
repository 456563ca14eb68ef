import { get } from '../api.js';
import { outcomeBadge } from '../ui/attempts.js';
import { timeline } from '../ui/clock.js';
import { moment } from '../ui/format.js';
import { empty, pageHead } from '../ui/shell.js';
import { html, nothing } from '../vendor/lit-html.js';

/** @import { Organisation, Page, Product, Refusal, Rule, State, Visit, WholeAttempt } from '../types.js' */

/** @param {Visit} visit */
async function load({ params }) {
  const base = `/organisations/${params.org}`;
  const [organisation, attempt] = await Promise.all([get(base), get(`${base}/sso/attempts/${params.attempt}`)]);
  return { organisation: /** @type {Organisation} */ (organisation), attempt: /** @type {WholeAttempt} */ (attempt) };
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
  return html`<li>${mark(rule.ok)}<div><strong>${rule.rule.replaceAll('_', ' ')}</strong>
    ${rule.asks ? html`<p class="soft">${rule.asks} ${rule.ok === false && rule.source ? `Source: ${rule.source}.` : nothing}</p>` : nothing}
    ${rule.ok === null ? nothing : values(rule)}</div></li>`;
}

/** What failed, and what could not be judged for it; then what passed, folded. @param {Rule[]} rules */
function rulesView(rules) {
  const passed = rules.filter((rule) => rule.ok);
  const others = rules.filter((rule) => !rule.ok);
  const list = (/** @type {Rule[]} */ some) => html`<ol class="rules">${some.map(ruleView)}</ol>`;
  return html`${others.length ? list(others) : nothing}
    ${passed.length ? html`<details><summary>${passed.length} of ${rules.length} rules passed</summary>${list(passed)}</details>` : nothing}`;
}

/** @param {Refusal} refusal */
function why(refusal) {
  return html`<section class="card stack"><h2>Why it was refused</h2>
    <p>${refusal.message}</p>
    ${values(refusal)}
    ${refusal.fault_text ? html`<p class="soft">Where the fault lies: ${refusal.fault_text}</p>` : nothing}
    ${mending(refusal)}
  </section>`;
}

/** @type {Record<Product, string>} */
const PRODUCTS = { google: 'Google Workspace', okta: 'Okta', entra: 'Microsoft Entra ID', keycloak: 'Keycloak', adfs: 'ADFS', other: 'Any other provider' };

/** @param {[Product, string][]} places */
const placeList = (places) => html`<dl class="facts">${places.map(([product, place]) => html`<dt>${PRODUCTS[product]}</dt><dd>${place}</dd>`)}</dl>`;

/**
 * What to change, then where: at the organisation's own provider first, at the others when asked, since its admin may know it by
 * another name.
 * @param {Refusal} refusal
 */
function mending({ fix, fix_for: own = [], what, places = {} }) {
  if (!fix) return nothing;
  const known = /** @type {Product[]} */ (Object.keys(PRODUCTS));
  const all = known.flatMap((product) => (places[product] ? [/** @type {[Product, string]} */ ([product, places[product]])] : []));
  const ours = all.filter(([product]) => own.includes(product));
  const others = all.filter(([product]) => !own.includes(product));
  return html`<div class="notice info stack"><p><strong>What to change.</strong> ${what ?? fix}</p>
    ${ours.length ? placeList(ours) : nothing}
    ${others.length ? html`<details><summary>At other providers</summary>${placeList(others)}</details>` : nothing}
  </div>`;
}

/** What the provider said of the person. @param {NonNullable<WholeAttempt['attributes']>} attributes */
function attributesView(attributes) {
  const all = Object.entries(attributes);
  if (!all.length) return html`<p class="soft">No attributes came: the person is known by the NameID alone.</p>`;
  const rows = all.map(([name, values]) => html`<dt>${name}</dt><dd>${values === null ? html`<span class="soft">hidden by a setting of this Vestibule</span>` : values.join(', ')}</dd>`);
  return html`<dl class="facts">${rows}</dl>`;
}

/** @param {WholeAttempt} attempt */
function evidence({ clock, certificate, attributes, message, rules }) {
  if (!clock && !message) return nothing;
  return html`
    ${clock ? html`<section class="card stack"><h2>Clock</h2>${timeline(clock, rules)}</section>` : nothing}
    ${certificate ? html`<section class="card stack"><h2>What the provider said</h2>
      <dl class="facts"><dt>Certificate that fits, SHA-256</dt><dd><code>${certificate}</code></dd></dl>
      <h3>Attributes</h3>${attributesView(attributes ?? {})}</section>` : nothing}
    ${message ? html`<section class="card"><details><summary><h2>The message</h2></summary>
      <p class="soft">As it was read, without its signatures, certificates and the rest of its ids: nobody can use it again.</p>
      <pre tabindex="0">${message}</pre></details></section>` : nothing}`;
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
        ${attempt.rules.length ? rulesView(attempt.rules) : empty('It was refused before any rule was judged.')}
      </section>
      ${evidence(attempt)}
    </div>`;
}

/** @type {Page} */
export const attempt = { title: 'SSO sign-in', load, view };
