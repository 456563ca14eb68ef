/** The API's description as a page: groups of operations, each with its parameters, bodies, responses and a command that calls it. */

import { parts, t } from '../texts.js';
import { html, nothing } from '../vendor/lit-html.js';
import { copyButton } from './copy.js';
import { example, shape } from './shapes.js';

/** @import { Description, Operation, Schema, State } from '../types.js' */
/** @typedef {{method: string, path: string, operation: Operation}} Entry */

/** @type {Record<string, string>} */
const PEOPLE = {
  person: t('rights-person'),
  anybody: t('rights-person'),
  operator: t('rights-operator'),
  member: t('rights-member'),
  organisation_admin: t('rights-organisation-admin'),
  workspace_member: t('rights-workspace-member'),
  workspace_admin: t('rights-workspace-admin'),
};

/** @type {Record<string, string>} */
const KIND = { get: 'accent', post: 'good', put: 'warn', patch: 'warn', delete: 'bad' };

/** @param {Description} description @returns {Entry[]} */
function entriesOf({ paths }) {
  return Object.entries(paths).flatMap(([path, methods]) => Object.entries(methods).map(([method, operation]) => ({ path, method, operation })));
}

/** @param {Entry} entry @param {string} searched */
const found = ({ method, path, operation }, searched) => `${method} ${path} ${operation.summary}`.toLowerCase().includes(searched.toLowerCase());

/**
 * The groups of operations that match a search, in the order of the description.
 * @param {Description} description
 * @param {string} searched
 */
export function groups(description, searched) {
  const entries = entriesOf(description).filter((entry) => found(entry, searched));
  const all = description.tags.map((tag) => ({ ...tag, entries: entries.filter(({ operation }) => operation.tags[0] === tag.name) }));
  return all.filter((group) => group.entries.length);
}

/** @param {Operation} operation */
function rights({ security }) {
  const role = security.flatMap(({ session }) => session ?? [])[0];
  const scope = security.flatMap(({ key }) => key ?? [])[0];
  if (!role || security.some((way) => !Object.keys(way).length)) return t('rights-anyone');
  const people = PEOPLE[role];
  if (!scope) return t('rights-session', { people });
  if (scope === 'operator') return t('rights-operator-key', { people });
  return parts('rights-key', { people, scope: html`<code>${scope}</code>` });
}

/** @param {Description} description @param {Operation} operation */
function parameters(description, { parameters: all }) {
  if (!all?.length) return nothing;
  return html`<h3>${t('api-parameters')}</h3><dl class="facts">${all.map(({ name, in: place, schema, description: text }) => html`
    <dt><code>${name}</code></dt><dd><span lang="en">${text}</span> <small>${place === 'path' ? t('api-in-path') : t('api-in-query', { shape: shape(description, schema) })}</small></dd>`)}</dl>`;
}

/** @param {string} label @param {string} text */
const code = (label, text) => html`<pre class="told" tabindex="0" role="region" aria-label=${label}>${text}</pre>`;

/**
 * The shape of a body, with an example.
 * @param {Description} description
 * @param {string} title
 * @param {Schema} schema
 * @param {string} of the summary of the operation
 */
function body(description, title, schema, of) {
  return html`<h3>${title}</h3><div class="beside">
    ${code(t('api-shape', { title, of }), shape(description, schema))}
    ${code(t('api-example', { title, of }), JSON.stringify(example(description, schema), null, 2))}</div>`;
}

/** @param {{content?: Record<string, {schema: Schema}>} | undefined} it */
const schemaOf = (it) => it?.content?.['application/json']?.schema;

/** @param {Description} description @param {Operation} operation */
function answers(description, { responses, summary }) {
  const all = Object.entries(responses);
  const good = all.filter(([status]) => status.startsWith('2')).map(([status, { description: text, ...response }]) => {
    const schema = schemaOf(response);
    return schema ? body(description, t('api-answer', { status }), schema, summary) : html`<h3>${t('api-answer', { status })}</h3><p>${t('api-without-body', { text: text ?? '' })}</p>`;
  });
  const bad = all.filter(([status]) => !status.startsWith('2')).map(([status, response]) => html`<dt>${status}</dt><dd lang="en">${said(description, response)}</dd>`);
  return html`${good}<details><summary>${t('api-refusals')}</summary><dl class="facts unfolded">${bad}</dl></details>`;
}

/** @param {Description} description @param {{$ref?: string, description?: string}} response */
function said(description, response) {
  const name = response.$ref?.split('/').pop();
  return name ? description.components.responses[name].description : response.description;
}

/** @param {string} text */
const quoted = (text) => `'${text.replaceAll("'", "'\\''")}'`;

/** The name of the session's cookie at this address. */
const sessionCookie = () => `${location.protocol === 'https:' ? '__Host-' : ''}vestibule_session${location.port && `_${location.port}`}`;

/**
 * The curl command that calls an operation.
 * @param {Description} description
 * @param {Entry} entry
 * @param {string} org the slug of the organisation for the path
 */
function curl(description, { method, path, operation }, org) {
  const address = path.replace('{org}', org).replaceAll(/\{(\w+)\}/g, (_, name) => name.toUpperCase());
  const byKey = operation.security.some(({ key }) => key);
  const bySession = !byKey && operation.security.some(({ session }) => session);
  const schema = schemaOf(operation.requestBody);
  return [
    `curl${method === 'get' ? '' : ` -X ${method.toUpperCase()}`} ${quoted(`${location.origin}${description.servers[0].url}${address}`)}`,
    byKey && '-H "Authorization: Bearer $VESTIBULE_KEY"',
    bySession && `-b "${sessionCookie()}=$VESTIBULE_SESSION"`,
    schema && "-H 'Content-Type: application/json'",
    schema && `-d ${quoted(JSON.stringify(example(description, schema)))}`,
  ].filter(Boolean).join(' \\\n  ');
}

/** @param {Description} description @param {Entry} entry @param {string} org */
function told(description, entry, org) {
  const { operation } = entry;
  const schema = schemaOf(operation.requestBody);
  const line = curl(description, entry, org);
  return html`<div class="unfolded tight">
    ${operation.description ? html`<p lang="en">${operation.description}</p>` : nothing}
    <p>${rights(operation)}</p>
    ${parameters(description, operation)}
    ${schema ? body(description, t('api-body'), schema, operation.summary) : nothing}
    ${answers(description, operation)}
    <div class="row spread"><h3>${t('api-in-shell')}</h3>${copyButton(t('api-command', { of: operation.summary }), line)}</div>
    ${code(t('api-command-title', { of: operation.summary }), line)}
  </div>`;
}

/**
 * One operation, folded. Its details are rendered only after it is unfolded.
 * @param {State} state
 * @param {Entry} entry
 * @param {string} org
 */
export function operationView(state, entry, org) {
  const { method, path, operation } = entry;
  const id = operation.operationId;
  const open = state.local.open ??= new Set();
  const toggle = (/** @type {Event} */ event) => {
    if (!(/** @type {HTMLDetailsElement} */ (event.target).open) || open.has(id) || event.target !== event.currentTarget) return;
    open.add(id);
    state.update();
  };
  return html`<li><details class="operation" id=${id} @toggle=${toggle}>
    <summary><span class="badge ${KIND[method]}">${method.toUpperCase()}</span> <code>${path}</code> <span class="soft" lang="en">${operation.summary}</span></summary>
    ${open.has(id) ? told(state.data.description, entry, org) : nothing}
  </details></li>`;
}
