import { get } from '../api.js';
import { icons } from '../ui/icons.js';
import { ROLE } from '../ui/format.js';
import { nextSteps } from '../ui/next_steps.js';
import { onlyPlace } from '../ui/place.js';
import { empty, pageHead } from '../ui/shell.js';
import { html, nothing } from '../vendor/lit-html.js';

/** @import { Me, OwnOrganisation, Page, Place, State, Steps, Visit } from '../types.js' */
/** @typedef {State<Awaited<ReturnType<typeof load>>>} Here */

/** The next steps, for people who can take them. @param {Visit} visit */
async function load({ me }) {
  const managed = me.organisations.filter(({ admin, open }) => admin && open);
  const [appliance, ...lists] = await Promise.all([
    me.person.operator ? get('/next-steps') : null,
    ...managed.map(({ id }) => get(`/organisations/${id}/next-steps`)),
  ]);
  return {
    appliance: /** @type {Steps | null} */ (appliance),
    steps: /** @type {Record<string, Steps>} */ (Object.fromEntries(managed.map(({ id }, n) => [id, lists[n]]))),
  };
}

/** @param {Place} place */
function tile(place) {
  return html`<li><a class="card tile" href="/w/${place.id}">${icons.workspace}<strong>${place.name}</strong><small>${ROLE[place.role]}</small></a></li>`;
}

/** @param {OwnOrganisation} organisation */
function closed({ name, portal_url: portalUrl }) {
  return html`<div class="card stack">
    <p>${name} needs another sign-in method.${portalUrl ? ' Use single sign-on.' : ' Sign in again with your password; if that does not work, ask its admin.'}</p>
    ${portalUrl ? html`<p><a class="button" href=${portalUrl} data-outside>Sign in with SSO</a></p>` : nothing}
  </div>`;
}

/** @param {OwnOrganisation} organisation */
function rooms({ workspaces }) {
  return workspaces.length ? html`<ul class="grid">${workspaces.map(tile)}</ul>` : empty('You don’t belong to any of its workspaces.');
}

/** @param {Here} state @param {OwnOrganisation} one */
function organisation(state, one) {
  return html`<section class="tight" aria-label=${one.name}>
    <div class="row spread"><h2>${one.name}</h2>
      ${one.admin && one.open ? html`<a href="/o/${one.slug}/workspaces">Manage organisation</a>` : nothing}</div>
    ${nextSteps(state, `Next steps for ${one.name}`, one.id, state.data.steps[one.id] ?? null)}
    ${one.open ? rooms(one) : closed(one)}
  </section>`;
}

/** @param {Me} me */
function nowhere({ person }) {
  return person.operator
    ? html`<p class="empty">You don’t belong to an organisation. As an operator you can open <a href="/operator/organisations">all of them</a>.</p>`
    : empty('You don’t belong to an organisation. Ask an admin to invite you.');
}

/** @param {Here} state */
function view(state) {
  const { me } = state;
  return html`${pageHead(`Welcome, ${me.person.name}`, { lead: 'Choose a workspace.' })}
    <div class="stack">
      ${nextSteps(state, 'Next steps for Vestibule', 'appliance', state.data.appliance)}
      ${me.organisations.length ? me.organisations.map((one) => organisation(state, one)) : nowhere(me)}
    </div>`;
}

/** @type {Page} */
export const chooser = { title: 'Workspaces', load, view };

/**
 * The same page at `/`, where people with only one workspace are sent on to it.
 * @type {Page}
 */
export const home = { ...chooser, landing: onlyPlace };
