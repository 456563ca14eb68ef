import { get, remove } from '../api.js';
import { recognised } from '../guides/guides.js';
import { skewMeter } from '../ui/clock.js';
import { copyable } from '../ui/copy.js';
import { confirmEffect } from '../ui/dialog.js';
import { attemptTable } from '../ui/attempts.js';
import { certificatesView } from '../ui/certificates.js';
import { moment } from '../ui/format.js';
import { followedView } from '../ui/metadata.js';
import { ownKeysView } from '../ui/own_keys.js';
import { onlySaml, samlOnlyView } from '../ui/saml_only.js';
import { pageHead } from '../ui/shell.js';
import { chosenGuide, providerTiles, ssoForm, typedKey } from '../ui/sso_form.js';
import { foldedGuide, guideSteps } from '../ui/sso_guide.js';
import { html, nothing } from '../vendor/lit-html.js';

/** @import { Attempt, Connection, Organisation, OwnKeys, Page, SsoStatus, State, Visit } from '../types.js' */
/** @typedef {State<Awaited<ReturnType<typeof load>>>} Here */

/** @param {Visit} visit */
async function load({ params }) {
  const base = `/organisations/${params.org}`;
  const [organisation, connection, attempts] = await Promise.all([get(base), get(`${base}/sso`), get(`${base}/sso/attempts?limit=3`)]);
  // Keys are made when they are first asked for: not for those who have no use for them.
  const keys = connection.available ? (await get(`${base}/sso/own-keys`)).items : [];
  return {
    base,
    keys: /** @type {OwnKeys[]} */ (keys),
    organisation: /** @type {Organisation} */ (organisation),
    connection: /** @type {Connection} */ (connection),
    attempts: /** @type {Attempt[]} */ (attempts.items),
  };
}

/** @type {Record<SsoStatus, [string, string]>} */
const BADGE = { none: ['', 'Not set up'], draft: ['warn', 'Draft'], ready: ['good', 'Ready'] };

/** @type {SsoStatus[]} */
const ORDER = ['none', 'draft', 'ready'];

const STEPS = ['Exchange values and save', 'Test sign-in', 'Members sign in'];

/** Where the set-up is. @param {Connection} connection */
function progress({ status }) {
  const now = status === 'ready' ? STEPS.length : ORDER.indexOf(status);
  const step = (/** @type {string} */ text, /** @type {number} */ n) => {
    const done = n < now;
    return html`<li class=${done ? 'done' : ''} aria-current=${n === now ? 'step' : nothing}>
      <span aria-hidden="true">${done ? '✓' : n + 1}</span><span>${text}${done ? html`<span class="hidden"> (done)</span>` : nothing}</span></li>`;
  };
  return html`<ol class="progress" aria-label="Set-up">${STEPS.map(step)}</ol>`;
}

/** The test is an organisation admin's own: an operator from outside has no place at that provider. @param {Here} state */
function mayTest({ me, data: { organisation } }) {
  return me.organisations.some((one) => one.admin && one.id === organisation.id);
}

/** @param {Here} state */
function testButton(state) {
  if (!mayTest(state)) return nothing;
  const { connection } = state.data;
  const back = encodeURIComponent(location.pathname);
  const test = `/sso?key=${encodeURIComponent(connection.portal_key ?? '')}&test=1&return=${back}`;
  return html`<a class="button ${connection.status === 'draft' ? 'primary' : ''}" href=${test} data-outside>Test sign-in</a>`;
}

/** @param {Here} state */
function status(state) {
  const { connection, organisation } = state.data;
  const only = onlySaml(organisation);
  if (connection.status === 'none') {
    return html`<p class="notice info">Nobody signs in through SSO yet. Give our values to your identity provider, then its values to the
      form below. ${only ? 'Until it is ready, only organisation admins sign in, with a password.' : 'Members go on signing in as before.'}</p>`;
  }
  if (connection.status === 'draft') {
    const how = mayTest(state) ? `Sign in through it once as yourself, ${state.me.person.email}` : 'One of its organisation admins signs in through it once';
    return html`<div class="notice warn row spread"><p><strong>Saved, but not open to members yet.</strong> ${how}; then it is ready.</p>
      ${testButton(state)}</div>`;
  }
  return html`<div class="notice good row spread"><p><strong>Members can sign in through SSO</strong>${only || connection.saml_only ? ' only' : ', or with their password'}.
    Ready since ${moment(connection.tested_at)}.</p>${testButton(state)}</div>`;
}

/** @param {Here} state */
function elsewhere({ data: { connection } }) {
  const origin = new URL(connection.entity_id).origin;
  if (origin === location.origin) return nothing;
  return html`<p class="notice warn"><strong>You are at ${location.origin}, and this Vestibule’s public URL is ${origin}.</strong> The values below are for the
    public URL. If it is wrong, ask an operator to look at <em>Doctor</em> before you give them to your identity provider.</p>`;
}

