import { get, list, remove } from '../api.js';
import { accessView } from '../ui/application_access.js';
import { KEPT, applicationForm, news, tell } from '../ui/application_form.js';
import { decisions, logView } from '../ui/application_log.js';
import { applicationPlace } from '../ui/application_place.js';
import { KIND } from '../ui/application_words.js';
import { confirmEffect } from '../ui/dialog.js';
import { moment } from '../ui/format.js';
import { connectView, secretsView } from '../ui/oidc_client.js';
import { empty, pageHead } from '../ui/shell.js';
import { table } from '../ui/table.js';
import { t } from '../texts.js';
import { html, nothing } from '../vendor/lit-html.js';

/** @import { Application, ApplicationSession, Page, Snippet, State, Visit } from '../types.js' */
/** @typedef {State<Awaited<ReturnType<typeof load>>>} Here */

/** @param {Visit} visit */
async function load(visit) {
  const base = `/applications/${visit.params.app}`;
  const [place, application] = await Promise.all([applicationPlace(visit), get(base)]);
  const [isProxy, isClient] = ['proxy', 'oidc'].map((kind) => place.manages && application.kind === kind);
  const watched = isProxy || isClient;
  const [sessions, log, snippets] = await Promise.all([
    isProxy ? list(`${base}/sessions`) : [], watched ? decisions(application.id) : [], isClient ? get(`${base}/snippets`).then(({ items }) => items) : [],
  ]);
  return {
    ...place,
    application: /** @type {Application} */ (application),
    sessions: /** @type {ApplicationSession[]} */ (sessions),
    log,
    snippets: /** @type {Snippet[]} */ (snippets),
    isProxy,
    isClient,
    watched,
  };
}

/** @param {Here} state */
function sessionsView({ data: { sessions } }) {
  const row = (/** @type {ApplicationSession} */ one) => html`<tr>
    <td><strong>${one.email}</strong></td><td data-label=${t('application-host')}>${one.host ?? ''}</td>
    <td data-label=${t('application-since')}>${moment(one.created_at)}</td><td data-label=${t('keys-last-used')}>${moment(one.last_seen_at)}</td></tr>`;
  return html`<section class="card stack"><h2>${t('application-sessions')}</h2>
    ${sessions.length ? table([t('person'), t('application-host'), t('application-since'), t('keys-last-used')], sessions.map(row)) : empty(t('application-sessions-none'))}
  </section>`;
}

/** @param {Here} state */
function deletion(state) {
  const { application, workspace } = state.data;
  const path = `/applications/${application.id}`;
  const ask = () => confirmEffect(state, {
    title: t('keys-delete-title', { name: application.name }),
    action: t('application-delete'),
    dry: (query) => remove(`${path}?${query}`),
    real: async () => {
      await remove(path);
      tell(t('application-deleted', { name: application.name }));
    },
    to: `/w/${workspace.id}/applications`,
  });
  return html`<section class="card stack"><h2>${t('delete')}</h2>
    <p>${t('application-delete-lead')}</p>
    <p><button class="danger" @click=${ask}>${t('application-delete')}</button></p></section>`;
}

/** @param {Here} state */
function managed(state) {
  const { application, isProxy, isClient, watched } = state.data;
  return html`${isClient ? connectView(state) : nothing}
    ${watched ? logView(state) : nothing}
    <section class="card stack"><h2>${t('settings')}</h2>${applicationForm(state, application)}</section>
    ${isClient ? secretsView(state) : nothing}
    ${isProxy ? sessionsView(state) : nothing}
    ${accessView(state)}
    ${deletion(state)}`;
}

/** @param {Here} state */
function view(state) {
  const { application, workspace, organisation, manages } = state.data;
  const crumb = html`${organisation.name} · <a href="/w/${workspace.id}">${workspace.name}</a> · <a href="/w/${workspace.id}/applications">${t('applications')}</a>`;
  const beside = html`<span class="badge">${KIND[application.kind]}</span>
    <a class="button small" href=${application.url} data-outside>${t('application-open')}</a>`;
  return html`${pageHead(application.name, { crumb, beside, lead: application.description ?? nothing })}
    ${manages ? html`<div class="stack">${managed(state)}</div>` : nothing}`;
}

/** @type {Page} */
export const application = { title: t('application'), keeps: KEPT, news, load, view };
