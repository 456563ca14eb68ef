import { get, patch, put } from '../api.js';
import { confirmEffect } from '../ui/dialog.js';
import { field, outcome, submit } from '../ui/form.js';
import { moment, plural } from '../ui/format.js';
import { organisationTabs } from '../ui/shell.js';
import { html, nothing } from '../vendor/lit-html.js';

/** @param {any} state */
async function load(state) {
  state.data.organisation = await get(`/organisations/${state.params.org}`);
  if (state.me.person.operator) state.data.plans = (await get('/plans')).items;
}

/** @param {any} state */
function plan(state) {
  const { organisation, plans } = state.data;
  const path = `/organisations/${organisation.id}/plan`;
  const change = submit(state, async ({ plan }) => {
    // The dialog is its own attempt: it begins when this one is over.
    setTimeout(() => confirmEffect(state, {
      title: `Switch ${organisation.name} to ${plan}?`,
      action: 'Switch plan',
      dry: () => put(`${path}?dry_run=true`, { plan }),
      real: () => put(path, { plan }),
      done: 'The plan is switched.',
    }));
  });
  return html`<section class="card"><h2>Switch the plan</h2>
    <p>You see who keeps and who loses access before anything changes.</p>
    <form @submit=${change}>
      ${field(state, { name: 'plan', label: 'Plan', value: organisation.plan.id, options: plans.map((/** @type {any} */ one) => [one.id, one.name]) })}
      <button ?disabled=${state.busy}>Show what happens</button>
    </form></section>`;
}

/** @param {any} state */
function view(state) {
  const { organisation } = state.data;
  const save = submit(state, async ({ name }) => {
    await patch(`/organisations/${organisation.id}`, { name });
    await state.reload();
    return 'The name is saved.';
  });
  return html`${organisationTabs(state, organisation)}
    <h1 tabindex="-1">Organisation</h1>
    ${outcome(state)}
    <section class="card"><h2>Plan</h2>
      <p><span class="badge">${organisation.plan.name}</span>
        ${plural(organisation.people, 'person', 'people')}${organisation.plan.max_members ? ` of ${organisation.plan.max_members}` : ''},
        ${plural(organisation.workspaces, 'workspace', 'workspaces')}${organisation.plan.max_workspaces ? ` of ${organisation.plan.max_workspaces}` : ''},
        since ${moment(organisation.created_at)}.</p>
      ${state.me.person.operator ? nothing : html`<p class="soft">Operators switch plans; ask yours.</p>`}
    </section>
    ${state.data.plans ? plan(state) : nothing}
    <section class="card"><h2>Name</h2>
      <form @submit=${save}>
        ${field(state, { name: 'name', label: 'Name of the organisation', value: organisation.name })}
        <button class="primary" ?disabled=${state.busy}>Save</button>
      </form></section>`;
}

/** @type {import('../router.js').Page} */
export const organisation = { title: 'Organisation', load, view };
