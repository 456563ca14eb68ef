/** Which page stands at which address. */

import { missing } from './pages/missing.js';

/** @import { Page } from './types.js' */

/**
 * Each page comes when somebody goes there. The server reads these lines, too: a document names beforehand what its page needs.
 * @type {[string, () => Promise<Page>][]}
 */
const ROUTES = [
  ['/', async () => (await import('./pages/chooser.js')).home],
  ['/workspaces', async () => (await import('./pages/chooser.js')).chooser],
  ['/setup', async () => (await import('./pages/setup.js')).setup],
  ['/invitation', async () => (await import('./pages/invitation.js')).invitation],
  ['/sso-setup', async () => (await import('./pages/sso_setup.js')).ssoSetup],
  ['/forgot', async () => (await import('./pages/forgot.js')).forgot],
  ['/reset', async () => (await import('./pages/reset.js')).reset],
  ['/confirmed', async () => (await import('./pages/confirmed.js')).confirmed],
  ['/account', async () => (await import('./pages/account.js')).account],
  ['/developers', async () => (await import('./pages/developers.js')).developers],
  ['/w/:workspace', async () => (await import('./pages/workspace.js')).workspace],
  ['/w/:workspace/members', async () => (await import('./pages/members.js')).members],
  // Addresses that were cut short lead to the first page below them.
  ['/o/:org', async () => (await import('./pages/workspaces.js')).workspaces],
  ['/o/:org/workspaces', async () => (await import('./pages/workspaces.js')).workspaces],
  ['/o/:org/people', async () => (await import('./pages/people.js')).people],
  ['/o/:org/settings', async () => (await import('./pages/organisation.js')).organisation],
  ['/o/:org/sso', async () => (await import('./pages/sso.js')).sso],
  ['/o/:org/sso/attempts', async () => (await import('./pages/attempts.js')).attempts],
  ['/o/:org/sso/attempts/:attempt', async () => (await import('./pages/attempt.js')).attempt],
  ['/o/:org/keys', async () => (await import('./pages/keys.js')).keys],
  ['/o/:org/audit', async () => (await import('./pages/audit.js')).audit],
  ['/operator', async () => (await import('./pages/organisations.js')).organisations],
  ['/operator/organisations', async () => (await import('./pages/organisations.js')).organisations],
  ['/operator/operators', async () => (await import('./pages/operators.js')).operators],
  ['/operator/plans', async () => (await import('./pages/plans.js')).plans],
  ['/operator/audit', async () => (await import('./pages/audit.js')).audit],
  ['/operator/mail', async () => (await import('./pages/mail.js')).mail],
  ['/operator/branding', async () => (await import('./pages/branding.js')).branding],
  ['/operator/doctor', async () => (await import('./pages/doctor.js')).doctor],
];

/**
 * What a pattern names in a path; null where it does not fit. `/o/:org` in `/o/acme` gives `{org: 'acme'}`.
 * @param {string} pattern
 * @param {string} path
 */
function fit(pattern, path) {
  const [names, parts] = [pattern.split('/'), path.split('/')];
  if (names.length !== parts.length) return null;
  /** @type {Record<string, string>} */
  const params = {};
  for (const [n, name] of names.entries()) {
    if (!name.startsWith(':') && name !== parts[n]) return null;
    if (name.startsWith(':')) params[name.slice(1)] = parts[n];
  }
  return params;
}

/**
 * How to load the page at a path, with what its pattern names: as in the address, still percent-encoded, for the API's path.
 * @param {string} path
 */
export function match(path) {
  for (const [pattern, load] of ROUTES) {
    const params = fit(pattern, path);
    if (params) return { load, params };
  }
  return { load: async () => missing, params: {} };
}
