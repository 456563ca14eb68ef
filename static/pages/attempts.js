import { get } from '../api.js';
import { moment } from '../ui/format.js';
import { organisationTabs } from '../ui/shell.js';
import { html, nothing } from '../vendor/lit-html.js';

export const OUTCOMES = { signed_in: ['good', 'signed in'], verified: ['warn', 'verified, not finished'], refused: ['bad', 'refused'] };

/** @param {any} state */
async function load(state) {
  const base = `/organisations/${state.params.org}`;
  const [organisation, listing] = await Promise.all([get(base), get(`${base}/sso/attempts`)]);
  state.data = { ...state.data, base, organisation, items: listing.items, next: listing.next, untraced: listing.untraced };
}

/** @param {any} state */
async function more(state) {
  const listing = await get(`${state.data.base}/sso/attempts?cursor=${encodeURIComponent(state.data.next)}`);
  state.data.items = [...state.data.items, ...listing.items];
  state.data.next = listing.next;
  state.update();
}

/** @param {any} one */
function row(one) {
  const [kind, text] = OUTCOMES[/** @type {keyof typeof OUTCOMES} */ (one.outcome)];
  return html`<tr>
    <td><a href="${location.pathname}/${one.id}"><strong>${one.reference}</strong></a></td>
    <td data-label="When">${moment(one.at)}</td>
    <td data-label="Outcome"><span class="badge ${kind}">${text}</span></td>
    <td data-label="Who">${one.email ?? '-'}</td>
    <td data-label="Why">${one.refusal?.message ?? ''}</td>
  </tr>`;
}

/** @param {any} state */
function view(state) {
  const { organisation, items, next, untraced } = state.data;
  return html`${organisationTabs(state, organisation)}
    <p class="crumb"><a href="/o/${organisation.slug}/sso">Single sign-on</a></p>
    <h1 tabindex="-1">SSO sign-ins</h1>
    <p>Newest first. Somebody who was refused was shown the reference.</p>
    <section class="card">
      ${items.length
        ? html`<table><thead><tr><th>Reference</th><th>When</th><th>Outcome</th><th>Who</th><th>Why</th></tr></thead><tbody>${items.map(row)}</tbody></table>`
        : html`<div class="empty"><p>Nobody has signed in through SSO yet.</p></div>`}
      ${next ? html`<p><button @click=${() => more(state)}>Show older ones</button></p>` : nothing}
    </section>
    ${untraced ? html`<p class="soft">${untraced} messages that answered no request of ours were refused without a line here.</p>` : nothing}`;
}

/** @type {import('../router.js').Page} */
export const attempts = { title: 'SSO sign-ins', load, view };
