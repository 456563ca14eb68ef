/** Inviting people to a workspace, and the list of open invitations. */

import { post, remove } from '../api.js';
import { t } from '../texts.js';
import { html, nothing } from '../vendor/lit-html.js';
import { pasteMany } from './bulk_invite.js';
import { attempt, field, submit, submitButton } from './form.js';
import { hours, moment, roleName } from './format.js';
import { linksView, sent, unsent, whereLink } from './invitation_links.js';
import { empty } from './shell.js';
import { table } from './table.js';

/** @import { Invitation, Organisation, State } from '../types.js' */
/** @import { Listing } from './directory.js' */
/** @typedef {State<{base: string, organisation: Organisation, listing: Listing, invitations: Invitation[], roleOptions: [string, string][]}>} Here */

/** The heading of the form that invites a person. */
const INVITE = t('invite-person');

/** @param {Here} state @param {Invitation} one */
function resend(state, one) {
  return attempt(state, async () => {
    const invitation = await post(`${state.data.base}/invitations/${one.id}/resend`);
    sent(state, invitation);
    await state.reload();
    return `${t('invitation-resent', { email: one.email })} ${whereLink(invitation, INVITE)}`;
  });
}

/** @param {Here} state @param {Invitation} one */
function withdraw(state, one) {
  return attempt(state, async () => {
    await remove(`${state.data.base}/invitations/${one.id}`);
    unsent(state, one.email);
    await state.reload();
    return t('invitation-removed', { email: one.email });
  });
}

/** @param {Invitation} one @returns {[string, string]} */
function status({ status, expires_at }) {
  if (status === 'pending') return ['good', t('invitation-until', { until: moment(expires_at) })];
  return ['warn', status === 'orphaned' ? t('invitation-orphaned') : t('expired')];
}

/** @param {Here} state @param {Invitation} one */
function row(state, one) {
  const [kind, text] = status(one);
  return html`<tr>
    <td class="person"><strong>${one.email}</strong><small>${t('invitation-by', { name: one.invited_by })}</small></td>
    <td data-label=${t('role')}>${roleName(one)}</td>
    <td data-label=${t('state')}><span><span class="badge ${kind}">${text}</span></span></td>
    <td class="end"><div class="row">
      <button class="small" aria-label=${t('invitation-resend-to', { email: one.email })} @click=${() => resend(state, one)}>${t('invitation-resend')}</button>
      <button class="small danger" aria-label=${t('invitation-remove-of', { email: one.email })} @click=${() => withdraw(state, one)}>${t('remove')}</button>
    </div></td>
  </tr>`;
}

/** @param {Here} state */
export function inviting(state) {
  const invite = submit(state, async ({ email, role }, form) => {
    state.local.mailed = null;
    const invitation = await post(`${state.data.base}/invitations`, { email, role });
    sent(state, invitation);
    form.reset();
    await state.reload();
    return `${t('invitation-sent', { email })} ${whereLink(invitation, INVITE)}`;
  });
  return html`<section class="card stack" id="invite"><h2>${INVITE}</h2>
    <form @submit=${invite}>
      <div class="inline" @paste=${(/** @type {ClipboardEvent} */ event) => pasteMany(state, event)}>
        ${field(state, { name: 'email', label: t('email'), type: 'email' })}
        ${field(state, { name: 'role', label: t('role'), options: state.data.roleOptions, value: 'power_user' })}
      </div>
      ${submitButton(state, t('invite'))}
    </form>
    ${linksView(state)}
  </section>`;
}

/**
 * The list of open invitations. A search for members filters it, too.
 * @param {Here} state
 */
export function invitationList(state) {
  const { invitations, listing } = state.data;
  const search = listing.wanted.get('search') ?? '';
  const found = invitations.filter(({ email }) => email.includes(search.toLowerCase()));
  const none = invitations.length
    ? t('invitations-not-found', { search })
    : t('invitations-none', { life: hours(state.data.organisation.lives.invitation_hours) });
  return html`<section class="card stack"><h2>${t('invitations')}</h2>
    ${search && found.length ? html`<p class="soft">${t('invitations-found', { search, count: found.length, all: invitations.length })}</p>` : nothing}
    ${found.length ? table([t('email'), t('role'), t('state'), t('actions')], found.map((one) => row(state, one))) : empty(none)}
  </section>`;
}
