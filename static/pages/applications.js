import { list } from '../api.js';
import { KEPT, applicationForm, news } from '../ui/application_form.js';
import { applicationPlace } from '../ui/application_place.js';
import { KIND } from '../ui/application_words.js';
import { empty, pageHead } from '../ui/shell.js';
import { table } from '../ui/table.js';
import { applicationIcon } from '../ui/tiles.js';
import { t } from '../texts.js';
import { html, nothing } from '../vendor/lit-html.js';

/** @import { Application, Page, State, Visit } from '../types.js' */
/** @typedef {State<Awaited<ReturnType<typeof load>>>} Here */

/** @param {Visit} visit */
async function load(visit) {
  const [place, items] = await Promise.all([applicationPlace(visit), list(`/workspaces/${visit.params.workspace}/applications`)]);
  return { ...place, items: /** @type {Application[]} */ (items) };
}

/** @param {Here} state @param {Application} one */
function row({ data: { workspace, manages } }, one) {
  const page = `/w/${workspace.id}/applications/${one.id}`;
  return html`<tr>
    <td class="person"><div class="row app-name">${applicationIcon(one)}<div>
      ${manages ? html`<a href=${page}><strong>${one.name}</strong></a>` : html`<strong>${one.name}</strong>`}
      ${one.description ? html`<br><small>${one.description}</small>` : nothing}</div></div></td>
    <td data-label=${t('application-kind')}>${KIND[one.kind]}</td>
    ${manages ? html`<td data-label=${t('application-hosts')}>${one.hosts?.length ? one.hosts.join(', ') : html`<span class="soft">${t('none')}</span>`}</td>` : nothing}
    <td data-label=${t('application-address')}>${one.url}</td>
    <td class="end"><div class="row">
      <a class="button small" href=${one.url} data-outside aria-label=${t('application-open-named', { name: one.name })}>${t('application-open')}</a>
      ${manages ? html`<a class="button small" href=${page} aria-label=${t('application-settings-of', { name: one.name })}>${t('settings')}</a>` : nothing}
    </div></td>
  </tr>`;
}

/** @param {Here} state */
function view(state) {
  const { workspace, organisation, items, manages } = state.data;
  const crumb = html`${organisation.name} · <a href="/w/${workspace.id}">${workspace.name}</a> · ${t('applications')}`;
  const beside = manages ? html`<a class="button small" href="#add">${t('application-add')}</a>` : nothing;
  const columns = [t('name'), t('application-kind'), ...(manages ? [t('application-hosts')] : []), t('application-address'), t('actions')];
  return html`${pageHead(t('applications'), { crumb, beside, lead: t('applications-lead') })}
    <div class="stack">
      <section class="card" aria-label=${t('applications')}>
        ${items.length ? table(columns, items.map((one) => row(state, one))) : empty(manages ? t('applications-none') : t('tiles-none'))}
      </section>
      ${manages ? html`<section class="card stack" id="add"><h2>${t('application-add')}</h2>${applicationForm(state, null)}</section>` : nothing}
    </div>`;
}

/** @type {Page} */
export const applications = { title: t('applications'), keeps: KEPT, news, load, view };
