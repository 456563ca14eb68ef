/** The people who have used SSO and those who have not, with reminders for the latter. */

import { get, post } from '../api.js';
import { html, nothing } from '../vendor/lit-html.js';
import { copyable } from './copy.js';
import { attempt } from './form.js';
import { day, moment, plural } from './format.js';
import { splitView } from './split.js';

/** @import { OrganisationMember, Readiness, State } from '../types.js' */

/** How many of those who are not ready are named beside the switch. */
const NAMED = 10;

/** @param {string} base of the organisation in the API */
export async function readinessOf(base) {
  const [readiness, waiting] = await Promise.all([get(`${base}/sso/readiness`), get(`${base}/members?saml=waiting&limit=${NAMED}`)]);
  return { readiness: /** @type {Readiness} */ (readiness), waiting: /** @type {OrganisationMember[]} */ (waiting.items) };
}

/** @param {State} state @param {OrganisationMember} one */
function remindOne(state, { email }) {
  return attempt(state, async () => {
    await post(`${state.data.base}/sso/reminders`, { email });
    await state.reload();
    return `${email} is reminded by mail.`;
  });
}

/** @param {State} state */
function remindAll(state) {
  return attempt(state, async () => {
    let [all, before] = [0, 0];
    for (let left = 1; left > 0;) {
      const answer = await post(`${state.data.base}/sso/reminders`);
      all += answer.reminded;
      before ||= answer.skipped;
      left = answer.left;
    }
    await state.reload();
    const rest = before ? ` ${plural(before, 'person was', 'people were')} reminded within the last day already.` : '';
    return `${plural(all, 'person is', 'people are')} reminded by mail.${rest}`;
  });
}

/** What to send to people where no mail is sent. @param {State} state */
function ownWords({ data: { organisation, connection, readiness } }) {
  const text = connection.saml_only
    ? `${organisation.name} uses only single sign-on. Please sign in at ${readiness.portal_url}`
    : `${organisation.name} is moving to single sign-on. Please sign in that way once now, so that you are not locked out later: ${readiness.portal_url}`;
  return html`<p class="soft">No mail server is set up, so Vestibule cannot send reminders. Send them this text yourself:</p>${copyable('Text for your people', text)}`;
}

/** @param {State} state @param {OrganisationMember} one */
function line(state, one) {
  const at = one.reminded_at;
  return html`<li class="row spread"><span><strong>${one.name}</strong> <span class="soft">${one.email}</span></span>
    <span class="row">${at ? html`<small>reminded ${moment(at)}</small>` : nothing}
      ${state.data.readiness.mail_server ? html`<button class="small" aria-label="Remind ${one.email}" @click=${() => remindOne(state, one)}>Remind</button>` : nothing}</span></li>`;
}

/** @param {State} state */
function waitingView(state) {
  const { readiness, waiting } = state.data;
  const count = readiness.total - readiness.ready;
  if (!count) return html`<p><strong>Everyone has used SSO.</strong> Nobody would be locked out.</p>`;
  const all = `/o/${state.params.org}/people?saml=waiting`;
  return html`<div class="tight"><h3>Have not used SSO yet (${count})</h3>
    <ul class="lines">${waiting.map((/** @type {OrganisationMember} */ one) => line(state, one))}</ul>
    <p class="row">${readiness.mail_server ? html`<button @click=${() => remindAll(state)}>Remind ${count === 1 ? 'them' : `all ${count}`}</button>` : nothing}
      <a href=${all}>${count > waiting.length ? `See all ${count}` : 'See them under People'}</a></p>
    ${readiness.mail_server ? nothing : ownWords(state)}</div>`;
}

/** @param {State} state */
export function readinessView(state) {
  const { ready, total, since } = /** @type {Readiness} */ (state.data.readiness);
  return html`<div class="stack">
    <p><strong>${ready} of ${total} ${total === 1 ? 'person has' : 'people have'} signed in through SSO</strong>${since ? ` since ${day(since)}, when the connection was tested` : ''}.</p>
    ${splitView({ count: ready, kind: 'good', text: ready ? `${plural(ready, 'has', 'have')} used SSO` : 'Nobody has used SSO yet' }, { count: total - ready, kind: 'rest', text: total - ready ? `${plural(total - ready, 'has', 'have')} not yet` : 'Nobody is left' })}
    ${waitingView(state)}
  </div>`;
}
