/** Inviting many people at once: a line for each, and each line's own outcome. */

import { ApiError, post } from '../api.js';
import { html, nothing } from '../vendor/lit-html.js';
import { copyable } from './copy.js';
import { field, submit, submitButton } from './form.js';
import { ROLES, plural } from './format.js';

/** @import { Invitation, Role, State } from '../types.js' */
/** @typedef {State<{base: string, invitations: Invitation[]}>} Here */
/** @typedef {{line: string, email: string, role: Role, why?: string}} Wanted `why` where it can be no invitation */
/** @typedef {{refused: {line: string, why: string}[], invited: Invitation[]}} Outcome */

/** How somebody may name a role behind an address. @type {Record<string, Role>} */
const NAMED = { admin: 'admin', 'power user': 'power_user', power_user: 'power_user' };

/** The most at once: beyond that, a program does it better. */
const MOST = 500;

/** What a piece of a line that is no address may be. */
const NEITHER = 'Each piece between commas must be an address; a role stands last, as Admin or Power User.';

/**
 * Reads `ann@acme.test`, `ann@acme.test, Admin`, `Ann Adams <ann@acme.test>` or `"Adams, Ann" <ann@acme.test>` from each line; a line of
 * addresses alone may hold several, between commas or semicolons. A line with a piece that is neither address nor role is refused whole.
 * @param {string} text
 * @param {Role} role of those behind whom none is named
 * @returns {Wanted[]}
 */
export function readLines(text, role) {
  const lines = text.split('\n').map((line) => line.trim()).filter(Boolean);
  return lines.flatMap((line) => {
    const [, named = ''] = /[,;\s]\s*(admin|power[ _]user)$/i.exec(line) ?? [];
    const rest = named ? line.slice(0, -named.length).replace(/[,;\s]+$/, '') : line;
    const parts = (rest.match(/(?:"[^"]*"|[^,;"])+/g) ?? []).map((part) => part.trim()).filter(Boolean);
    if (parts.length > 1 && !parts.every((part) => part.includes('@'))) return [{ line, email: '', role, why: NEITHER }];
    return parts.map((part) => ({
      line: named ? `${part}, ${named}` : part,
      email: /<([^<>]*)>$/.exec(part)?.[1] ?? part,
      role: NAMED[named.toLowerCase()] ?? role,
    }));
  });
}

/**
 * Invites one after the other; whoever is refused stays in the box.
 * @param {Here} state
 * @param {Wanted[]} wanted
 * @returns {Promise<Outcome>}
 */
async function inviteAll(state, wanted) {
  const outcome = /** @type {Outcome} */ ({ refused: [], invited: [] });
  for (const [index, { line, email, role, why }] of wanted.entries()) {
    if (why) {
      outcome.refused.push({ line, why });
      continue;
    }
    state.local.inviting = { done: index, all: wanted.length };
    state.update();
    try {
      outcome.invited.push(await post(`${state.data.base}/invitations`, { email, role }));
    } catch (error) {
      if (!(error instanceof ApiError) || ![402, 409, 422].includes(error.status)) throw error;
      outcome.refused.push({ line, why: error.field === 'email' && !/^\p{Lu}/u.test(error.message) ? `The address ${error.message}.` : error.message });
    }
  }
  return outcome;
}

/** @param {Here} state @param {Record<string, string>} values @param {HTMLFormElement} form */
async function work(state, values, form) {
  const wanted = readLines(values.people, /** @type {Role} */ (values.people_role));
  if (wanted.length > MOST) {
    state.errors = { people: `At most ${MOST} people at once; there are ${wanted.length}. Invite the rest after them.` };
    return undefined;
  }
  try {
    const outcome = await inviteAll(state, wanted);
    state.local.outcome = outcome;
    const box = /** @type {HTMLTextAreaElement} */ (form.elements.namedItem('people'));
    box.value = outcome.refused.map(({ line }) => line).join('\n');
    await state.reload();
    return outcome.invited.length ? `${plural(outcome.invited.length, 'person is', 'people are')} invited.` : undefined;
  } finally {
    state.local.inviting = null;
  }
}

/** @param {Here} state */
function running({ local: { inviting } }) {
  if (!inviting) return nothing;
  return html`<p role="status"><label>Inviting ${inviting.done + 1} of ${inviting.all}
    <progress max=${inviting.all} value=${inviting.done}></progress></label></p>`;
}

/** @param {Here} state */
function outcomeView({ local }) {
  const outcome = /** @type {Outcome | undefined} */ (local.outcome);
  if (!outcome) return nothing;
  const links = outcome.invited.filter((one) => one.accept_url);
  return html`
    ${outcome.refused.length ? html`<div class="notice bad" role="alert">
      <p><strong>${plural(outcome.refused.length, 'line was', 'lines were')} not taken.</strong> They are still in the box: mend them and try again.</p>
      <ul class="lines">${outcome.refused.map(({ line, why }) => html`<li><strong>${line}</strong> <span>${why}</span></li>`)}</ul></div>` : nothing}
    ${links.length ? html`<div class="notice info stack">
      <p>No mail server is set, so hand each link on yourself. They are shown only now.</p>
      ${links.map((one) => copyable(one.email, one.accept_url ?? ''))}</div>` : nothing}`;
}

/** @param {Here} state */
export function bulkInvite(state) {
  const invite = submit(state, (values, form) => work(state, values, form));
  return html`<details class="card stack" ?open=${Boolean(state.local.outcome)}><summary><h2>Invite several people at once</h2></summary>
    <form @submit=${invite}>
      ${field(state, {
        name: 'people', label: 'People', lines: 6,
        hint: 'An address on each line. A role behind it, such as “ann@acme.test, Admin”, counts for that person.',
      })}
      ${field(state, { name: 'people_role', label: 'Role of the others', options: ROLES, value: 'power_user' })}
      ${running(state)}
      ${submitButton(state, 'Invite them')}
    </form>
    ${outcomeView(state)}
  </details>`;
}
