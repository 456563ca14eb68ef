import { description } from '../api.js';
import { copyButton } from '../ui/copy.js';
import { organisationHere } from '../ui/place.js';
import { empty, pageHead } from '../ui/shell.js';
import { LANGUAGE, parts, t } from '../texts.js';
import { html, nothing } from '../vendor/lit-html.js';

/** @import { Description, Page, State } from '../types.js' */
/** @typedef {State<Awaited<ReturnType<typeof load>>>} Here */

/** The module that shows the operations is loaded together with their description, since few people need them. */
async function load() {
  const [told, operations] = await Promise.all([description(), import('../ui/operations.js')]);
  return { description: /** @type {Description} */ (told), operations };
}

/** Renders a text in which code is between backticks. @param {string} text */
const prose = (text) => text.split('`').map((part, n) => (n % 2 ? html`<code>${part}</code>` : part));

/** @param {Here} state */
function beginning(state) {
  const here = organisationHere(state);
  const line = `curl -H "Authorization: Bearer $VESTIBULE_KEY" '${location.origin}/api/v1/organisations'`;
  const variable = html`<code>VESTIBULE_KEY</code>`;
  const link = html`<a href="/api/openapi.json" data-outside>/api/openapi.json</a>`;
  return html`<section class="card stack"><h2>${t('developers-start')}</h2>
    <p class="prose">${here ? parts('developers-make-key', { link: html`<a href="/o/${here.slug}/keys">${t('developers-make-key-link', { name: here.name })}</a>`, variable }) : parts('developers-ask-admin', { variable })}</p>
    <div class="copy"><pre class="told" tabindex="0" role="region" aria-label=${t('developers-command')}>${line}</pre>${copyButton(t('developers-command-copied'), line)}</div>
    <p class="soft">${parts('developers-openapi', { link })}</p>
  </section>`;
}

/** @param {Here} state */
function search(state) {
  const type = (/** @type {InputEvent} */ event) => {
    state.local.searched = /** @type {HTMLInputElement} */ (event.target).value.trim();
    state.update();
  };
  return html`<div class="field"><label for="searched">${t('developers-find')}</label>
    <input id="searched" type="search" autocomplete="off" placeholder=${t('developers-example')} @input=${type}></div>`;
}

/** The description of the API is in English. @param {Here} state */
function view(state) {
  const { description: all, operations } = state.data;
  const found = operations.groups(all, state.local.searched ?? '');
  const org = organisationHere(state)?.slug ?? 'acme';
  const beside = html`<span class="badge">${all.info.title} ${all.info.version}</span>`;
  const inEnglish = LANGUAGE === 'en' ? nothing : html` ${t('developers-in-english')}`;
  return html`${pageHead(t('developers-title'), { lead: html`<span lang="en">${prose(all.info.description)}</span>${inEnglish}`, beside })}
    <div class="stack">
      ${beginning(state)}
      ${search(state)}
      <div aria-live="polite">${found.length ? nothing : empty(t('developers-none'))}</div>
      ${found.map((group) => html`<section class="card tight"><h2 lang="en">${group.name}</h2>
        ${group.description ? html`<p class="soft" lang="en">${group.description}</p>` : nothing}
        <ul class="lines">${group.entries.map((entry) => operations.operationView(state, entry, org))}</ul></section>`)}
    </div>`;
}

/** @type {Page} */
export const developers = { title: t('developers-title'), load, view };
