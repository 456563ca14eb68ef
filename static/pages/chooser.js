import { get, list } from '../api.js';
import { closedView } from '../ui/closed.js';
import { icons } from '../ui/icons.js';
import { roleName } from '../ui/format.js';
import { nextSteps } from '../ui/next_steps.js';
import { onlyPlace } from '../ui/place.js';
import { empty, pageHead } from '../ui/shell.js';
import { tilesView } from '../ui/tiles.js';
import { parts, t } from '../texts.js';
import { html, nothing } from '../vendor/lit-html.js';

/** @import { ApplicationTile, Me, OwnOrganisation, Page, Place, State, Steps, Visit } from '../types.js' */
/** @typedef {State<Awaited<ReturnType<typeof load>>>} Here */

/** Loads the applications of the person, and the next steps of the organisations that they manage, and of the appliance for operators. @param {Visit} visit */
async function load({ me }) {
  const managed = me.organisations.filter(({ admin, open }) => admin && open);
  const [tiles, appliance, ...lists] = await Promise.all([
    list('/me/applications'),
    me.person.operator ? get('/next-steps') : null,
    ...managed.map(({ id }) => get(`/organisations/${id}/next-steps`)),
  ]);
  return {
    tiles: /** @type {ApplicationTile[]} */ (tiles),
    appliance: /** @type {Steps | null} */ (appliance),
    steps: /** @type {Record<string, Steps>} */ (Object.fromEntries(managed.map(({ id }, n) => [id, lists[n]]))),
  };
}

/** @param {Place} place */
function tile(place) {
  return html`<li><a class="card tile" href="/w/${place.id}">${icons.workspace}<strong>${place.name}</strong><small>${roleName(place)}</small></a></li>`;
}

/** @param {OwnOrganisation} organisation */
function tiles({ workspaces }) {
  return workspaces.length ? html`<ul class="grid">${workspaces.map(tile)}</ul>` : empty(t('chooser-no-workspace'));
}

/** @param {Here} state @param {OwnOrganisation} one */
function organisation(state, one) {
  return html`<section class="tight" aria-label=${one.name}>
    <div class="row spread"><h2>${one.name}</h2>
      ${one.admin && one.open ? html`<a href="/o/${one.slug}/workspaces">${t('chooser-manage')}</a>` : nothing}</div>
    ${nextSteps(state, t('next-steps-for', { name: one.name }), one.id, state.data.steps[one.id] ?? null)}
    ${one.open ? tiles(one) : html`<div class="card stack">${closedView(one, '/workspaces')}</div>`}
  </section>`;
}

/** @param {Me} me */
function nowhere({ person }) {
  return person.operator
    ? html`<p class="empty">${parts('chooser-nowhere-operator', { all: html`<a href="/operator/organisations">${t('chooser-all-of-them')}</a>` })}</p>`
    : empty(t('chooser-nowhere'));
}

/** @param {Here} state */
function view(state) {
  const { me } = state;
  return html`${pageHead(t('chooser-welcome', { name: me.person.name }), { lead: t('chooser-lead') })}
    <div class="stack">
      ${nextSteps(state, t('next-steps-for', { name: 'Vestibule' }), 'appliance', state.data.appliance)}
      ${me.organisations.length ? tilesView(state.data.tiles) : nothing}
      ${me.organisations.length ? me.organisations.map((one) => organisation(state, one)) : nowhere(me)}
    </div>`;
}

/** @type {Page} */
export const chooser = { title: t('workspaces'), load, view };

/**
 * The same page at `/`, which redirects people with only one workspace to it.
 * @type {Page}
 */
export const home = { ...chooser, landing: onlyPlace };
