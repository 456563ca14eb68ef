import { get, patch, put, remove } from '../api.js';
import { brandingForm } from '../ui/branding_form.js';
import { confirmEffect } from '../ui/dialog.js';
import { effectView, foresee } from '../ui/effect.js';
import { attempt, field, submit, submitButton } from '../ui/form.js';
import { day, number } from '../ui/format.js';
import { hostGrants } from '../ui/host_grants.js';
import { languageForm } from '../ui/language_form.js';
import { livesForm } from '../ui/lives_form.js';
import { forgetOrganisation } from '../ui/place.js';
import { AUTH_MODE, brief } from '../ui/plans.js';
import { pageHead } from '../ui/shell.js';
import { t } from '../texts.js';
import { html, nothing } from '../vendor/lit-html.js';

/** @import { ApplicationHosts, Branding, Organisation, Page, PlanUse, State, Visit } from '../types.js' */
/** @typedef {State<Awaited<ReturnType<typeof load>>>} Here */

/** @param {Visit} visit */
async function load({ me, params }) {
  const organisation = /** @type {Organisation} */ (await get(`/organisations/${params.org}`));
  const plans = me.person.operator ? /** @type {PlanUse[]} */ ((await get('/plans')).items) : [];
  const branding = /** @type {Branding} */ (await get(`/organisations/${params.org}/branding`));
  const { hosts } = /** @type {ApplicationHosts} */ (await get(`/organisations/${params.org}/application-hosts`));
  return { organisation, plans, branding, hosts };
}

/** A count with its limit, if there is one. @param {number} count @param {number | null} most */
const filled = (count, most) => (most ? t('of-all', { count, all: most }) : number(count));

/** @param {Here} state */
function facts({ me, data: { organisation } }) {
  const { plan } = organisation;
  return html`<section class="card stack"><h2>${t('organisation-plan-and-size')}</h2>
    <dl class="facts">
      <dt>${t('plan')}</dt><dd>${plan.name}</dd>
      <dt>${t('organisation-signing-in')}</dt><dd>${AUTH_MODE[plan.auth_mode]}</dd>
      <dt>${t('people')}</dt><dd>${filled(organisation.people, plan.max_members)}</dd>
      <dt>${t('workspaces')}</dt><dd>${filled(organisation.workspaces, plan.max_workspaces)}</dd>
      <dt>${t('created')}</dt><dd>${day(organisation.created_at)}</dd>
    </dl>
    ${me.person.operator ? nothing : html`<p class="soft">${t('ask-to-switch-plan')}</p>`}
  </section>`;
}

/** Loads the effect of a plan as soon as it is chosen. */
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
    return t('organisation-switched', { name: state.data.organisation.name, plan: state.data.organisation.plan.name });
  });
}

/** @param {Here} state */
function planChoice(state) {
  const { organisation, plans } = state.data;
  const choose = (/** @type {Event} */ event) => preview(state, /** @type {HTMLInputElement} */ (event.target).value);
  return html`<section class="card stack">
    <fieldset><legend><h2>${t('switch-plan')}</h2></legend>
      <p class="soft">${t('organisation-switch-lead')}</p>
      <div class="choices" @change=${choose}>
        ${plans.map((plan) => html`<label><input type="radio" name="plan" value=${plan.id} ?checked=${plan.id === organisation.plan.id}>
          <span>${plan.id === organisation.plan.id ? t('organisation-plan-now', { plan: plan.name }) : plan.name}<small>${brief(plan)}</small></span></label>`)}
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
  return html`<div class="stack"><h3>${t('organisation-switch-effect', { plan: plan.name })}</h3>
    ${effectView(wanted.effect, wanted.more)}
    <button class=${wanted.effect.counts.loses ? 'danger' : 'primary'} @click=${() => switchPlan(state)}>${t('organisation-switch-to', { plan: plan.name })}</button></div>`;
}

/** @param {Here} state */
function name(state) {
  const { organisation } = state.data;
  const save = submit(state, async (values) => {
    await patch(`/organisations/${organisation.id}`, { name: values.name });
    await state.reload();
    return t('organisation-name-saved');
  });
  return html`<section class="card stack"><h2>${t('name')}</h2>
    <form @submit=${save}>
      ${field(state, { name: 'name', label: t('organisation-name'), value: organisation.name, autocomplete: 'organization' })}
      ${submitButton(state, t('organisation-name-save'))}
    </form></section>`;
}

/** @param {Here} state */
function deletion(state) {
  const { organisation } = state.data;
  const path = `/organisations/${organisation.id}`;
  const ask = () => confirmEffect(state, {
    title: t('keys-delete-title', { name: organisation.name }),
    action: t('organisation-delete'),
    name: organisation.name,
    dry: (query) => remove(`${path}?${query}`),
    real: async (typed) => {
      await remove(`${path}?confirm=${encodeURIComponent(typed)}`);
      forgetOrganisation();
    },
    to: '/operator/organisations',
  });
  return html`<section class="card stack"><h2>${t('delete')}</h2>
    <p>${t('organisation-delete-lead')}</p>
    <p><button class="danger" @click=${ask}>${t('organisation-delete')}</button></p></section>`;
}

/** @param {Here} state */
function view(state) {
  const { operator } = state.me.person;
  return html`${pageHead(t('organisation-settings'), { crumb: state.data.organisation.name })}
    <div class="stack">
      ${facts(state)}
      ${operator ? planChoice(state) : nothing}
      ${name(state)}
      ${languageForm(state)}
      ${livesForm(state)}
      ${hostGrants(state)}
      ${brandingForm(state, `/organisations/${state.data.organisation.id}/branding`, state.data.organisation.name)}
      ${operator ? deletion(state) : nothing}
    </div>`;
}

/** @type {Page} */
export const organisation = { title: t('organisation-settings'), keeps: ['logo'], load, view };
