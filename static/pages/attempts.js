import { get } from '../api.js';
import { attemptTable } from '../ui/attempts.js';
import { field, submit, submitButton } from '../ui/form.js';
import { showMore } from '../ui/more.js';
import { empty, pageHead } from '../ui/shell.js';
import { t } from '../texts.js';
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
  return html`<form role="search" aria-label=${t('attempts-find')} @submit=${find}>
    ${field(state, { name: 'reference', label: t('attempt-reference'), value: reference, required: false, hint: t('attempts-reference-hint') })}
    <div class="row">${submitButton(state, t('find'))}
      ${reference ? html`<a class="button" href=${state.path}>${t('attempts-show-all')}</a>` : nothing}</div>
  </form>`;
}

/** @param {Here} state */
const none = ({ data: { reference } }) => (reference
  ? t('attempts-none-found')
  : t('attempts-none'));

/** @param {Here} state */
function view(state) {
  const { path, organisation, items, untraced } = state.data;
  const crumb = html`${organisation.name} · <a href="/o/${organisation.slug}/sso">${t('single-sign-on')}</a>`;
  return html`${pageHead(t('sso-sign-ins'), { crumb, lead: t('attempts-lead') })}
    <div class="stack">
      <section class="card">${search(state)}</section>
      <section class="card stack" aria-label=${t('sso-sign-ins')}>
        ${items.length ? attemptTable(items, state.path) : empty(none(state))}
        ${showMore(state, path, t('attempts-older'))}
      </section>
      ${untraced ? html`<p class="soft">${t('attempts-untraced', { count: untraced })}</p>` : nothing}
    </div>`;
}

/** @type {Page} */
export const attempts = { title: t('sso-sign-ins'), zone: 'UTC', load, view };
