/** Inviting several people at once: the server checks a pasted list or a file line by line; then all are invited in one request. */

import { post } from '../api.js';
import { t } from '../texts.js';
import { html, nothing } from '../vendor/lit-html.js';
import { bytesOf, textOfBytes } from './decoded.js';
import { keepsText } from './drafts.js';
import { attempt, field, fieldText, submit, submitButton } from './form.js';
import { fileField } from './file_field.js';
import { roleName } from './format.js';
import { sent } from './invitation_links.js';
import { leftOver } from './left_over.js';
import { table } from './table.js';

/** @import { Invitation, State, TriedInvitation } from '../types.js' */
/** @typedef {State<{base: string, invitations: Invitation[], roleOptions: [string, string][]}>} Here */
/**
 * The server's report on a list: of the check (`applied` is false), or of the invitations that were made.
 * @typedef {{text: string, role: string, applied: boolean, items: TriedInvitation[]}} Report
 */

const BOX = 'people';
const ROLE_BOX = 'people_role';
/** The largest file, in bytes; the server accepts no more either. */
const MOST_BYTES = 1024 * 1024;

/** @type {Record<TriedInvitation['outcome'], [string, string]>} */
const TOLD = {
  invited: ['good', t('bulk-ready')],
  member: ['warn', t('bulk-member')],
  already_invited: ['warn', t('bulk-already-invited')],
  repeated: ['warn', t('bulk-duplicate')],
  invalid: ['bad', t('bulk-unreadable')],
  plan_limit: ['bad', t('bulk-plan-full')],
  mail_limit: ['bad', t('bulk-mail-limit')],
};

/** @param {Here} state @returns {Report | undefined} */
const reportOf = ({ local }) => local.bulk;

/** @param {Report | undefined} report */
const ready = (report) => report?.items.filter(({ outcome }) => outcome === 'invited') ?? [];

/** @param {Report | undefined} report */
const refused = (report) => report?.items.filter(({ outcome }) => outcome !== 'invited') ?? [];

/** The lines that stay in the box after the invitations: not those that repeat an address that was invited. @param {Report} report */
function staying(report) {
  const invited = new Set(ready(report).map(({ email }) => email?.toLowerCase()));
  return refused(report).filter(({ outcome, email }) => outcome !== 'repeated' || !invited.has(email?.toLowerCase()));
}

/** Whether the list in the form was checked as it is. @param {Here} state */
function isChecked(state) {
  const report = reportOf(state);
  return Boolean(report && !report.applied && report.text === fieldText(BOX) && report.role === fieldText(ROLE_BOX));
}

/** @param {Here} state @param {boolean} dry */
async function ask(state, dry) {
  const [text, role] = [fieldText(BOX), fieldText(ROLE_BOX)];
  const answer = await post(`${state.data.base}/invitations/bulk${dry ? '?dry_run=true' : ''}`, { text, role });
  state.local.bulk = { text, role, ...answer };
  return /** @type {Report} */ (state.local.bulk);
}

/** @param {Here} state */
const check = (state) => attempt(state, async () => { await ask(state, true); });

/** @param {string} text */
function fill(text) {
  const box = /** @type {HTMLTextAreaElement} */ (document.getElementById(BOX));
  box.value = text;
  // Makes `drafts.js` keep the text if the session ends, like typed text.
  box.dispatchEvent(new Event('input', { bubbles: true }));
  const details = box.closest('details');
  if (details) details.open = true;
  return box;
}

/**
 * Adds new invitations to the list on the page. Loading the page again could fail, which would hide their links.
 * @param {Here['data']} data
 * @param {Invitation[]} made
 */
function enlist(data, made) {
  const names = new Set(made.map(({ email }) => email));
  const others = data.invitations.filter(({ email }) => !names.has(email));
  data.invitations = [...others, ...made].sort((a, b) => (a.email < b.email ? -1 : 1));
}

/** Invites the people of the list if it was checked as it is; otherwise checks it. @param {Here} state */
async function work(state) {
  if (!isChecked(state) || !ready(reportOf(state)).length) {
    await ask(state, true);
    return undefined;
  }
  const report = await ask(state, false);
  const made = ready(report).flatMap(({ invitation }) => invitation ?? []);
  enlist(state.data, made);
  for (const one of made) sent(state, one);
  state.local.mailed = null;
  // Refused lines stay in the box, to be corrected: `leftOver` numbers them in the report as they are there.
  const left = staying(report);
  fill(leftOver(report.text, report.items, left));
  report.items = [...ready(report), ...left];
  const count = ready(report).length;
  if (!count) return undefined;
  const how = made.some((one) => one.accept_url) ? t('bulk-links-below') : t('bulk-links-mailed');
  return `${t('bulk-invited', { count })} ${how}`;
}

