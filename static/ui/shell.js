/** What stands around every page. */

import { html, nothing } from '../vendor/lit-html.js';
import { dialog } from './dialog.js';

/** @param {string} path @param {string} text */
function tab(path, text) {
  const here = location.pathname === path || (path.endsWith('/sso') && location.pathname.startsWith(`${path}/`));
  return html`<a href=${path} aria-current=${here ? 'page' : nothing}>${text}</a>`;
}

/** @param {any} state */
function bar(state) {
  const { me } = state;
  return html`<header class="bar">
    <a class="brand" href="/"><img src="/static/icon.svg" alt="" width="28" height="28">Vestibule</a>
    ${me
      ? html`<nav aria-label="Main">
            <a href="/?choose=1">Workspaces</a>
            ${me.person.operator ? html`<a href="/operator/organisations">Organisations</a><a href="/operator/plans">Plans</a>` : nothing}
          </nav>
          <div class="end">
            <a href="/account">${me.person.name}</a>
            <form method="post" action="/logout"><button class="small">Sign out</button></form>
          </div>`
      : nothing}
  </header>`;
}

/**
 * The pages of one organisation.
 * @param {any} state
 * @param {{slug: string, name: string}} organisation
 */
export function organisationTabs(state, organisation) {
  const base = `/o/${organisation.slug}`;
  return html`<p class="crumb">${organisation.name}</p>
    <nav class="tabs" aria-label=${organisation.name}>
      ${tab(`${base}/workspaces`, 'Manage Workspaces')}
      ${tab(`${base}/people`, 'People & admins')}
      ${tab(`${base}/sso`, 'Single sign-on')}
      ${tab(`${base}/settings`, 'Organisation')}
    </nav>`;
}

/** @param {any} state */
function content(state) {
  if (state.loading) return html`<h1 tabindex="-1">${state.page.title}</h1><p role="status">Loading …</p>`;
  if (state.failure && !state.dialog && !Object.keys(state.data).length) return failed(state);
  return state.page.view(state);
}

/** @param {any} state */
function failed(state) {
  return html`<h1 tabindex="-1">${state.page.title}</h1>
    <p class="notice" role="alert">${state.failure.message}</p>
    <p class="row"><button @click=${() => state.reload()}>Try again</button><a href="/">Home</a></p>`;
}

/** @param {any} state */
export function shell(state) {
  return html`<a class="skip" href="#main">Skip to content</a>
    ${bar(state)}
    <main id="main">${content(state)}</main>
    ${dialog(state)}`;
}
