/** The form that adds or changes an application. */

import { ApiError, invalid, patch, post } from '../api.js';
import { t } from '../texts.js';
import { html, nothing } from '../vendor/lit-html.js';
import { ruleRows, rowsOf, rulesOf } from './application_rules.js';
import { KIND } from './application_words.js';
import { dataUrl, fileField } from './file_field.js';
import { attempt, field, fieldText, submit, submitButton } from './form.js';
import { listed } from './format.js';
import { clientFields, clientOf, passSecret, revealSecret } from './oidc_client.js';
import { applicationIcon } from './tiles.js';

/** @import { Application, ApplicationKind, Organisation, State, Workspace } from '../types.js' */
/**
 * `granted`: the hosts that are granted to the organisation; null if the reader may not see them.
 * @typedef {State<{workspace: Workspace, organisation: Organisation, granted: string[] | null}>} Here
 */

/** The entries of `local` that are kept while a person signs in again. */
export const KEPT = ['kind', 'hosts', 'rules', 'icon', 'client_type'];

/** The message to show on the page that is opened next. @type {string | null} */
let told = null;

/** @param {string} text */
export const tell = (text) => { told = text; };

/** The message, once. */
export function news() {
  const text = told;
  told = null;
  return text;
}

const IMAGES = ['image/png', 'image/webp', 'image/svg+xml'];
/** The largest icon that the server accepts, in bytes. */
const MOST_BYTES = 32 * 1024;

/** @param {Here} state @param {File} file */
const choose = (state, file) => attempt(state, async () => {
  if (!IMAGES.includes(file.type)) throw invalid('icon', t('application-icon-kind', { file: file.name }));
  if (file.size > MOST_BYTES) throw invalid('icon', t('application-icon-large', { file: file.name, kib: Math.ceil(file.size / 1024) }));
  state.local.icon = await dataUrl(file);
});

/** The host of an address, with its port; empty if the address is not complete. @param {string} address */
function hostOf(address) {
  try {
    return new URL(address).host;
  } catch {
    return '';
  }
}

/** The names in a text, separated by spaces, commas or lines. @param {string} text */
const words = (text) => text.split(/[\s,]+/).filter(Boolean);

/** Sends the form. An error that is about the hosts is shown beside them. @param {() => Promise<Application>} send */
async function sent(send) {
  try {
    return await send();
  } catch (error) {
    if (error instanceof ApiError && error.code === 'host_not_granted') throw invalid('hosts', error.message);
    throw error;
  }
}

/** The message about a new application. @type {Record<ApplicationKind, (name: string) => string>} */
const ADDED = {
  link: (name) => t('application-added', { name }),
  proxy: (name) => t('application-added-proxy', { name }),
  oidc: (name) => t('application-added-oidc', { name }),
};

/** @param {Here} state @param {Application | null} one */
function save(state, one) {
  return submit(state, async (values) => {
    const { workspace } = state.data;
    const kind = one?.kind ?? values.kind;
    const body = {
      name: values.name, url: values.url, description: values.description.trim() || null, icon: state.local.icon,
      ...(kind === 'proxy' && { hosts: words(values.hosts), rules: rulesOf(state.local.rules) }),
      ...(kind === 'oidc' && clientOf(values)),
    };
    if (one) {
      revealSecret(state, await sent(() => patch(`/applications/${one.id}`, body)));
      Object.assign(state.local, { icon: undefined, rules: undefined, hosts: undefined, client_type: undefined });
      await state.reload();
      return t('saved');
    }
    const made = await sent(() => post(`/workspaces/${workspace.id}/applications`, { kind, ...body }));
    passSecret(made);
    tell(ADDED[/** @type {ApplicationKind} */ (made.kind)](made.name));
    // Not before the form is noted as saved.
    setTimeout(() => state.go(`/w/${workspace.id}/applications/${made.id}`));
    return undefined;
  });
}

/** @param {Here} state */
function kinds(state) {
  const choice = (/** @type {Event} */ { target }) => {
    state.local.kind = /** @type {HTMLInputElement} */ (target).value;
    state.local.hosts ??= hostOf(fieldText('url'));
    state.update();
  };
  const option = (/** @type {ApplicationKind} */ kind, /** @type {string} */ hint) => html`<label>
    <input type="radio" name="kind" value=${kind} .checked=${state.local.kind === kind}><span>${KIND[kind]}<small>${hint}</small></span></label>`;
  return html`<fieldset class="field" data-field="kind" @change=${choice}><legend>${t('application-kind')}</legend>
    <div class="choices">${option('link', t('application-kind-link-hint'))}${option('proxy', t('application-kind-proxy-hint'))}${option('oidc', t('application-kind-oidc-hint'))}</div></fieldset>`;
}

/** What to say about the granted hosts. @param {Here} state */
function grantsHint({ me, data: { granted } }) {
  if (granted?.length) return t('application-hosts-hint-granted', { hosts: listed(granted) });
  if (!granted) return t('application-hosts-hint');
  return me.person.operator ? t('application-hosts-hint-operator') : t('application-hosts-hint-none');
}

/** @param {Here} state @param {Application | null} one */
function proxyFields(state, one) {
  const { local } = state;
  local.rules ??= rowsOf(one?.rules ?? []);
  const value = local.hosts ?? (one?.hosts ?? []).join('\n');
  const type = (/** @type {Event} */ { target }) => { local.hosts = /** @type {HTMLTextAreaElement} */ (target).value; };
  return html`<div @input=${type}>${field(state, { name: 'hosts', label: t('application-hosts'), hint: grantsHint(state), lines: 2, value })}</div>
    ${ruleRows(state)}`;
}

/**
 * The form.
 * @param {Here} state
 * @param {Application | null} one the application that is changed; null for a new one
 */
export function applicationForm(state, one) {
  const { local } = state;
  local.kind ??= one?.kind ?? 'link';
  const icon = local.icon === undefined ? one?.icon : local.icon;
  // The host follows the address of a new application until another one is typed.
  const follow = (/** @type {Event} */ { target }) => {
    const { value } = /** @type {HTMLInputElement} */ (target);
    if (!one && (local.hosts ?? '') === (local.followed ?? '')) local.hosts = hostOf(value);
    local.followed = hostOf(value);
    state.update();
  };
  const remove = () => {
    local.icon = null;
    state.update();
    document.getElementById('icon-file')?.focus();
  };
  return html`<form @submit=${save(state, one)}>
    ${one ? nothing : kinds(state)}
    <div class="inline">
      ${field(state, { name: 'name', label: t('name'), value: one?.name })}
      <div @input=${follow}>${field(state, { name: 'url', type: 'url', label: t('application-address'), value: one?.url, hint: t('application-address-hint') })}</div>
    </div>
    ${field(state, { name: 'description', label: t('application-description'), value: one?.description ?? '', required: false, hint: t('application-description-hint') })}
    ${local.kind === 'proxy' ? proxyFields(state, one) : nothing}
    ${local.kind === 'oidc' ? clientFields(state, one) : nothing}
    <div class="field">${fileField(state, {
      id: 'icon-file', name: 'icon', label: t('application-icon'), hint: t('application-icon-hint'), accept: IMAGES.join(','), take: (file) => choose(state, file),
    })}
    ${icon ? html`<p class="row">${applicationIcon({ name: '', icon })}<button type="button" class="small" @click=${remove}>${t('application-icon-remove')}</button></p>` : nothing}</div>
    ${submitButton(state, one ? t('save') : t('application-add'))}
  </form>`;
}
