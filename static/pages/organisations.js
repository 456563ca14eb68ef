import { get, list, post } from '../api.js';
import { copyable } from '../ui/copy.js';
import { field, outcome, submit } from '../ui/form.js';
import { html, nothing } from '../vendor/lit-html.js';

/** @param {any} state */
async function load(state) {
  const search = encodeURIComponent(state.data.search ?? '');
  const [items, plans] = await Promise.all([list(`/organisations?search=${search}`), get('/plans')]);
  state.data = { ...state.data, items, plans: plans.items };
}

const SSO = { none: ['', 'no SSO'], draft: ['warn', 'SSO draft'], ready: ['good', 'SSO ready'] };

/** @param {any} one */
function row(one) {
  const [kind, text] = SSO[/** @type {keyof typeof SSO} */ (one.sso)];
  return html`<tr>
    <td><a href="/o/${one.slug}/workspaces"><strong>${one.name}</strong></a><br><small>${one.slug}</small></td>
    <td data-label="Plan"><span class="badge">${one.plan.name}</span></td>
    <td data-label="SSO"><span class="badge ${kind}">${text}</span></td>
    <td data-label="People">${one.people}</td>
    <td class="end"><a href="/o/${one.slug}/settings" aria-label="Plan of ${one.name}">Switch plan</a></td>
  </tr>`;
}

/** @param {any} state */
function view(state) {
  const { items, plans, made } = state.data;
  const search = submit(state, async ({ search }) => {
    state.data.search = search;
    await state.reload();
  });
  const create = submit(state, async ({ name, plan, admin_email }, form) => {
    state.data.made = await post('/organisations', { name, plan, admin_email });
    form.reset();
    await state.reload();
    return `${name} is made.`;
  });
  return html`<h1 tabindex="-1">Organisations</h1>
    ${outcome(state)}
    ${made?.invitation.accept_url ? html`<div class="notice info"><p>Hand this link to ${made.invitation.email}: it makes them admin of ${made.organisation.name}. It lasts a day.</p>
      ${copyable('Invitation link', made.invitation.accept_url)}</div>` : nothing}
    <section class="card">
      <form class="row" role="search" @submit=${search}>
        <label class="hidden" for="search">Search organisations</label>
        <input id="search" name="search" type="search" placeholder="Search by name" .value=${state.data.search ?? ''}>
        <button>Search</button>
      </form>
      <table><thead><tr><th>Organisation</th><th>Plan</th><th>SSO</th><th>People</th><th><span class="hidden">Actions</span></th></tr></thead>
        <tbody>${items.map(row)}</tbody></table>
      ${items.length ? nothing : html`<div class="empty"><p>No organisation fits.</p></div>`}
    </section>
    <section class="card"><h2>New organisation</h2>
      <form @submit=${create}>
        ${field(state, { name: 'name', label: 'Name' })}
        ${field(state, { name: 'plan', label: 'Plan', options: plans.map((/** @type {any} */ one) => [one.id, one.name]), value: 'starter' })}
        ${field(state, { name: 'admin_email', label: 'E-mail of its first admin', type: 'email' })}
        <button class="primary" ?disabled=${state.busy}>Create organisation</button>
      </form></section>`;
}

/** @type {import('../router.js').Page} */
export const organisations = { title: 'Organisations', load, view };
