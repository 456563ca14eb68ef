/** Set-up links, with which an IT admin without an account sets up SSO. */

import { get, post, remove } from '../api.js';
import { t } from '../texts.js';
import { html, nothing } from '../vendor/lit-html.js';
import { confirm } from './dialog.js';
import { attempt, field, submit, submitButton } from './form.js';
import { moment } from './format.js';
import { conceal, onceView, reveal } from './once.js';
import { table } from './table.js';

/** @import { Connection, SetupLink, State } from '../types.js' */
/** @typedef {State<{base: string, connection: Connection}>} Here */

/** The options for the lifetime of a link, in days. @type {[string, string][]} */
const LASTS = [1, 7, 14, 30].map((count) => [String(count), t('days', { count })]);

/** @type {Record<SetupLink['status'], [string, string]>} */
const STATUS = { live: ['good', t('setup-link-active')], done: ['', t('setup-link-done')], expired: ['warn', t('expired')], orphaned: ['warn', t('setup-link-orphaned')] };

/** @param {Here} state */
const path = (state) => `${state.data.base}/sso/setup-links`;

/** @param {Here} state */
async function fetchLinks(state) {
  state.local.setupLinks = (await get(path(state))).items;
  state.update();
}

/** @param {SetupLink} link */
const nameOf = ({ id, note }) => note || t('setup-link-named', { id: id.slice(0, 8) });

/** @param {Here} state @param {SetupLink} link */
function askToRevoke(state, link) {
  confirm(state, {
    title: t('setup-link-revoke-title', { name: nameOf(link) }),
    action: t('setup-link-revoke'),
    body: html`<p>${t('setup-link-revoke-lead')}</p>`,
    real: async () => {
      await remove(`${path(state)}/${link.id}`);
      conceal(state, MADE, link.id);
      await fetchLinks(state);
    },
    done: t('setup-link-revoked'),
  });
}

/** @param {Here} state @param {SetupLink} link */
function row(state, link) {
  const [kind, text] = STATUS[link.status];
  return html`<tr>
    <td class="person"><strong>${nameOf(link)}</strong><small>${t('created-by', { name: link.created_by })}</small></td>
    <td data-label=${t('setup-link-status')}><span class="badge ${kind}">${text}</span></td>
    <td data-label=${t('setup-link-until')}>${moment(link.expires_at)}</td>
    <td data-label=${t('keys-last-used')}>${moment(link.last_used_at)}</td>
    <td class="end"><div class="row">
      <button class="small danger" aria-label=${t('revoke-named', { name: nameOf(link) })} @click=${() => askToRevoke(state, link)}>${t('revoke')}</button></div></td>
  </tr>`;
}

/** The name in `local` of the links that were created on this page. */
const MADE = 'made';

/** @param {Here} state */
const made = (state) => onceView(state, MADE, { name: t('setup-link'), lead: t('setup-link-lead') });

/** @param {Here} state */
function creation(state) {
  const create = submit(state, async ({ days, note }, form) => {
    const link = await post(path(state), { days: Number(days), note });
    reveal(state, MADE, { id: link.id, label: note ? t('setup-link-for', { name: note }) : t('setup-link'), value: link.url });
    form.reset();
    await fetchLinks(state);
    return t('setup-link-created');
  });
  return html`<form @submit=${create}>
    <div class="inline">
      ${field(state, { name: 'note', label: t('setup-link-recipient'), required: false, hint: t('setup-link-recipient-hint') })}
      ${field(state, { name: 'days', label: t('setup-link-lasts'), options: LASTS, value: '7' })}
    </div>
    ${submitButton(state, t('setup-link-create'), '')}</form>`;
}

/** @param {Here} state @param {SetupLink[]} links */
const linkTable = (state, links) => table([t('setup-link-link'), t('setup-link-status'), t('setup-link-until'), t('keys-last-used'), t('actions')], links.map((link) => row(state, link)));

/** The active links of an organisation whose plan no longer includes SSO, so that they can be revoked. @param {State<{base: string, connection: Connection, setupLinks: SetupLink[]}>} state */
export function leftLinksView(state) {
  const links = /** @type {SetupLink[]} */ (state.local.setupLinks ?? state.data.setupLinks).filter(({ status }) => status === 'live');
  if (!links.length) return nothing;
  return html`<section class="card stack"><h2>${t('setup-links-title')}</h2>
    <p class="soft">${t('setup-links-left')}</p>
    ${linkTable(state, links)}</section>`;
}

/** The card on the page of a connection that is not ready. @param {Here} state */
export function setupLinksView(state) {
  const { local, data: { connection } } = state;
  if (!connection.available || connection.status === 'ready') return nothing;
  const links = /** @type {SetupLink[] | undefined} */ (local.setupLinks);
  const unfold = (/** @type {Event} */ event) => {
    const { open } = /** @type {HTMLDetailsElement} */ (event.target);
    if (open && !local.setupLinks) attempt(state, () => fetchLinks(state));
  };
  return html`<section class="card" aria-label=${t('setup-links-title')}><details @toggle=${unfold}>
    <summary><h2>${t('setup-links-send')}</h2></summary>
    <div class="stack unfolded">
      <p class="prose">${t('setup-links-lead')}</p>
      ${creation(state)}${made(state)}
      ${links?.length ? linkTable(state, links) : nothing}
    </div></details></section>`;
}
