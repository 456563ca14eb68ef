import { get, post, remove } from '../api.js';
import { confirm } from '../ui/dialog.js';
import { EVENT } from '../ui/account_events.js';
import { attempt, field, submit, submitButton } from '../ui/form.js';
import { moment } from '../ui/format.js';
import { showMore } from '../ui/more.js';
import { empty, pageHead } from '../ui/shell.js';
import { table } from '../ui/table.js';
import { parts, t } from '../texts.js';
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
const KIND = { invitation: t('audit-kind-invitation'), reset: t('mails-reset'), reset_link: t('operators-password-link'), certificate_expiring: t('mails-certificate-expiring'), certificate_found: t('mails-certificate-found'), connection_waiting: t('mails-connection-waiting'), saml_reminder: t('mails-saml-reminder'), backup_late: t('mails-backup-late'), ...EVENT };

/** @param {Here} state @param {Mail} one */
function retry(state, one) {
  return attempt(state, async () => {
    await post(`${PATH}/${one.id}/retry`);
    await state.reload();
    return t('mails-retrying', { email: one.to });
  });
}

/** @param {Here} state @param {Mail} one */
function askToDiscard(state, one) {
  confirm(state, {
    title: t('mails-discard-title', { email: one.to }),
    action: t('mails-discard-action'),
    body: html`<p>${t('mails-discard-lead', { subject: one.subject })}</p>`,
    real: () => remove(`${PATH}/${one.id}`),
    done: t('mails-discarded', { email: one.to }),
  });
}

/** @param {Here} state @param {Mail} one */
function buttons(state, one) {
  const { to: email } = one;
  return html`<div class="row">
    ${state.data.server ? html`<button class="small" aria-label=${t('mails-retry-of', { email })} @click=${() => retry(state, one)}>${t('mails-retry')}</button>` : nothing}
    <button class="small danger" aria-label=${t('mails-discard-of', { email })} @click=${() => askToDiscard(state, one)}>${t('mails-discard')}</button>
  </div>`;
}

/** The result of the test. @param {MailTest} test */
function outcome({ accepted, server, from, warning, steps }) {
  return html`<div class="stack" role="status">
    <p><strong>${accepted ? t('mails-accepted') : t('mails-not-sent')}</strong>
      ${accepted ? t('mails-sent-from', { from, server }) : nothing}</p>
    <ul class="rules">${steps.map(({ ok, found, what }) => html`<li><span class="badge ${ok ? 'good' : 'bad'}">${ok ? t('mails-done') : t('rule-failed')}</span>
      <div class="stack"><p>${found}</p>${what ? html`<p class="notice info"><strong>${t('mails-what-to-do')}</strong> ${what}</p>` : nothing}</div></li>`)}
      ${warning ? html`<li><span class="badge warn">${t('note-badge')}</span><p>${warning}</p></li>` : nothing}</ul>
  </div>`;
}

/** @param {Here} state */
function testForm(state) {
  if (!state.data.server) return nothing;
  const send = submit(state, async ({ email }) => {
    state.local.test = null;
    state.local.test = await post(`${PATH}/test`, { email });
  });
  return html`<section class="card stack"><h2>${t('mails-test')}</h2>
    <form @submit=${send}>
      ${field(state, { name: 'email', label: t('email'), type: 'email', value: state.me.person.email, hint: t('mails-test-hint') })}
      ${submitButton(state, state.busy ? t('mails-sending') : t('mails-send-test'))}
    </form>
    ${state.local.test ? outcome(state.local.test) : nothing}
  </section>`;
}

/** The time of the next attempt to send a message. @param {Here} state @param {Mail} one */
function nextTry({ data: { server } }, { next_attempt_at: at }) {
  if (!at) return html`<span class="badge bad">${t('mails-given-up')}</span>`;
  if (!server) return html`<span class="badge warn">${t('mails-waiting')}</span>`;
  return html`<span class="badge">${Date.parse(at) <= Date.now() ? t('mails-due') : t('mails-next', { at: moment(at) })}</span>`;
}

/** @param {Here} state @param {Mail} one */
function row(state, one) {
  const tried = one.attempts ? t('mails-tried', { count: one.attempts }) : t('mails-not-tried');
  return html`<tr>
    <td class="person"><strong>${one.subject}</strong><small>${t('mails-kind-and-person', { kind: KIND[one.kind] ?? one.kind, email: one.to })}</small></td>
    <td data-label=${t('mails-waiting-since')}>${moment(one.created_at)}</td>
    <td data-label=${t('state')}><span>${nextTry(state, one)} <small>${one.last_error ? t('mails-tried-why', { tried, error: one.last_error }) : tried}</small></span></td>
    <td class="end">${buttons(state, one)}</td>
  </tr>`;
}

/** @param {Here} state */
function noServer({ data: { server } }) {
  if (server) return nothing;
  return html`<div class="notice info stack"><p><strong>${t('mails-no-server')}</strong> ${t('mails-no-server-lead')}</p>
    <p>${t('mails-no-server-start')}</p>
    <p class="value">--smtp-url smtp://user:password@mail.example.com:587</p>
    <p>${parts('mails-no-server-tls', { tls: html`<code>smtps://</code>`, plain: html`<code>smtp://</code>` })}</p></div>`;
}

/** @param {Here} state */
function view(state) {
  const look = () => attempt(state, () => state.reload());
  const beside = html`<button class="small" @click=${look}>${t('look-again')}</button>`;
  return html`${pageHead(t('mail'), { lead: t('mails-lead'), beside })}
    <div class="stack">
      ${noServer(state)}
      <section class="card stack" aria-label=${t('mails-waiting-list')}>
        ${state.data.items.length
          ? table([t('mail'), t('mails-waiting-since'), t('state'), t('actions')], state.data.items.map((one) => row(state, one)))
          : empty(t('mails-none'))}
        ${showMore(state, PATH)}
      </section>
      ${testForm(state)}
    </div>`;
}

/** @type {Page} */
export const mail = { title: t('mail'), load, view };