/** Decodes text as spreadsheets save it: UTF-8, UTF-16 with a byte order mark, else Windows-1252. @param {Uint8Array} bytes */
const textOf = (bytes) => textOfBytes(bytes) ?? new TextDecoder('windows-1252').decode(bytes);

/** @param {Here} state @param {File} file */
async function takeFile(state, file) {
  const bytes = new Uint8Array(await file.slice(0, 4).arrayBuffer());
  // A workbook is a ZIP archive or an OLE compound file, whose cells are not text.
  const workbook = (bytes[0] === 0x50 && bytes[1] === 0x4b) || (bytes[0] === 0xd0 && bytes[1] === 0xcf);
  if (workbook || file.size > MOST_BYTES) {
    state.errors = { people_file: workbook ? t('bulk-workbook', { file: file.name }) : t('bulk-large', { file: file.name }) };
    state.update();
    return;
  }
  fill(textOf(await bytesOf(file)));
  keepsText('people-file');
  await check(state);
}

/**
 * Moves a paste of several addresses from the field for one person to the list.
 * @param {Here} state
 * @param {ClipboardEvent} event
 */
export function pasteMany(state, event) {
  const text = event.clipboardData?.getData('text/plain') ?? '';
  if ((text.match(/@/g) ?? []).length < 2) return;
  event.preventDefault();
  fill(text).focus();
  check(state);
}

/** @param {TriedInvitation} one @param {boolean} applied */
function row({ line, text, name, email, role, role_name, outcome, message }, applied) {
  const [kind, word] = TOLD[outcome];
  return html`<tr>
    <td data-label=${t('line')} class="short">${line}</td>
    <td class="person"><strong>${email || text}</strong>${name ? html`<small>${name}</small>` : nothing}</td>
    <td data-label=${t('role')}>${role && outcome !== 'invalid' ? roleName({ role, role_name }) : '–'}</td>
    <td data-label=${t('state')}><span><span class="badge ${kind}">${applied && outcome === 'invited' ? t('bulk-is-invited') : word}</span>
      ${message ? html`<small>${message}</small>` : nothing}</span></td>
  </tr>`;
}

/** @param {Report} report */
function summary(report) {
  const [good, bad] = [ready(report).length, refused(report).length];
  if (report.applied) {
    return `${t('bulk-invited', { count: good })} ${bad ? t('bulk-not-invited', { count: bad }) : ''}`;
  }
  return `${t('bulk-can-be-invited', { count: good })} ${bad ? t('bulk-cannot-be-invited', { count: bad }) : ''} ${t('bulk-nothing-sent')}`;
}

/** The table of a report, with refused lines first. @param {Report} report */
function reportView(report) {
  const rows = [...refused(report), ...(report.applied ? [] : ready(report))];
  return html`<div class="stack">
    <p role="status"><strong>${summary(report)}</strong></p>
    ${!report.applied && rows.some(({ name }) => name) ? html`<p class="soft">${t('bulk-names')}</p>` : nothing}
    ${rows.length ? table([t('line'), t('person'), t('role'), t('state')], rows.map((one) => row(one, report.applied))) : nothing}</div>`;
}

/** @param {Here} state */
export function bulkInvite(state) {
  const report = reportOf(state);
  const count = isChecked(state) ? ready(report).length : 0;
  const paste = () => setTimeout(() => check(state));
  const changed = () => {
    if (reportOf(state) && !reportOf(state)?.applied) state.update();
  };
  return html`<details class="card stack" ?open=${Boolean(report)}><summary><h2>${t('bulk-title')}</h2></summary>
    <form @submit=${submit(state, () => work(state))} @input=${changed}>
      <div @paste=${paste}>${field(state, {
        name: BOX, label: t('people'), lines: 6, errorOf: 'text',
        hint: t('bulk-people-hint'),
      })}</div>
      <div class="inline">
        ${field(state, { name: ROLE_BOX, label: t('bulk-role'), options: state.data.roleOptions, value: 'power_user' })}
        <div class="field">${fileField(state, {
          id: 'people-file', name: 'people_file', label: t('bulk-file'), hint: t('bulk-file-hint'),
          accept: '.csv,.tsv,.txt,text/csv,text/plain', take: (file) => takeFile(state, file),
        })}</div>
      </div>
      ${submitButton(state, count ? t('bulk-invite', { count }) : t('bulk-check'))}
    </form>
    ${report && (report.applied || isChecked(state)) ? reportView(report) : nothing}
  </details>`;
}
