import { get, patch, put, remove } from '../api.js';
import { brandingForm } from '../ui/branding_form.js';
import { confirmEffect } from '../ui/dialog.js';
import { effectView, foresee } from '../ui/effect.js';
import { attempt, field, submit, submitButton } from '../ui/form.js';
import { day } from '../ui/format.js';
import { livesForm } from '../ui/lives_form.js';
import { forgetOrganisation } from '../ui/place.js';
import { AUTH_MODE, brief } from '../ui/plans.js';
import { pageHead } from '../ui/shell.js';
import { html, nothing } from '../vendor/lit-html.js';

/** @import { Branding, Organisation, Page, PlanUse, State, Visit } from '../types.js' */
/** @typedef {State<Awaited<ReturnType<typeof load>>>} Here */

/** @param {Visit} visit */
async function load({ me, params }) {
  const organisation = /** @type {Organisation} */ (await get(`/organisations/${params.org}`));
  const plans = me.person.operator ? /** @type {PlanUse[]} */ ((await get('/plans')).items) : [];
  const branding = /** @type {Branding} */ (await get(`/organisations/${params.org}/branding`));
  return { organisation, plans, branding };
}

/** @param {Here} state */
function facts({ me, data: { organisation } }) {
  const { plan } = organisation;
  return html`<section class="card stack"><h2>Plan and size</h2>
    <dl class="facts">
      <dt>Plan</dt><dd>${plan.name}</dd>
      <dt>Signing in</dt><dd>${AUTH_MODE[plan.auth_mode]}</dd>
      <dt>People</dt><dd>${organisation.people}${plan.max_members ? ` of ${plan.max_members}` : ''}</dd>
      <dt>Workspaces</dt><dd>${organisation.workspaces}${plan.max_workspaces ? ` of ${plan.max_workspaces}` : ''}</dd>
      <dt>Created</dt><dd>${day(organisation.created_at)}</dd>
    </dl>
    ${me.person.operator ? nothing : html`<p class="soft">Ask your operator to switch the plan.</p>`}
  </section>`;
}

/** Asks what a plan would do, as soon as it is chosen. */
function preview(/** @type {Here} */ state, /** @type {string} */ plan) {
  state.local.wanted = null;
  return attempt(state, async () => {
    if (plan === state.data.organisation.plan.id) return;
    const path = `/organisations/${state.data.organisation.id}/plan`;
    state.local.wanted = { plan, ...await foresee(state, (query) => put(`${path}?${query}`, { plan })) };
  });
}

/** @param {Here} state */
function switchPlan(state) {
  const { wanted } = state.local;
  return attempt(state, async () => {
    await put(`/organisations/${state.data.organisation.id}/plan`, { plan: wanted.plan });
    state.local.wanted = null;
    await state.reload();
    return `${state.data.organisation.name} is now on ${state.data.organisation.plan.name}.`;
  });
}

/** @param {Here} state */
function planChoice(state) {
  const { organisation, plans } = state.data;
  const choose = (/** @type {Event} */ event) => preview(state, /** @type {HTMLInputElement} */ (event.target).value);
  return html`<section class="card stack">
    <fieldset><legend><h2>Switch plan</h2></legend>
      <p class="soft">Choose a plan to see who keeps and who loses access. Nothing changes until you press the button below.</p>
      <div class="choices" @change=${choose}>
        ${plans.map((plan) => html`<label><input type="radio" name="plan" value=${plan.id} ?checked=${plan.id === organisation.plan.id}>
          <span>${plan.name}${plan.id === organisation.plan.id ? ' (now)' : ''}<small>${brief(plan)}</small></span></label>`)}
      </div>
    </fieldset>
    <div aria-live="polite">${wantedPlan(state)}</div>
  </section>`;
}

/** @param {Here} state */
function wantedPlan(state) {
  const { wanted } = state.local;
  const plan = state.data.plans.find(({ id }) => id === wanted?.plan);
  if (!plan) return nothing;
  return html`<div class="stack"><h3>What happens with ${plan.name}</h3>
    ${effectView(wanted.effect, wanted.more)}
    <button class=${wanted.effect.counts.loses ? 'danger' : 'primary'} @click=${() => switchPlan(state)}>Switch to ${plan.name}</button></div>`;
}

/** @param {Here} state */
function name(state) {
  const { organisation } = state.data;
  const save = submit(state, async (values) => {
    await patch(`/organisations/${organisation.id}`, { name: values.name });
    await state.reload();
    return 'The name is saved.';
  });
  return html`<section class="card stack"><h2>Name</h2>
    <form @submit=${save}>
      ${field(state, { name: 'name', label: 'Name of the organisation', value: organisation.name, autocomplete: 'organization' })}
      ${submitButton(state, 'Save name')}
    </form></section>`;
}

/** @param {Here} state */
function deletion(state) {
  const { organisation } = state.data;
  const path = `/organisations/${organisation.id}`;
  const ask = () => confirmEffect(state, {
    title: `Delete ${organisation.name}?`,
    action: 'Delete organisation',
    name: organisation.name,
    dry: (query) => remove(`${path}?${query}`),
    real: async (typed) => {
      await remove(`${path}?confirm=${encodeURIComponent(typed)}`);
      forgetOrganisation();
    },
    to: '/operator/organisations',
  });
  return html`<section class="card stack"><h2>Delete</h2>
    <p>Deletes the organisation and everything in it. This cannot be undone.</p>
    <p><button class="danger" @click=${ask}>Delete organisation</button></p></section>`;
}

/** @param {Here} state */
function view(state) {
  const { operator } = state.me.person;
  return html`${pageHead('Organisation settings', { crumb: state.data.organisation.name })}
    <div class="stack">
      ${facts(state)}
      ${operator ? planChoice(state) : nothing}
      ${name(state)}
      ${livesForm(state)}
      ${brandingForm(state, `/organisations/${state.data.organisation.id}/branding`, state.data.organisation.name)}
      ${operator ? deletion(state) : nothing}
    </div>`;
}

/** @type {Page} */
export const organisation = { title: 'Organisation settings', keeps: ['logo'], load, view };
