import { get, post } from '../api.js';
import { field, submit, submitButton } from '../ui/form.js';
import { number } from '../ui/format.js';
import { linksView, sent, whereLink } from '../ui/invitation_links.js';
import { showMore } from '../ui/more.js';
import { planChoice } from '../ui/plans.js';
import { empty, pageHead } from '../ui/shell.js';
import { table } from '../ui/table.js';
import { t } from '../texts.js';
import { html, nothing } from '../vendor/lit-html.js';

/** @import { Organisation, Page, PlanUse, SsoStatus, State, Visit } from '../types.js' */
/** @typedef {State<Awaited<ReturnType<typeof load>>>} Here */

/** @param {Visit} visit */
async function load({ local }) {
  const path = `/organisations?limit=50&search=${encodeURIComponent(local.search ?? '')}`;
  const [listing, plans] = await Promise.all([get(path), get('/plans')]);
  return { path, items: /** @type {Organisation[]} */ (listing.items), next: /** @type {string | null} */ (listing.next), plans: /** @type {PlanUse[]} */ (plans.items) };
}

/** The heading of the form that creates an organisation. */
const NEW = t('organisations-new');

/** @type {Record<SsoStatus, [string, string]>} */
const SSO = { none: ['', t('sso-not-set-up')], draft: ['warn', t('sso-draft')], ready: ['good', t('sso-ready')] };

/** @param {Organisation} one */
function row(one) {
  const [kind, text] = SSO[one.sso];
  return html`<tr>
    <td><a href="/o/${one.slug}/workspaces"><strong>${one.name}</strong></a><small>${one.slug}</small></td>
    <td data-label=${t('plan')} class="short">${one.plan.name}</td>
    <td data-label=${t('organisations-sso')} class="short"><span><span class="badge ${kind}">${text}</span>${one.saml_only ? html` <span class="badge accent">${t('organisations-saml-only')}</span>` : nothing}</span></td>
    <td data-label=${t('people')}>${number(one.people)}</td>
    <td class="end"><div class="row">
      <a class="button small" href="/o/${one.slug}/people" aria-label=${t('organisations-people-of', { name: one.name })}>${t('people')}</a>
      <a class="button small" href="/o/${one.slug}/settings" aria-label=${t('organisations-switch-plan-of', { name: one.name })}>${t('switch-plan')}</a>
    </div></td>
  </tr>`;
}

/** @param {Here} state */
function search(state) {
  const work = submit(state, async (values) => {
    state.local.search = values.search.trim();
    await state.reload();
  });
  return html`<form class="search" role="search" @submit=${work}>
    <label class="hidden" for="search">${t('organisations-search-label')}</label>
    <input id="search" name="search" type="search" placeholder=${t('organisations-search-hint')}>
    ${submitButton(state, t('search'), '')}
  </form>`;
}

/** @param {Here} state */
function counted({ local, data: { items, next, plans } }) {
  const count = items.length;
  if (!local.search) return t('organisations-shown', { count, all: plans.reduce((sum, plan) => sum + plan.organisations, 0) });
  return next ? t('organisations-first-matches', { count }) : t('organisations-matches', { count });
}

/** @param {Here} state */
function found(state) {
  const { local, data: { items, path } } = state;
  if (items.length) {
    return html`<p class="soft" role="status">${counted(state)}</p>
      ${table([t('organisation'), t('plan'), t('organisations-sso'), t('people'), t('actions')], items.map(row))}${showMore(state, path)}`;
  }
  return empty(local.search ? t('organisations-no-match', { search: local.search }) : t('organisations-none'));
}

/** @param {Here} state */
function creation(state) {
  const create = submit(state, async ({ name, plan, admin_email }, form) => {
    const made = await post('/organisations', { name, plan, admin_email });
    sent(state, made.invitation);
    form.reset();
    await state.reload();
    return `${t('organisations-created', { name })} ${whereLink(made.invitation, NEW)}`;
  });
  return html`<section class="card stack"><h2>${NEW}</h2>
    <form @submit=${create}>
      ${field(state, { name: 'name', label: t('name') })}
      ${planChoice(state, state.data.plans)}
      ${field(state, { name: 'admin_email', label: t('organisations-admin-email'), type: 'email', hint: t('organisations-admin-email-hint') })}
      ${submitButton(state, t('organisations-create'))}
    </form>
    ${linksView(state)}
  </section>`;
}

/** @param {Here} state */
function view(state) {
  return html`${pageHead(t('organisations'), { lead: t('organisations-lead') })}
    <div class="stack">
      <section class="card stack" aria-label=${t('organisations')}>${search(state)}${found(state)}</section>
      ${creation(state)}
    </div>`;
}

/** @type {Page} */
export const organisations = { title: t('organisations'), load, view };
