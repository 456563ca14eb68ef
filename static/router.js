/** Which page stands at which address. */

import { account } from './pages/account.js';
import { attempt } from './pages/attempt.js';
import { attempts } from './pages/attempts.js';
import { audit } from './pages/audit.js';
import { chooser, home } from './pages/chooser.js';
import { developers } from './pages/developers.js';
import { doctor } from './pages/doctor.js';
import { forgot } from './pages/forgot.js';
import { invitation } from './pages/invitation.js';
import { keys } from './pages/keys.js';
import { mail } from './pages/mail.js';
import { members } from './pages/members.js';
import { missing } from './pages/missing.js';
import { organisation } from './pages/organisation.js';
import { organisations } from './pages/organisations.js';
import { people } from './pages/people.js';
import { plans } from './pages/plans.js';
import { reset } from './pages/reset.js';
import { setup } from './pages/setup.js';
import { sso } from './pages/sso.js';
import { ssoSetup } from './pages/sso_setup.js';
import { workspace } from './pages/workspace.js';
import { workspaces } from './pages/workspaces.js';

/** @import { Page } from './types.js' */

/** @type {[string, Page][]} */
const ROUTES = [
  ['/', home],
  ['/workspaces', chooser],
  ['/setup', setup],
  ['/invitation', invitation],
  ['/sso-setup', ssoSetup],
  ['/forgot', forgot],
  ['/reset', reset],
  ['/account', account],
  ['/developers', developers],
  ['/w/:workspace', workspace],
  ['/w/:workspace/members', members],
  ['/o/:org/workspaces', workspaces],
  ['/o/:org/people', people],
  ['/o/:org/settings', organisation],
  ['/o/:org/sso', sso],
  ['/o/:org/sso/attempts', attempts],
  ['/o/:org/sso/attempts/:attempt', attempt],
  ['/o/:org/keys', keys],
  ['/o/:org/audit', audit],
  ['/operator/organisations', organisations],
  ['/operator/plans', plans],
  ['/operator/audit', audit],
  ['/operator/mail', mail],
  ['/operator/doctor', doctor],
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
 * The page at a path, with what its pattern names: as in the address, still percent-encoded, for the API's path.
 * @param {string} path
 */
export function match(path) {
  for (const [pattern, page] of ROUTES) {
    const params = fit(pattern, path);
    if (params) return { page, params };
  }
  return { page: missing, params: {} };
}
