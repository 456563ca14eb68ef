import { get, post, remove } from '../api.js';
import { confirm } from '../ui/dialog.js';
import { EVENT } from '../ui/account_events.js';
import { attempt, field, submit, submitButton } from '../ui/form.js';
import { moment, plural } from '../ui/format.js';
import { showMore } from '../ui/more.js';
import { empty, pageHead } from '../ui/shell.js';
import { table } from '../ui/table.js';
import { html, nothing } from '../vendor/lit-html.js';

/** @import { Mail, MailTest, Page, State } from '../types.js' */
/** @typedef {State<Awaited<ReturnType<typeof load>>>} Here */

const PATH = '/mails';

async function load() {
  const listing = await get(PATH);
  return {
    server: /** @type {boolean} */ (listing.mail_server),
    items: /** @type {Mail[]} */ (listing.items),
    next: /** @type {string | null} */ (listing.next),
  };
}

/** @type {Record<Mail['kind'], string>} */
const KIND = { invitation: 'Invitation', reset: 'Forgotten password', reset_link: 'Password link', certificate_expiring: 'Certificate expires', certificate_found: 'New certificate', connection_waiting: 'SSO ready to test', saml_reminder: 'SSO reminder', ...EVENT };

/** @param {Here} state @param {Mail} one */
function retry(state, one) {
  return attempt(state, async () => {
    await post(`${PATH}/${one.id}/retry`);
    await state.reload();
    return `Retrying the e-mail to ${one.to} now.`;
  });
}

/** @param {Here} state @param {Mail} one */
function askToDiscard(state, one) {
  confirm(state, {
    title: `Discard the e-mail to ${one.to}?`,
    action: 'Discard mail',
    body: html`<p>“${one.subject}” will not be sent, nor will a link in it: create a new link if one is needed.</p>`,
    real: () => remove(`${PATH}/${one.id}`),
    done: `The e-mail to ${one.to} is discarded.`,
  });
}

/** @param {Here} state @param {Mail} one */
function buttons(state, one) {
  const name = `mail to ${one.to}`;
  return html`<div class="row">
    ${state.data.server ? html`<button class="small" aria-label="Retry ${name} now" @click=${() => retry(state, one)}>Retry now</button>` : nothing}
    <button class="small danger" aria-label="Discard ${name}" @click=${() => askToDiscard(state, one)}>Discard</button>
  </div>`;
}

/** The result of the test. @param {MailTest} test */
function outcome({ accepted, server, from, warning, steps }) {
  return html`<div class="stack" role="status">
    <p><strong>${accepted ? 'The mail server accepted the e-mail.' : 'The e-mail was not sent.'}</strong>
      ${accepted ? html`It was sent from ${from} through ${server}. If it does not arrive, check the spam folder.` : nothing}</p>
    <ul class="rules">${steps.map(({ ok, found, what }) => html`<li><span class="badge ${ok ? 'good' : 'bad'}">${ok ? 'Done' : 'Failed'}</span>
      <div class="stack"><p>${found}</p>${what ? html`<p class="notice info"><strong>What to do.</strong> ${what}</p>` : nothing}</div></li>`)}
      ${warning ? html`<li><span class="badge warn">Note</span><p>${warning}</p></li>` : nothing}</ul>
  </div>`;
}

/** @param {Here} state */
function testForm(state) {
  if (!state.data.server) return nothing;
  const send = submit(state, async ({ email }) => {
    state.local.test = null;
    state.local.test = await post(`${PATH}/test`, { email });
  });
  return html`<section class="card stack"><h2>Test the mail server</h2>
    <form @submit=${send}>
      ${field(state, { name: 'email', label: 'E-mail', type: 'email', value: state.me.person.email, hint: 'Sends a test e-mail to this address now and reports each step.' })}
      ${submitButton(state, state.busy ? 'Sending…' : 'Send a test e-mail')}
    </form>
    ${state.local.test ? outcome(state.local.test) : nothing}
  </section>`;
}

/** When it is tried next. @param {Here} state @param {Mail} one */
function nextTry({ data: { server } }, { next_attempt_at: at }) {
  if (!at) return html`<span class="badge bad">Given up</span>`;
  if (!server) return html`<span class="badge warn">Waiting</span>`;
  return html`<span class="badge">${Date.parse(at) <= Date.now() ? 'Due now' : `Next ${moment(at)}`}</span>`;
}

/** @param {Here} state @param {Mail} one */
function row(state, one) {
  const tried = one.attempts ? `tried ${plural(one.attempts, 'time', 'times')}` : 'not tried yet';
  return html`<tr>
    <td class="person"><strong>${one.subject}</strong><small>${KIND[one.kind] ?? one.kind}, to ${one.to}</small></td>
    <td data-label="Waiting since">${moment(one.created_at)}</td>
    <td data-label="State"><span>${nextTry(state, one)} <small>${tried}${one.last_error ? `: ${one.last_error}` : ''}</small></span></td>
    <td class="end">${buttons(state, one)}</td>
  </tr>`;
}

/** @param {Here} state */
function noServer({ data: { server } }) {
  if (server) return nothing;
  return html`<div class="notice info stack"><p><strong>No mail server is set up, so nothing is sent.</strong> People who invite others or create a password
      link pass it on themselves.</p>
    <p>To send mail, start Vestibule with the address of your mail server, such as:</p>
    <p class="value">--smtp-url smtp://user:password@mail.example.com:587</p>
    <p>Use <code>smtps://</code> instead of <code>smtp://</code> for TLS from the first byte.</p></div>`;
}

/** @param {Here} state */
function view(state) {
  const look = () => attempt(state, () => state.reload());
  const beside = html`<button class="small" @click=${look}>Look again</button>`;
  return html`${pageHead('Mail', { lead: 'E-mails waiting to be sent, oldest first.', beside })}
    <div class="stack">
      ${noServer(state)}
      <section class="card stack" aria-label="Waiting mail">
        ${state.data.items.length
          ? table(['Mail', 'Waiting since', 'State', 'Actions'], state.data.items.map((one) => row(state, one)))
          : empty('No e-mail is waiting.')}
        ${showMore(state, PATH)}
      </section>
      ${testForm(state)}
    </div>`;
}

/** @type {Page} */
export const mail = { title: 'Mail', load, view };
