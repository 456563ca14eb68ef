import { html, nothing } from '../vendor/lit-html.js';
import { word } from '../ui/format.js';

/**
 * Lands where there is nothing to choose: in the workspace that the person was in last, or in their only one.
 * @param {any} state
 */
async function load(state) {
  if (state.query.has('choose')) return;
  const all = state.me.organisations.flatMap((/** @type {any} */ one) => (one.open ? one.workspaces : []));
  const target = state.me.last_workspace ?? (all.length === 1 ? all[0].id : null);
  if (target) {
    history.replaceState(null, '', `/w/${target}`);
    dispatchEvent(new PopStateEvent('popstate'));
  }
}

/** @param {any} one */
function tile(one) {
  return html`<li><a class="card tile" href="/w/${one.id}"><strong>${one.name}</strong><br><small>${word(one.role)}</small></a></li>`;
}

/** @param {any} one */
function closed(one) {
  return html`<p>This organisation is closed to your present sign-in.
    ${one.portal_url ? html`<a href=${one.portal_url} data-outside>Sign in with SSO</a>` : 'Ask its admin how to sign in.'}</p>`;
}

/** @param {any} one */
function organisation(one) {
  return html`<section aria-label=${one.name}>
    <div class="row spread"><h2>${one.name}</h2>${one.admin && one.open ? html`<a href="/o/${one.slug}/workspaces">Manage organisation</a>` : nothing}</div>
    ${one.open ? html`<ul class="grid">${one.workspaces.map(tile)}</ul>` : closed(one)}
    ${one.open && !one.workspaces.length ? html`<p class="soft">You are in none of its workspaces.</p>` : nothing}
  </section>`;
}

/** @param {any} state */
function view(state) {
  const { me } = state;
  return html`<h1 tabindex="-1">Welcome, ${me.person.name}</h1>
    ${me.organisations.map(organisation)}
    ${me.organisations.length ? nothing : html`<div class="card empty"><p>You belong to no organisation yet.
      ${me.person.operator ? html`As an operator you see <a href="/operator/organisations">all organisations</a>.` : 'Ask an admin to invite you.'}</p></div>`}`;
}

/** @type {import('../router.js').Page} */
export const home = { title: 'Home', load, view };
