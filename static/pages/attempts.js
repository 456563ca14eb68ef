import { get } from '../api.js';
import { attemptTable } from '../ui/attempts.js';
import { attempt } from '../ui/form.js';
import { empty, pageHead } from '../ui/shell.js';
import { html, nothing } from '../vendor/lit-html.js';

/** @import { Attempt, Organisation, Page, State, Visit } from '../types.js' */
/** @typedef {State<Awaited<ReturnType<typeof load>>>} Here */

/** @param {Visit} visit */
async function load({ params }) {
  const base = `/organisations/${params.org}`;
  const [organisation, listing] = await Promise.all([get(base), get(`${base}/sso/attempts`)]);
  return {
    base,
    organisation: /** @type {Organisation} */ (organisation),
    items: /** @type {Attempt[]} */ (listing.items),
    next: /** @type {string | null} */ (listing.next),
    untraced: /** @type {number} */ (listing.untraced ?? 0),
  };
}

/** @param {Here} state */
function older(state) {
  return attempt(state, async () => {
    const { base, items, next } = state.data;
    const listing = await get(`${base}/sso/attempts?cursor=${encodeURIComponent(next ?? '')}`);
    Object.assign(state.data, { items: [...items, ...listing.items], next: listing.next });
  });
}

/** @param {Here} state */
function view(state) {
  const { organisation, items, next, untraced } = state.data;
  const crumb = html`${organisation.name} · <a href="/o/${organisation.slug}/sso">Single sign-on</a>`;
  return html`${pageHead('SSO sign-ins', { crumb, lead: 'Newest first. Whoever was refused has seen the reference: open it to see why, and what to change.' })}
    <div class="stack">
      <section class="card stack" aria-label="SSO sign-ins">
        ${items.length ? attemptTable(items, location.pathname) : empty('Nobody has tried to sign in through SSO yet.')}
        ${next ? html`<p><button @click=${() => older(state)}>Show older ones</button></p>` : nothing}
      </section>
      ${untraced ? html`<p class="soft">${untraced} more were refused that answered no request of ours. They leave no line here.</p>` : nothing}
    </div>`;
}

/** @type {Page} */
export const attempts = { title: 'SSO sign-ins', load, view };
