/** Inviting a person to an organisation: to one of its workspaces, or to several. */

import { ApiError, invalid, post } from '../api.js';
import { parts, t } from '../texts.js';
import { html, nothing } from '../vendor/lit-html.js';
import { field, submit, submitButton } from './form.js';
import { together } from './format.js';
import { linksView, sent, whereLink } from './invitation_links.js';

/** @import { Invitation, Organisation, State, Workspace } from '../types.js' */
/** @typedef {State<{organisation: Organisation, workspaces: Workspace[], roleOptions: [string, string][]}>} Here */

/** The heading of the form. */
const INVITE = t('invite-person');
/** The number of workspaces above which their list scrolls. */
const MANY = 12;

/** The workspaces that are ticked in the form; the only one if there is no choice. @param {Here} state @param {HTMLFormElement} form */
function chosen({ data: { workspaces } }, form) {
  if (workspaces.length === 1) return workspaces;
  const ids = new FormData(form).getAll('workspaces');
  return workspaces.filter(({ id }) => ids.includes(id));
}

/**
 * Invites a person to one workspace. If several were chosen, a refusal names the workspace.
 * @param {Workspace} workspace
 * @param {{email: string, role: string}} wanted
 * @param {boolean} several
 */
async function inviteTo({ id, name }, wanted, several) {
  try {
    return /** @type {Invitation} */ (await post(`/workspaces/${id}/invitations`, wanted));
  } catch (error) {
    if (!(several && error instanceof ApiError && [402, 409].includes(error.status))) throw error;
    throw new ApiError(error.status, { code: error.code, field: error.field, message: t('people-invite-refused', { workspace: name, why: error.message }) });
  }
}

/** @param {Here} state */
function workspaceChoice({ data: { workspaces }, errors }) {
  if (workspaces.length === 1) return nothing;
  const invalidNow = errors.workspaces ? 'true' : nothing;
  const option = (/** @type {Workspace} */ { id, name }) => html`<label>
    <input type="checkbox" name="workspaces" value=${id} aria-invalid=${invalidNow} aria-describedby=${errors.workspaces ? 'workspaces-error' : nothing}>
    <span>${name}</span></label>`;
  return html`<fieldset class="field" data-field="workspaces"><legend>${t('workspaces')}</legend>
    <div class="choices ${workspaces.length > MANY ? 'names' : ''}">${workspaces.map(option)}</div>
    ${errors.workspaces ? html`<p class="error" id="workspaces-error">${errors.workspaces}</p>` : nothing}</fieldset>`;
}

/** @param {Here} state */
export function inviteView(state) {
  const { organisation, workspaces } = state.data;
  const invite = submit(state, async ({ email, role }, form) => {
    state.local.mailed = null;
    const wanted = chosen(state, form);
    if (!wanted.length) throw invalid('workspaces', t('people-invite-choose'));
    let invitation;
    for (const workspace of wanted) {
      invitation = await inviteTo(workspace, { email, role }, wanted.length > 1);
      sent(state, invitation, workspaces.length > 1 ? workspace.name : undefined);
      // If the next one is refused, trying again must not repeat this one.
      const box = /** @type {HTMLInputElement | null} */ (form.querySelector(`[value="${workspace.id}"]`));
      if (box) box.checked = false;
    }
    form.reset();
    const names = together(wanted.map(({ name }) => name));
    return `${t('people-invited', { email, workspaces: names })} ${invitation ? whereLink(invitation, INVITE) : ''}`;
  });
  const list = html`<a href="/o/${organisation.slug}/workspaces">${t('workspaces')}</a>`;
  return html`<section class="card stack" id="invite"><h2>${INVITE}</h2>
    <form @submit=${invite}>
      <div class="inline">
        ${field(state, { name: 'email', label: t('email'), type: 'email' })}
        ${field(state, { name: 'role', label: t('role'), options: state.data.roleOptions, value: 'power_user' })}
      </div>
      ${workspaceChoice(state)}
      ${submitButton(state, t('invite'))}
    </form>
    ${linksView(state)}
    <p class="soft">${parts('people-invite-many', { workspaces: list })}</p>
  </section>`;
}
