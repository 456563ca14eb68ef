/** The navigation: the current organisation and its pages, the operator's pages, and the person's account. */

import { t } from '../texts.js';
import { html, nothing } from '../vendor/lit-html.js';
import { brandView } from './brand.js';
import { icons } from './icons.js';
import { menuKeys, menuLeft } from './menu.js';
import { managesOrganisation, organisationHere } from './place.js';

/** @import { OwnOrganisation, State } from '../types.js' */

/**
 * @param {string} path
 * @param {unknown} icon
 * @param {string} text
 */
function link(path, icon, text) {
  const here = location.pathname === path || (/\/(sso|applications)$/.test(path) && location.pathname.startsWith(`${path}/`));
  return html`<a href=${path} aria-current=${here ? 'page' : nothing}>${icon}<span>${text}</span></a>`;
}

/**
 * @param {string} title
 * @param {unknown} items
 */
function group(title, items) {
  return html`<div><p class="nav-title" aria-hidden="true">${title}</p><ul class="nav" aria-label=${title}>${items}</ul></div>`;
}

/**
 * @param {State} state
 * @param {OwnOrganisation | null} here
 */
function switcher({ me }, here) {
  const others = me.organisations.filter(({ id }) => id !== here?.id);
  if (here && !others.length) return html`<p class="here">${icons.building}<span>${here.name}</span></p>`;
  if (!others.length) return nothing;
  return html`<details class="switcher menu" @keydown=${menuKeys} @focusout=${menuLeft}>
    <summary aria-label=${here ? t('sidebar-organisation', { name: here.name }) : nothing}>${icons.building}<span>${here?.name ?? t('organisations')}</span>${icons.chevron}</summary>
    <ul class="menu-list">
      ${me.organisations.map((one) => html`<li>${organisationLink(one)}</li>`)}
      <li><a href="/workspaces">${icons.list}<span>${t('all-workspaces')}</span></a></li>
    </ul>
  </details>`;
}

/** @param {OwnOrganisation} one */
function organisationLink(one) {
  const [first] = one.workspaces;
  const manage = one.open && one.admin ? `/o/${one.slug}/workspaces` : '/workspaces';
  const path = one.open && first ? `/w/${first.id}` : manage;
  return html`<a href=${path}>${icons.building}<span>${one.name}</span></a>`;
}

/**
 * @param {State} state
 * @param {OwnOrganisation} here
 */
function workspaces({ me, params, data }, here) {
  const own = here.workspaces;
  const foreign = data.workspace && params.workspace && !own.some(({ id }) => id === params.workspace) ? [{ ...data.workspace }] : [];
  const manages = managesOrganisation(me, here);
  const items = [...own, ...foreign].map(({ id, name, role }) => html`<li>${link(`/w/${id}`, icons.workspace, name)}
    ${params.workspace === id ? html`<ul class="nav inner">
      ${manages || role === 'admin' ? html`<li>${link(`/w/${id}/members`, nothing, t('members'))}</li>` : nothing}
      <li>${link(`/w/${id}/applications`, nothing, t('applications'))}</li></ul>` : nothing}</li>`);
  return items.length ? group(t('workspaces'), items) : nothing;
}

/**
 * @param {State} state
 * @param {OwnOrganisation} here
 */
function organisation({ me }, here) {
  if (!managesOrganisation(me, here) || !(here.open || me.person.operator)) return nothing;
  const base = `/o/${here.slug}`;
  return group(t('organisation'), html`
    <li>${link(`${base}/workspaces`, icons.list, t('workspaces'))}</li>
    <li>${link(`${base}/people`, icons.people, t('people'))}</li>
    <li>${link(`${base}/roles`, icons.shield, t('roles'))}</li>
    <li>${link(`${base}/sso`, icons.key, t('single-sign-on'))}</li>
    <li>${link(`${base}/keys`, icons.api, t('api-keys'))}</li>
    <li>${link(`${base}/audit`, icons.history, t('audit-log'))}</li>
    <li>${link(`${base}/settings`, icons.settings, t('settings'))}</li>`);
}

/** @param {State} state */
function who({ me: { person } }) {
  return html`<div class="who">
    <p class="who-name"><strong>${person.name}</strong><small>${person.email}</small></p>
    <ul class="nav"><li>${link('/account', icons.account, t('your-account'))}</li>
      <li><a href="/help" data-outside>${icons.help}<span>${t('help')}</span></a></li></ul>
    <form method="post" action="/logout"><button class="wide">${t('sign-out')}</button></form>
  </div>`;
}

/** @param {State} state */
export function sidebar(state) {
  const here = organisationHere(state);
  const toggle = () => {
    state.menu = !state.menu;
    state.update();
  };
  const close = (/** @type {KeyboardEvent} */ event) => {
    if (event.key !== 'Escape' || !state.menu || event.defaultPrevented) return;
    event.preventDefault();
    toggle();
    /** @type {HTMLElement | null} */ (document.querySelector('.menu-button'))?.focus();
  };
  return html`<header class="side ${state.menu ? 'open' : ''}" @keydown=${close}>
    <div class="side-top">
      <a class="brand" href="/workspaces">${brandView(here?.brand)}</a>
      <button class="menu-button small" aria-expanded=${state.menu} aria-controls="side-rest" @click=${toggle}>${state.menu ? t('close') : t('menu')}</button>
    </div>
    <div class="side-rest" id="side-rest">
      <nav class="stack" aria-label=${t('sidebar-main')}>
        ${switcher(state, here)}
        ${here ? workspaces(state, here) : nothing}
        ${here ? organisation(state, here) : nothing}
        ${state.me.person.operator ? group(t('operator'), html`
          <li>${link('/operator/organisations', icons.building, t('organisations'))}</li>
          <li>${link('/operator/operators', icons.people, t('operators'))}</li>
          <li>${link('/operator/plans', icons.plan, t('plans'))}</li>
          <li>${link('/operator/audit', icons.history, t('audit-log'))}</li>
          <li>${link('/operator/mail', icons.mail, t('mail'))}</li>
          <li>${link('/operator/branding', icons.brush, t('branding'))}</li>
          <li>${link('/operator/doctor', icons.doctor, t('doctor'))}</li>`) : nothing}
      </nav>
      ${who(state)}
    </div>
  </header>`;
}
