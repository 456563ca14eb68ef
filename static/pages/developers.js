import { description } from '../api.js';
import { copyButton } from '../ui/copy.js';
import { organisationHere } from '../ui/place.js';
import { empty, pageHead } from '../ui/shell.js';
import { html, nothing } from '../vendor/lit-html.js';

/** @import { Description, Page, State } from '../types.js' */
/** @typedef {State<Awaited<ReturnType<typeof load>>>} Here */

/** The code that shows the operations is loaded with their description: few people need either. */
async function load() {
  const [told, parts] = await Promise.all([description(), import('../ui/operations.js')]);
  return { description: /** @type {Description} */ (told), parts };
}

/** Text whose `words` are code. @param {string} text */
const prose = (text) => text.split('`').map((part, n) => (n % 2 ? html`<code>${part}</code>` : part));

/** @param {Here} state */
function beginning(state) {
  const here = organisationHere(state);
  const line = `curl -H "Authorization: Bearer $VESTIBULE_KEY" '${location.origin}/api/v1/organisations'`;
  return html`<section class="card stack"><h2>Start here</h2>
    <p class="prose">Programs come with an API key: ${here ? html`<a href="/o/${here.slug}/keys">make one for ${here.name}</a>` : 'an organisation admin makes one under “API keys”'},
      put it into the variable <code>VESTIBULE_KEY</code>, and try this. It answers with what the key reaches.</p>
    <div class="copy"><pre class="told" tabindex="0" role="region" aria-label="A first command">${line}</pre>${copyButton('the first command', line)}</div>
    <p class="soft">For generators and other tools, all of this is <a href="/api/openapi.json" data-outside>/api/openapi.json</a>, in OpenAPI 3.1.</p>
  </section>`;
}

/** @param {Here} state */
function search(state) {
  const type = (/** @type {InputEvent} */ event) => {
    state.local.searched = /** @type {HTMLInputElement} */ (event.target).value.trim();
    state.update();
  };
  return html`<div class="field"><label for="searched">Find an operation</label>
    <input id="searched" type="search" autocomplete="off" placeholder="invitation" @input=${type}></div>`;
}

/** @param {Here} state */
function view(state) {
  const { description: all, parts } = state.data;
  const found = parts.groups(all, state.local.searched ?? '');
  const org = organisationHere(state)?.slug ?? 'acme';
  const beside = html`<span class="badge">${all.info.title} ${all.info.version}</span>`;
  return html`${pageHead('API', { lead: prose(all.info.description), beside })}
    <div class="stack">
      ${beginning(state)}
      ${search(state)}
      <div aria-live="polite">${found.length ? nothing : empty('No operation matches.')}</div>
      ${found.map((group) => html`<section class="card tight"><h2>${group.name}</h2>
        ${group.description ? html`<p class="soft">${group.description}</p>` : nothing}
        <ul class="lines">${group.entries.map((entry) => parts.operationView(state, entry, org))}</ul></section>`)}
    </div>`;
}

/** @type {Page} */
export const developers = { title: 'API', load, view };
