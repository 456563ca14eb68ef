/** Inviting many people at once: a line for each, and each line's own outcome. */

import { ApiError, post } from '../api.js';
import { html, nothing } from '../vendor/lit-html.js';
import { copyable } from './copy.js';
import { field, submit, submitButton } from './form.js';
import { ROLES, plural } from './format.js';

/** @import { Invitation, Role, State } from '../types.js' */
/** @typedef {State<{base: string, invitations: Invitation[]}>} Here */
/** @typedef {{line: string, email: string, role: Role, why?: string}} Wanted `why` where it can be no invitation */
/**
 * What has come of a run so far; the lines are tried in their order.
 * @typedef {{wanted: Wanted[], refused: {line: string, why: string}[], invited: Invitation[], running: boolean}} Outcome
 */

/** How somebody may name a role behind an address. @type {Record<string, Role>} */
const NAMED = { admin: 'admin', 'power user': 'power_user', power_user: 'power_user' };

/** The most at once: beyond that, a program does it better. */
const MOST = 500;

/** The answers that are about one line: the lines behind it may still be taken. */
const OF_ONE_LINE = [402, 409, 422];

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

/** @param {Outcome} outcome */
const tried = ({ refused, invited }) => refused.length + invited.length;

/** @param {Outcome} outcome */
const untried = (outcome) => outcome.wanted.slice(tried(outcome));

/** @param {ApiError} error */
const reason = ({ field: about, message }) => (about === 'email' && !/^\p{Lu}/u.test(message) ? `The address ${message}.` : message);

/**
 * A new invitation stands among the others at once: to load the page anew for it may fail, and would hide the links.
 * @param {Here['data']} data
 * @param {Invitation} invitation
 */
function enlist(data, invitation) {
  const others = data.invitations.filter(({ email }) => email !== invitation.email);
  data.invitations = [...others, invitation].sort((a, b) => (a.email < b.email ? -1 : 1));
}

/**
 * Invites one after the other, and keeps what comes of each. A failure that is not about its line ends the run.
 * @param {Here} state
 * @param {Outcome} outcome
 */
async function inviteAll(state, outcome) {
  // Whoever goes on to another workspace meanwhile invites nobody there.
  const { data } = state;
  for (const { line, email, role, why } of outcome.wanted) {
    if (why) {
      outcome.refused.push({ line, why });
      continue;
    }
    state.update();
    try {
      const invitation = await post(`${data.base}/invitations`, { email, role });
      outcome.invited.push(invitation);
      enlist(data, invitation);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      outcome.refused.push({ line, why: reason(error) });
      if (!OF_ONE_LINE.includes(error.status)) return;
    }
  }
}

/** @param {Here} state @param {Record<string, string>} values @param {HTMLFormElement} form */
async function work(state, values, form) {
  const wanted = readLines(values.people, /** @type {Role} */ (values.people_role));
  state.local.outcome = null;
  if (wanted.length > MOST) {
    state.errors = { people: `At most ${MOST} people at once; there are ${wanted.length}. Invite the rest after them.` };
    return undefined;
  }
  const outcome = /** @type {Outcome} */ ({ wanted, refused: [], invited: [], running: true });
  state.local.outcome = outcome;
  try {
    await inviteAll(state, outcome);
  } finally {
    outcome.running = false;
    const box = /** @type {HTMLTextAreaElement} */ (form.elements.namedItem('people'));
    box.value = [...outcome.refused, ...untried(outcome)].map(({ line }) => line).join('\n');
  }
  return outcome.invited.length ? `${plural(outcome.invited.length, 'person is', 'people are')} invited.` : undefined;
}

/** @param {Outcome} outcome */
function progress(outcome) {
  const [done, all] = [tried(outcome), outcome.wanted.length];
  return html`<p role="status"><label>Inviting ${done + 1} of ${all}
    <progress max=${all} value=${done}></progress></label></p>`;
}

/** @param {Outcome} outcome */
function leftOver(outcome) {
  const { refused } = outcome;
  if (!refused.length) return nothing;
  const rest = untried(outcome).length;
  return html`<div class="notice bad" role="alert">
    <p><strong>${plural(refused.length, 'line was', 'lines were')} not taken${rest ? `, and ${plural(rest, 'was', 'were')} not tried` : ''}.</strong>
      They are still in the box: mend what is wrong and try again.</p>
    <ul class="lines">${refused.map(({ line, why }) => html`<li><strong>${line}</strong> <span>${why}</span></li>`)}</ul></div>`;
}

/** @param {Outcome} outcome */
function links({ invited }) {
  const shown = invited.filter((one) => one.accept_url);
  if (!shown.length) return nothing;
  return html`<div class="notice info stack">
    <p>No mail server is set, so hand each link on yourself. They are shown only now: copy them before you invite more people.</p>
    ${shown.map((one) => copyable(one.email, one.accept_url ?? ''))}</div>`;
}

/** @param {Here} state */
export function bulkInvite(state) {
  const invite = submit(state, (values, form) => work(state, values, form));
  // None on arrival, and null from the beginning of a run.
  const outcome = /** @type {Outcome | null | undefined} */ (state.local.outcome);
  return html`<details class="card stack" ?open=${outcome !== undefined}><summary><h2>Invite several people at once</h2></summary>
    <form @submit=${invite}>
      ${field(state, {
        name: 'people', label: 'People', lines: 6,
        hint: 'An address on each line. A role behind it, such as “ann@acme.test, Admin”, counts for that person.',
      })}
      ${field(state, { name: 'people_role', label: 'Role of the others', options: ROLES, value: 'power_user' })}
      ${outcome?.running ? progress(outcome) : nothing}
      ${submitButton(state, 'Invite them')}
    </form>
    ${outcome && !outcome.running ? leftOver(outcome) : nothing}
    ${outcome ? links(outcome) : nothing}
  </details>`;
}
