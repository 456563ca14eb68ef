/** Set-up links: the set-up in the hands of an IT admin who has no account here. */

import { get, post, remove } from '../api.js';
import { html, nothing } from '../vendor/lit-html.js';
import { confirm } from './dialog.js';
import { attempt, field, submit, submitButton } from './form.js';
import { moment } from './format.js';
import { conceal, onceView, reveal } from './once.js';
import { table } from './table.js';

/** @import { Connection, SetupLink, State } from '../types.js' */
/** @typedef {State<{base: string, connection: Connection}>} Here */

/** How many days a link lasts. @type {[string, string][]} */
const LASTS = [['1', '1 day'], ['7', '7 days'], ['14', '14 days'], ['30', '30 days']];

/** @type {Record<SetupLink['status'], [string, string]>} */
const STATUS = { live: ['good', 'Active'], done: ['', 'Done'], expired: ['warn', 'Expired'], orphaned: ['warn', 'Ended: its creator lost the right'] };

/** @param {Here} state */
const path = (state) => `${state.data.base}/sso/setup-links`;

/** @param {Here} state */
async function fetchLinks(state) {
  state.local.setupLinks = (await get(path(state))).items;
  state.update();
}

/** @param {SetupLink} link */
const nameOf = ({ id, note }) => note || `Link ${id.slice(0, 8)}`;

/** @param {Here} state @param {SetupLink} link */
function askToRevoke(state, link) {
  confirm(state, {
    title: `Revoke ${nameOf(link)}?`,
    action: 'Revoke link',
    body: html`<p>It stops working at once. Settings saved through it are kept.</p>`,
    real: async () => {
      await remove(`${path(state)}/${link.id}`);
      conceal(state, MADE, link.id);
      await fetchLinks(state);
    },
    done: 'The link is revoked.',
  });
}

/** @param {Here} state @param {SetupLink} link */
function row(state, link) {
  const [kind, text] = STATUS[link.status];
  return html`<tr>
    <td class="person"><strong>${nameOf(link)}</strong><small>created by ${link.created_by}</small></td>
    <td data-label="Status"><span class="badge ${kind}">${text}</span></td>
    <td data-label="Until">${moment(link.expires_at)}</td>
    <td data-label="Last used">${moment(link.last_used_at)}</td>
    <td class="end"><div class="row">
      <button class="small danger" aria-label="Revoke ${nameOf(link)}" @click=${() => askToRevoke(state, link)}>Revoke</button></div></td>
  </tr>`;
}

/** The links that were made on this page. */
const MADE = 'made';

/** @param {Here} state */
const made = (state) => onceView(state, MADE, { name: 'Set-up link', things: 'links', lead: 'Send the link to your IT admin. It will not be shown again.' });

/** @param {Here} state */
function creation(state) {
  const create = submit(state, async ({ days, note }, form) => {
    const link = await post(path(state), { days: Number(days), note });
    reveal(state, MADE, { id: link.id, label: note ? `Set-up link for ${note}` : 'Set-up link', value: link.url });
    form.reset();
    await fetchLinks(state);
    return 'The set-up link is created. It is under “Send this to your IT admin”: copy it now.';
  });
  return html`<form @submit=${create}>
    <div class="inline">
      ${field(state, { name: 'note', label: 'Recipient', required: false, hint: 'For your own list; the link does not show it.' })}
      ${field(state, { name: 'days', label: 'Lasts', options: LASTS, value: '7' })}
    </div>
    ${submitButton(state, 'Create link', '')}</form>`;
}

/** @param {Here} state @param {SetupLink[]} links */
const linkTable = (state, links) => table(['Link', 'Status', 'Until', 'Last used', 'Actions'], links.map((link) => row(state, link)));

/** Links that were handed out before the plan left SSO behind, to be revoked. @param {State<{base: string, connection: Connection, setupLinks: SetupLink[]}>} state */
export function leftLinksView(state) {
  const links = /** @type {SetupLink[]} */ (state.local.setupLinks ?? state.data.setupLinks).filter(({ status }) => status === 'live');
  if (!links.length) return nothing;
  return html`<section class="card stack"><h2>Set-up links</h2>
    <p class="soft">They do not work on this plan. Until they expire, they work again if the plan includes SSO.</p>
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
  return html`<section class="card" aria-label="Set-up links"><details @toggle=${unfold}>
    <summary><h2>Send this to your IT admin</h2></summary>
    <div class="stack unfolded">
      <p class="prose">The person who runs your identity provider needs no account: a set-up link shows them our values, accepts theirs, and gives no other access.
        You make the test sign-in yourself: this page shows when it is time, and you get an e-mail if a mail server is set up. The link stops
        working after the test.</p>
      ${creation(state)}${made(state)}
      ${links?.length ? linkTable(state, links) : nothing}
    </div></details></section>`;
}
