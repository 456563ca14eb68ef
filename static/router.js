/** Which page stands at which address. */

import { account } from './pages/account.js';
import { attempt } from './pages/attempt.js';
import { attempts } from './pages/attempts.js';
import { home } from './pages/home.js';
import { invitation } from './pages/invitation.js';
import { members } from './pages/members.js';
import { missing } from './pages/missing.js';
import { organisation } from './pages/organisation.js';
import { organisations } from './pages/organisations.js';
import { people } from './pages/people.js';
import { plans } from './pages/plans.js';
import { reset } from './pages/reset.js';
import { setup } from './pages/setup.js';
import { sso } from './pages/sso.js';
import { workspace } from './pages/workspace.js';
import { workspaces } from './pages/workspaces.js';

/**
 * A page. `open` pages need nobody signed in.
 * @typedef {{title: string, view: (state: any) => unknown, load?: (state: any) => Promise<void>, open?: boolean}} Page
 */

/** @type {[string, Page][]} */
const ROUTES = [
  ['/', home],
  ['/setup', setup],
  ['/invitation', invitation],
  ['/reset', reset],
  ['/account', account],
  ['/w/:workspace', workspace],
  ['/w/:workspace/members', members],
  ['/o/:org/workspaces', workspaces],
  ['/o/:org/people', people],
  ['/o/:org/settings', organisation],
  ['/o/:org/sso', sso],
  ['/o/:org/sso/attempts', attempts],
  ['/o/:org/sso/attempts/:attempt', attempt],
  ['/operator/organisations', organisations],
  ['/operator/plans', plans],
];

/**
 * The page at a path, with what its pattern names.
 * @param {string} path
 * @returns {{page: Page, params: Record<string, string>}}
 */
export function match(path) {
  const parts = path.split('/');
  for (const [pattern, page] of ROUTES) {
    const names = pattern.split('/');
    const fits = names.length === parts.length && names.every((name, n) => name.startsWith(':') ? parts[n] : name === parts[n]);
    if (!fits) continue;
    const named = names.flatMap((name, n) => name.startsWith(':') ? [[name.slice(1), decodeURIComponent(parts[n])]] : []);
    return { page, params: Object.fromEntries(named) };
  }
  return { page: missing, params: {} };
}