/** @param {Here} state */
function ours(state) {
  const { connection } = state.data;
  const key = typedKey(state);
  const origin = new URL(connection.entity_id).origin;
  return html`<section class="card stack"><h2>Our values, for your identity provider</h2>
    ${copyable('Entity ID', connection.entity_id)}
    ${copyable('Callback URL', connection.callback_url)}
    ${copyable('Portal URL', `${origin}/sso?key=${encodeURIComponent(key)}`)}
    <p class="soft">Members start at the Portal URL, or type the portal key on the sign-in page. It works once the key is saved.
      <a href=${connection.entity_id} data-outside>Open our metadata</a></p>
  </section>`;
}

/** @param {Here} state */
function latest({ data: { attempts } }) {
  if (!attempts.length) return nothing;
  return html`<section class="card stack"><div class="row spread"><h2>Latest sign-ins</h2><a href="${location.pathname}/attempts">All SSO sign-ins</a></div>
    ${attemptTable(attempts, `${location.pathname}/attempts`)}</section>`;
}

/** @param {Here} state */
function removal(state) {
  const path = `${state.data.base}/sso`;
  const ask = () => confirmEffect(state, {
    title: 'Remove single sign-on?',
    action: 'Remove connection',
    dry: () => remove(`${path}?dry_run=true`),
    real: async () => {
      await remove(path);
      state.local = {};
    },
    done: 'Single sign-on is removed.',
  });
  return html`<section class="card stack"><h2>Remove</h2>
    <p>${onlySaml(state.data.organisation) ? 'Then only organisation admins sign in, with a password, until it is set up again.' : 'Members then sign in with their password alone.'}
      You see whom that concerns before it happens.</p>
    <p><button class="danger" @click=${ask}>Remove connection</button></p></section>`;
}

/** @param {Here} state */
function upgrade({ me, data: { organisation } }) {
  return html`<div class="notice info stack"><p><strong>Single sign-on comes with the Enterprise plan.</strong> ${organisation.name} is on ${organisation.plan.name},
    where members sign in with a password.</p>
    <p>${me.person.operator ? html`<a href="/o/${organisation.slug}/settings">Change the plan</a>` : 'Ask an operator of this Vestibule to change the plan.'}</p></div>`;
}

/** What was set up before the plan left SSO behind. @param {Connection} connection */
function asleep(connection) {
  if (connection.status === 'none') return nothing;
  return html`<section class="card stack"><h2>Kept for later</h2>
    <p class="soft">This connection sleeps. It works again as it is when SSO comes back to the plan.</p>
    <dl class="facts"><dt>Provider</dt><dd>${recognised(connection).name}</dd>
      <dt>SSO Portal Key</dt><dd>${connection.portal_key}</dd>
      <dt>Sign on URL</dt><dd>${connection.sign_on_url}</dd>
      <dt>Entity ID</dt><dd>${connection.idp_entity_id}</dd></dl></section>`;
}

/** @param {Here} state */
function setUp(state) {
  const { connection } = state.data;
  const guide = chosenGuide(state);
  const clock = connection.clock ? skewMeter(connection.clock) : nothing;
  // What is about to shut people out stands before what is only good to know.
  const off = connection.clock && connection.clock.level !== 'fine';
  return html`${progress(connection)}${elsewhere(state)}${status(state)}${off ? clock : nothing}${ours(state)}${providerTiles(state)}
    ${connection.status === 'ready' ? html`${foldedGuide(guide, connection)}${ssoForm(state)}` : html`<div class="beside">
      <section class="card stack" aria-label="Guide"><h2>How to: ${guide.name}</h2>${guideSteps(guide, connection)}</section>${ssoForm(state)}</div>`}
    ${certificatesView(state)}${followedView(state)}${latest(state)}${off ? nothing : clock}${samlOnlyView(state)}${ownKeysView(state)}${connection.status === 'none' ? nothing : removal(state)}`;
}

/** @param {Here} state */
function view(state) {
  const { organisation, connection } = state.data;
  const [kind, text] = BADGE[connection.status];
  const beside = connection.available ? html`<span class="badge ${kind}">${text}</span>` : nothing;
  const lead = `SAML 2.0, for all workspaces of ${organisation.name}, also those made later.`;
  return html`${pageHead('Single sign-on', { crumb: organisation.name, lead, beside })}
    <div class="stack">${connection.available ? setUp(state) : html`${upgrade(state)}${asleep(connection)}${certificatesView(state)}${latest(state)}`}</div>`;
}

/** @type {Page} */
export const sso = { title: 'Single sign-on', load, view };
