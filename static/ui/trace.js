/** The trace of a sign-in: the reason if it was refused, and the result of each rule. */

import { parts, t } from '../texts.js';
import { html, nothing } from '../vendor/lit-html.js';
import { timed } from './format.js';

/** @import { Refusal, Rule } from '../types.js' */

/** @param {boolean | null | undefined} ok */
function mark(ok) {
  if (ok == null) return html`<span class="badge">${t('rule-not-checked')}</span>`;
  return ok ? html`<span class="badge good">${t('rule-passed')}</span>` : html`<span class="badge bad">${t('rule-failed')}</span>`;
}

/** A value of the trace: translated if the catalogue has a text for it, else as it was stored. @param {string} kept @param {string | null | undefined} told */
const value = (kept, told) => (told == null ? html`<dd lang="en">${kept}</dd>` : html`<dd>${told}</dd>`);

/** The values that a rule expected and received. @param {Pick<Rule, 'expected' | 'received' | 'expected_text' | 'received_text'>} values */
function values({ expected, received, expected_text, received_text }) {
  return html`<dl class="facts"><dt>${t('trace-expected')}</dt>${value(expected, expected_text)}<dt>${t('trace-received')}</dt>${value(received, received_text)}</dl>`;
}

/** @param {Rule} rule */
function ruleView(rule) {
  return html`<li>${mark(rule.ok)}<div><strong>${rule.name ?? rule.rule.replaceAll('_', ' ')}</strong>
    ${rule.asks ? html`<p class="soft">${rule.asks} ${rule.ok === false && rule.source ? parts('rule-source', { source: html`<span lang="en">${rule.source}</span>` }) : nothing}</p>` : nothing}
    ${rule.ok === null ? nothing : values(rule)}</div></li>`;
}

/** A refusal after all rules passed, such as for an unknown person, another browser or a repeated response. @param {Refusal} refusal */
function laterView(refusal) {
  return html`<li>${mark(false)}<div><strong lang="en">${refusal.code.replaceAll('_', ' ')}</strong><p class="soft">${refusal.message}</p>${values(refusal)}</div></li>`;
}

/**
 * The rules that failed or were not checked, then the passed ones, folded. If the response passed every rule and was refused afterwards,
 * that refusal comes first.
 * @param {Rule[]} rules
 * @param {Refusal | null | undefined} refusal
 */
export function rulesView(rules, refusal) {
  const later = refusal && !rules.some((rule) => rule.ok === false) ? refusal : null;
  const passed = rules.filter((rule) => rule.ok);
  const others = rules.filter((rule) => !rule.ok);
  const list = (/** @type {Rule[]} */ some) => html`<ol class="rules">${some.map(ruleView)}</ol>`;
  const count = later ? t('rules-all-passed') : t('rules-passed', { count: passed.length, all: rules.length });
  return html`${later ? html`<ol class="rules">${laterView(later)}</ol>` : nothing}${others.length ? list(others) : nothing}
    ${passed.length ? html`<details><summary>${count}</summary>${list(passed)}</details>` : nothing}`;
}

/** @param {Refusal} refusal @param {string} people the path of the organisation's people, who are invited there */
export function whyRefused(refusal, people) {
  return html`<section class="card stack"><h2>${t('trace-why')}</h2>
    <p>${timed(refusal.message)}</p>
    ${values(refusal)}
    ${refusal.fault_text ? html`<p class="soft">${t('trace-cause', { cause: refusal.fault_text })}</p>` : nothing}
    ${fixView(refusal)}
    ${refusal.code === 'not_a_member' ? html`<p><a href=${people}>${t('people')}</a></p>` : nothing}
  </section>`;
}

/** @param {[string, string][]} places */
const placeList = (places) => html`<dl class="facts">${places.map(([product, place]) => html`<dt>${t('trace-provider', { product })}</dt><dd>${place}</dd>`)}</dl>`;

/**
 * What to change, and where: for the organisation's own provider first, for the others folded, since its admin may know the provider by
 * another name.
 * @param {Refusal} refusal
 */
function fixView({ fix, fix_for, what, places }) {
  if (!fix) return nothing;
  const own = /** @type {string[]} */ (fix_for ?? []);
  const all = Object.entries(places ?? {}).sort(([a], [b]) => Number(a === 'other') - Number(b === 'other'));
  const ours = all.filter(([product]) => own.includes(product));
  const others = all.filter(([product]) => !own.includes(product));
  return html`<div class="notice info stack"><p><strong>${t('trace-what-to-change')}</strong> ${what ?? fix}</p>
    ${ours.length ? placeList(ours) : nothing}
    ${others.length ? html`<details><summary>${t('trace-at-others')}</summary>${placeList(others)}</details>` : nothing}
  </div>`;
}
