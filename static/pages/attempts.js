import { get } from '../api.js';
import { attemptTable } from '../ui/attempts.js';
import { showMore } from '../ui/more.js';
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
function view(state) {
  const { base, organisation, items, untraced } = state.data;
  const crumb = html`${organisation.name} · <a href="/o/${organisation.slug}/sso">Single sign-on</a>`;
  return html`${pageHead('SSO sign-ins', { crumb, lead: 'Newest first. People who were refused were shown the reference: open it to see why, and what to change.' })}
    <div class="stack">
      <section class="card stack" aria-label="SSO sign-ins">
        ${items.length ? attemptTable(items, state.path) : empty('Nobody has tried to sign in through SSO yet.')}
        ${showMore(state, `${base}/sso/attempts`, 'Show older ones')}
      </section>
      ${untraced ? html`<p class="soft">${untraced} more were refused that answered no request of ours. They leave no line here.</p>` : nothing}
    </div>`;
}

/** @type {Page} */
export const attempts = { title: 'SSO sign-ins', load, view };
