/** JupyterHub with the documented configuration of oauthenticator. The hub runs alone: people reach it at its own port. */

import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { freePort } from '../idps/appliance.js';
import { BOB, CARLA, GIL, Navigator, python, remove, signIn, startWorld } from './programs.js';

/** What the tests add to the documented configuration: addresses, and no proxy, since no person's server is started. */
const ALONE = (port) => `
from jupyterhub.proxy import Proxy


class NoProxy(Proxy):
    should_start = False
    routes = {}

    async def add_route(self, routespec, target, data):
        self.routes[routespec] = {"routespec": routespec, "target": target, "data": data}

    async def delete_route(self, routespec):
        self.routes.pop(routespec, None)

    async def get_all_routes(self):
        return self.routes


c.JupyterHub.proxy_class = NoProxy
c.JupyterHub.bind_url = "http://127.0.0.1:${port}/"
c.JupyterHub.hub_bind_url = "http://127.0.0.1:${port}/"
c.JupyterHub.default_url = "/hub/home"
c.JupyterHub.db_url = "sqlite://"
c.JupyterHub.services = [{"name": "test", "api_token": "of-this-test-only"}]
c.JupyterHub.load_roles = [{"name": "test", "services": ["test"], "scopes": ["read:users", "admin:auth_state"]}]
`;

for (const settings of [{}, { token_auth: 'client_secret_post', signing: 'ES256' }]) {
  describe(`JupyterHub ${JSON.stringify(settings)}`, () => {
    /** @type {import('./programs.js').World} */ let world;
    /** @type {string} */ let home;

    before(async () => {
      const port = await freePort();
      home = `http://127.0.0.1:${port}/`;
      world = await startWorld(home, `${home}hub/oauth_callback`, settings);
      const config = join(world.folder, 'jupyterhub_config.py');
      // So that the test need not wait for minutes: the hub asks after a second.
      const shown = world.snippet('jupyterhub').replace('auth_refresh_age = 300', 'auth_refresh_age = 1');
      assert.ok(shown.includes('auth_refresh_age = 1\n'));
      await writeFile(config, shown + ALONE(port));
      const environment = {
        CLIENT_SECRET: world.secret, JUPYTERHUB_CRYPT_KEY: '5c'.repeat(32), CONFIGPROXY_AUTH_TOKEN: 'of-this-test-only',
      };
      await world.run(python('jupyterhub'), ['--config', config], environment, `${home}hub/health`);
    });

    after(() => world?.stop());

    /** What the hub knows about a person. @param {string} email */
    const known = async (email) => {
      const answer = await fetch(`${home}hub/api/users/${email}`, { headers: { authorization: 'token of-this-test-only' } });
      return answer.status === 404 ? undefined : answer.json();
    };

    test('a person signs in and lands on the home page of the hub, with their groups', async () => {
      const bob = new Navigator(home);
      const page = await bob.visit(home);
      assert.match(page.body, /Sign in with Vestibule/);
      const [, link] = /href=['"]([^'"]*oauth_login[^'"]*)['"]/.exec(page.body);
      const rest = await signIn(world, bob, new URL(link.replaceAll('&amp;', '&'), page.url).href, BOB);
      assert.deepEqual([rest.status, rest.url.href], [200, `${home}hub/home`]);
      assert.ok(rest.body.includes(BOB));
      const { admin, groups } = await known(BOB);
      assert.deepEqual([admin, groups.sort()], [false, ['acme', `acme/${world.workspace.id}`, 'level:editor', 'role:power-user']]);
      assert.equal((await bob.visit(`${home}hub/admin`)).status, 403);
    });

    test('an admin of the workspace is an admin of the hub until the role changes', async () => {
      const carla = new Navigator(home);
      await signIn(world, carla, `${home}hub/oauth_login`, CARLA);
      assert.equal((await known(CARLA)).admin, true);
      assert.equal((await carla.visit(`${home}hub/admin`)).status, 200);
      const { items: [{ user }] } = await world.alice.api('GET', `/organisations/acme/members?search=${CARLA}`);
      await world.alice.api('PATCH', `/workspaces/${world.workspace.id}/members/${user}`, { role: 'power_user' });
      const again = new Navigator(home);
      await signIn(world, again, `${home}hub/oauth_login`, CARLA);
      assert.equal((await known(CARLA)).admin, false);
    });

    test('a person who may not open the application is told so, and the hub does not know them', async () => {
      const gil = new Navigator(home);
      const page = await signIn(world, gil, `${home}hub/oauth_login`, GIL);
      assert.equal(page.status, 403);
      assert.match(page.body, /Wiki/);
      const [, back] = /href="(\/auth\/continue[^"]*deny[^"]*)"/.exec(page.body);
      const told = await gil.visit(new URL(back.replaceAll('&amp;', '&'), page.url).href);
      assert.ok(told.status >= 400 && told.url.href.startsWith(home), `${told.status} ${told.url}`);
      assert.match(told.body, /access_denied|OAuth error/i);
      assert.equal(await known(GIL), undefined);
    });

    test('a sign-out of the hub leads to the sign-out of Vestibule', async () => {
      const bob = new Navigator(home);
      await signIn(world, bob, `${home}hub/oauth_login`, BOB);
      const rest = await bob.visit(`${home}hub/logout`);
      assert.equal(rest.url.origin, world.url);
      assert.match(rest.body, /Sign out/);
      const sent = await bob.post(bob.fill(rest, {}), rest.url);
      if (sent.location) await bob.visit(sent.location.href);
      assert.equal((await bob.visit(`${home}hub/oauth_login`)).url.pathname, '/login');
    });

    test('the hub goes on with its refresh token when the access token has ended', async () => {
      const bob = new Navigator(home);
      await signIn(world, bob, `${home}hub/oauth_login`, BOB);
      const { access_token: ended } = (await known(BOB)).auth_state;
      const proof = settings.token_auth && { client_id: world.application.id, client_secret: world.secret };
      const headers = proof ? {} : { authorization: `Basic ${btoa(`${world.application.id}:${world.secret}`)}` };
      const revoked = await fetch(`${world.url}/oauth2/revoke`, { method: 'POST', headers, body: new URLSearchParams({ token: ended, ...proof }) });
      assert.equal(revoked.status, 200);
      await new Promise((wait) => setTimeout(wait, 1100));
      assert.equal((await bob.visit(`${home}hub/home`)).url.href, `${home}hub/home`);
      assert.notEqual((await known(BOB)).auth_state.access_token, ended);
    });

    test('the hub learns that a person has lost access, and asks them to sign in', async () => {
      const bob = new Navigator(home);
      await signIn(world, bob, `${home}hub/oauth_login`, BOB);
      await new Promise((wait) => setTimeout(wait, 1100));
      assert.equal((await bob.visit(`${home}hub/home`)).url.href, `${home}hub/home`);
      await remove(world, BOB);
      await new Promise((wait) => setTimeout(wait, 1100));
      const rest = await bob.visit(`${home}hub/home`);
      assert.ok(!rest.body.includes(BOB) && rest.url.href !== `${home}hub/home`, `${rest.url}`);
    });
  });
}
