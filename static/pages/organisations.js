import { get, post } from '../api.js';
import { field, submit, submitButton } from '../ui/form.js';
import { plural } from '../ui/format.js';
import { linksView, sent, whereLink } from '../ui/invitation_links.js';
import { showMore } from '../ui/more.js';
import { planChoice } from '../ui/plans.js';
import { empty, pageHead } from '../ui/shell.js';
import { table } from '../ui/table.js';
import { html, nothing } from '../vendor/lit-html.js';

/** @import { Organisation, Page, PlanUse, SsoStatus, State, Visit } from '../types.js' */
/** @typedef {State<Awaited<ReturnType<typeof load>>>} Here */

/** @param {Visit} visit */
async function load({ local }) {
  const path = `/organisations?limit=50&search=${encodeURIComponent(local.search ?? '')}`;
  const [listing, plans] = await Promise.all([get(path), get('/plans')]);
  return { path, items: /** @type {Organisation[]} */ (listing.items), next: /** @type {string | null} */ (listing.next), plans: /** @type {PlanUse[]} */ (plans.items) };
}

/** The section in which one is made. */
const NEW = 'New organisation';

const FIRST_ADMIN = 'This person gets an invitation and becomes an organisation admin.';

/** @type {Record<SsoStatus, [string, string]>} */
const SSO = { none: ['', 'Not set up'], draft: ['warn', 'Draft'], ready: ['good', 'Ready'] };

/** @param {Organisation} one */
function row(one) {
  const [kind, text] = SSO[one.sso];
  return html`<tr>
    <td><a href="/o/${one.slug}/workspaces"><strong>${one.name}</strong></a><small>${one.slug}</small></td>
    <td data-label="Plan" class="short">${one.plan.name}</td>
    <td data-label="SSO" class="short"><span><span class="badge ${kind}">${text}</span>${one.saml_only ? html` <span class="badge accent">SAML-only</span>` : nothing}</span></td>
    <td data-label="People">${one.people}</td>
    <td class="end"><div class="row">
      <a class="button small" href="/o/${one.slug}/people" aria-label="People of ${one.name}">People</a>
      <a class="button small" href="/o/${one.slug}/settings" aria-label="Switch plan of ${one.name}">Switch plan</a>
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
    <label class="hidden" for="search">Search organisations by name</label>
    <input id="search" name="search" type="search" placeholder="Search by name">
    ${submitButton(state, 'Search', '')}
  </form>`;
}

/** @param {Here} state */
function found(state) {
  const { local, data: { items, next, path, plans } } = state;
  if (items.length) {
    const all = plans.reduce((sum, plan) => sum + plan.organisations, 0);
    const count = local.search ? (next ? `The first ${items.length} matches` : plural(items.length, 'match', 'matches')) : `${items.length} of ${all}`;
    return html`<p class="soft" role="status">${count}, by name.</p>
      ${table(['Organisation', 'Plan', 'SSO', 'People', 'Actions'], items.map(row))}${showMore(state, path)}`;
  }
  return empty(local.search ? `No organisation matches “${local.search}”.` : 'No organisation yet. Create the first one below.');
}

/** @param {Here} state */
function creation(state) {
  const create = submit(state, async ({ name, plan, admin_email }, form) => {
    const made = await post('/organisations', { name, plan, admin_email });
    sent(state, made.invitation);
    form.reset();
    await state.reload();
    return `${name} is created, with its first workspace. ${whereLink(made.invitation, NEW)}`;
  });
  return html`<section class="card stack"><h2>${NEW}</h2>
    <form @submit=${create}>
      ${field(state, { name: 'name', label: 'Name' })}
      ${planChoice(state, state.data.plans)}
      ${field(state, { name: 'admin_email', label: 'E-mail of its first admin', type: 'email', hint: FIRST_ADMIN })}
      ${submitButton(state, 'Create organisation')}
    </form>
    ${linksView(state)}
  </section>`;
}

/** @param {Here} state */
function view(state) {
  return html`${pageHead('Organisations', { lead: 'All organisations.' })}
    <div class="stack">
      <section class="card stack" aria-label="Organisations">${search(state)}${found(state)}</section>
      ${creation(state)}
    </div>`;
}

/** @type {Page} */
export const organisations = { title: 'Organisations', load, view };
