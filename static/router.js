/** The address of each page. */

import { missing } from './pages/missing.js';
import { textsOf } from './texts.js';

/** @import { Page } from './types.js' */

/**
 * A page is loaded when it is opened, after its texts. The server also reads these lines, so that a document preloads the modules of its page.
 * @type {[string, () => Promise<Page>][]}
 */
const ROUTES = [
  ['/', async () => (await textsOf('chooser'), await import('./pages/chooser.js')).home],
  ['/workspaces', async () => (await textsOf('chooser'), await import('./pages/chooser.js')).chooser],
  ['/setup', async () => (await textsOf('setup'), await import('./pages/setup.js')).setup],
  ['/invitation', async () => (await textsOf('invitation'), await import('./pages/invitation.js')).invitation],
  ['/sso-setup', async () => (await textsOf('sso_setup'), await import('./pages/sso_setup.js')).ssoSetup],
  ['/forgot', async () => (await textsOf('forgot'), await import('./pages/forgot.js')).forgot],
  ['/reset', async () => (await textsOf('reset'), await import('./pages/reset.js')).reset],
  ['/confirmed', async () => (await textsOf('confirmed'), await import('./pages/confirmed.js')).confirmed],
  ['/account', async () => (await textsOf('account'), await import('./pages/account.js')).account],
  ['/developers', async () => (await textsOf('developers'), await import('./pages/developers.js')).developers],
  ['/w/:workspace', async () => (await textsOf('workspace'), await import('./pages/workspace.js')).workspace],
  ['/w/:workspace/members', async () => (await textsOf('members'), await import('./pages/members.js')).members],
  ['/w/:workspace/applications', async () => (await textsOf('applications'), await import('./pages/applications.js')).applications],
  ['/w/:workspace/applications/:app', async () => (await textsOf('application'), await import('./pages/application.js')).application],
  // The address of an organisation or of the operators opens the first page below it.
  ['/o/:org', async () => (await textsOf('workspaces'), await import('./pages/workspaces.js')).workspaces],
  ['/o/:org/workspaces', async () => (await textsOf('workspaces'), await import('./pages/workspaces.js')).workspaces],
  ['/o/:org/people', async () => (await textsOf('people'), await import('./pages/people.js')).people],
  ['/o/:org/roles', async () => (await textsOf('roles'), await import('./pages/roles.js')).roles],
  ['/o/:org/settings', async () => (await textsOf('organisation'), await import('./pages/organisation.js')).organisation],
  ['/o/:org/sso', async () => (await textsOf('sso'), await import('./pages/sso.js')).sso],
  ['/o/:org/sso/attempts', async () => (await textsOf('attempts'), await import('./pages/attempts.js')).attempts],
  ['/o/:org/sso/attempts/:attempt', async () => (await textsOf('attempt'), await import('./pages/attempt.js')).attempt],
  ['/o/:org/keys', async () => (await textsOf('keys'), await import('./pages/keys.js')).keys],
  ['/o/:org/audit', async () => (await textsOf('audit'), await import('./pages/audit.js')).audit],
  ['/operator', async () => (await textsOf('organisations'), await import('./pages/organisations.js')).organisations],
  ['/operator/organisations', async () => (await textsOf('organisations'), await import('./pages/organisations.js')).organisations],
  ['/operator/operators', async () => (await textsOf('operators'), await import('./pages/operators.js')).operators],
  ['/operator/plans', async () => (await textsOf('plans'), await import('./pages/plans.js')).plans],
  ['/operator/audit', async () => (await textsOf('audit'), await import('./pages/audit.js')).audit],
  ['/operator/mail', async () => (await textsOf('mail'), await import('./pages/mail.js')).mail],
  ['/operator/branding', async () => (await textsOf('branding'), await import('./pages/branding.js')).branding],
  ['/operator/doctor', async () => (await textsOf('doctor'), await import('./pages/doctor.js')).doctor],
];

/**
 * The named parts of a path by a pattern; null if the path does not match. `/o/:org` in `/o/acme` gives `{org: 'acme'}`.
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
 * How to load the page of a path, with the named parts of its pattern. They are still percent-encoded, ready for a path of the API.
 * @param {string} path
 */
export function match(path) {
  for (const [pattern, load] of ROUTES) {
    const params = fit(pattern, path);
    if (params) return { load, params };
  }
  return { load: async () => missing, params: {} };
}
