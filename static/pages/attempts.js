import { get } from '../api.js';
import { attemptTable } from '../ui/attempts.js';
import { field, submit, submitButton } from '../ui/form.js';
import { showMore } from '../ui/more.js';
import { empty, pageHead } from '../ui/shell.js';
import { html, nothing } from '../vendor/lit-html.js';

/** @import { Attempt, Organisation, Page, State, Visit } from '../types.js' */
/** @typedef {State<Awaited<ReturnType<typeof load>>>} Here */

/** @param {Visit} visit */
async function load({ params, query }) {
  const base = `/organisations/${params.org}`;
  const reference = query.get('reference')?.trim() ?? '';
  const path = `${base}/sso/attempts${reference && `?${new URLSearchParams({ reference })}`}`;
  const [organisation, listing] = await Promise.all([get(base), get(path)]);
  return {
    path,
    reference,
    organisation: /** @type {Organisation} */ (organisation),
    items: /** @type {Attempt[]} */ (listing.items),
    next: /** @type {string | null} */ (listing.next),
    untraced: /** @type {number} */ (listing.untraced ?? 0),
  };
}

/** @param {Here} state */
function search(state) {
  const { reference } = state.data;
  const find = submit(state, async (values) => {
    const wanted = values.reference.trim();
    state.go(state.path + (wanted && `?${new URLSearchParams({ reference: wanted })}`));
  });
  return html`<form role="search" aria-label="Find a sign-in" @submit=${find}>
    ${field(state, { name: 'reference', label: 'Reference', value: reference, required: false, hint: 'The code that the refused person was shown, such as ABC123.' })}
    <div class="row">${submitButton(state, 'Find')}
      ${reference ? html`<a class="button" href=${state.path}>Show all</a>` : nothing}</div>
  </form>`;
}

/** @param {Here} state */
const none = ({ data: { reference } }) => (reference
  ? 'No sign-in has this reference. Check the spelling. Unsolicited responses and sign-ins older than the trace are not listed.'
  : 'Nobody has tried to sign in through SSO yet.');

/** @param {Here} state */
function view(state) {
  const { path, organisation, items, untraced } = state.data;
  const crumb = html`${organisation.name} · <a href="/o/${organisation.slug}/sso">Single sign-on</a>`;
  return html`${pageHead('SSO sign-ins', { crumb, lead: 'Newest first. Each refused person was shown a reference: open it to see why, and what to change.' })}
    <div class="stack">
      <section class="card">${search(state)}</section>
      <section class="card stack" aria-label="SSO sign-ins">
        ${items.length ? attemptTable(items, state.path) : empty(none(state))}
        ${showMore(state, path, 'Show older sign-ins')}
      </section>
      ${untraced ? html`<p class="soft">${untraced} more responses were refused because they answer no request of ours. They are not listed.</p>` : nothing}
    </div>`;
}

/** @type {Page} */
export const attempts = { title: 'SSO sign-ins', zone: 'UTC', load, view };
