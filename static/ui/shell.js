/** The frame around every page. */

import { parts, t } from '../texts.js';
import { html, nothing } from '../vendor/lit-html.js';
import { brandView } from './brand.js';
import { expiryBanner } from './certificates.js';
import { closedHere, closedView, mayBeOfAnother } from './closed.js';
import { dialogView } from './dialog.js';
import { beginPage, zoneShown } from './format.js';
import { linkHelp, pageHelp } from './help.js';
import { veil } from './menu.js';
import { organisationHere } from './place.js';
import { recoveryBanner } from './recovery_banner.js';
import { sidebar } from './sidebar.js';
import { signInPage } from './sign_in_links.js';
import { toast } from './toast.js';

/** @import { State } from '../types.js' */

/** @param {State} state */
function content(state) {
  if (!state.failure) return state.page.view(state);
  const here = location.pathname + location.search;
  const closed = closedHere(state);
  return html`<div class="stack">
    <h1 tabindex="-1">${state.page.title}</h1>
    ${closed
      ? html`<div class="notice stack" role="alert">${closedView(closed, here)}</div>`
      : html`<p class="notice" role="alert">${state.failure.message}</p>`}
    ${mayBeOfAnother(state) ? html`<p>${parts('closed-another', { link: html`<a href=${signInPage(here)} data-outside>${t('closed-another-link')}</a>` })}</p>` : nothing}
    <p class="row">${[403, 404].includes(state.failure.status) ? nothing : html`<button @click=${() => state.reload()}>${t('try-again')}</button>`}
      <a class="button" href="/workspaces">${t('all-workspaces')}</a></p>
  </div>`;
}

/** The note that names the time zone of the page. Must be called after the rest of the page is rendered. */
function zoneNote() {
  const zone = zoneShown();
  if (zone === null) return nothing;
  return html`<p class="zone soft">${/(^|\/)UTC$/.test(zone) ? t('shell-times-utc') : t('shell-times-own', { zone: zone.replaceAll('_', ' ') })}</p>`;
}

/** @param {State} state */
function alone(state) {
  const about = state.data?.invitation ?? state.data?.connection;
  const broad = !state.failure && state.page.broad?.(state.data);
  return html`<div class="gate ${broad ? 'broad' : ''}">
    <main id="main" class=${broad ? '' : 'card'} aria-busy=${state.busy}>
      <p class="brand">${brandView(about?.brand)}</p>
      <div class="stack">${content(state)}${toast(state)}${linkHelp()}${zoneNote()}</div>
    </main>
  </div>`;
}

/** The progress message, which the style sheet shows after a short delay. The page itself has `aria-busy`. @param {State} state */
function working({ loading, busy }) {
  if (!loading && !busy) return nothing;
  return html`<p class="working" role="status">${loading ? t('shell-loading') : t('shell-working')}</p>`;
}

/** @param {State} state */
export function shell(state) {
  beginPage(state.page.zone);
  if (state.page.open || !state.me) return alone(state);
  const dialog = dialogView(state);
  return html`<a class="skip" href="#main">${t('shell-skip')}</a>
    <div class="frame">
      ${sidebar(state)}
      <main id="main" tabindex="-1" aria-busy=${state.loading || state.busy}>${expiryBanner(organisationHere(state))}${recoveryBanner(state.me, organisationHere(state))}${content(state)}${zoneNote()}</main>
      ${veil}
    </div>
    ${working(state)}
    ${toast(state)}
    ${dialog}`;
}

/**
 * The head of a page: the breadcrumb, the title and the lead.
 * @param {string} title
 * @param {{crumb?: unknown, lead?: unknown, beside?: unknown}} [more] `beside` is shown to the right of the title
 */
export function pageHead(title, { crumb = nothing, lead = nothing, beside = nothing } = {}) {
  return html`<div class="head tight">
    ${crumb === nothing ? nothing : html`<p class="crumb">${crumb}</p>`}
    <div class="row"><h1 tabindex="-1">${title}</h1>${beside}${pageHelp()}</div>
    ${lead === nothing ? nothing : html`<p class="prose">${lead}</p>`}
  </div>`;
}

/** @param {string} text */
export const empty = (text) => html`<p class="empty">${text}</p>`;
