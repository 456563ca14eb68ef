/** Whether a person may open an application, and why. */

import { get, invalid } from '../api.js';
import { t } from '../texts.js';
import { html, nothing } from '../vendor/lit-html.js';
import { LEVEL } from './application_words.js';
import { submit, submitButton } from './form.js';
import { managesOrganisation } from './place.js';
import { personField } from './suggest.js';

/** @import { Application, ApplicationAccess, OrganisationMember, State, Workspace } from '../types.js' */
/** @typedef {State<{application: Application, workspace: Workspace}>} Here */

/** @param {Here} state */
export function accessView(state) {
  const { me, local, data: { application, workspace } } = state;
  // Admins of only the workspace see its members, and not all people of the organisation.
  const people = managesOrganisation(me, { id: workspace.organisation }) ? `/organisations/${workspace.organisation}/members` : `/workspaces/${workspace.id}/members`;
  const look = submit(state, async ({ person }) => {
    local.access = null;
    const typed = person.trim().toLowerCase();
    const { items } = await get(`${people}?${new URLSearchParams({ search: typed })}`);
    const found = /** @type {OrganisationMember[]} */ (items).find((one) => one.email.toLowerCase() === typed);
    if (!found) throw invalid('person', t('application-access-unknown'));
    local.access = { found, ...await get(`/applications/${application.id}/access?user=${found.user}`) };
  });
  const access = /** @type {(ApplicationAccess & {found: OrganisationMember}) | null | undefined} */ (local.access);
  const email = access?.found.email ?? '';
  const level = access ? LEVEL[access.level] : '';
  return html`<section class="card stack"><h2>${t('application-access')}</h2>
    <form @submit=${look}>
      ${personField(state, people, { name: 'person', type: 'email', label: t('application-access-person'), hint: t('application-access-hint') })}
      ${submitButton(state, t('application-access-look'), '')}
    </form>
    <div aria-live="polite">${access ? html`<p class="notice ${access.opens ? 'good' : 'warn'}">
      ${access.opens ? t('application-access-opens', { email, level }) : t('application-access-does-not-open', { email, level })} ${access.reason}</p>` : nothing}</div>
  </section>`;
}
