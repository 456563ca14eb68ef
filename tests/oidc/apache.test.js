/** The documented configuration of mod_auth_openidc, with an Apache of the tests' own before a small application. */

import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { freePort } from '../idps/appliance.js';
import { BOB, CARLA, GIL, Navigator, remove, signIn, startWorld } from './programs.js';

const MODULES = '/usr/lib/apache2/modules';
/** Those that Debian enables, besides those that the first line of the configuration names. */
const ENABLED = ['mpm_event', 'authn_core', 'authz_core', 'authz_user'];

/** The shortest time in seconds for which the module keeps a session. */
const SHORTEST = 15;

/** An application that answers with the headers that it receives. */
function application() {
  return new Promise((resolve) => {
    const server = createServer((request, response) => {
      response.setHeader('content-type', 'application/json').end(JSON.stringify({ path: request.url, headers: request.headers }));
    }).listen(0, '127.0.0.1', () => resolve(server));
  });
}

for (const settings of [{}, { token_auth: 'client_secret_post', signing: 'ES256' }]) {
  describe(`mod_auth_openidc ${JSON.stringify(settings)}`, () => {
    /** @type {import('./programs.js').World} */ let world;
    /** @type {string} */ let home;
    /** @type {import('node:http').Server} */ let behind;

    before(async () => {
      const port = await freePort();
      home = `http://127.0.0.1:${port}/`;
      behind = await application();
      world = await startWorld(home, `${home}callback`, { backchannel_logout_uri: `${home}callback?logout=backchannel`, ...settings });
      const folder = join(world.folder, 'apache');
      await mkdir(folder);
      await writeFile(join(folder, 'passphrase'), 'of this test only');
      const shown = world.snippet('apache');
      const [, named] = /a2enmod ([\w ]+)/.exec(shown);
      const site = shown
        .replaceAll('CLIENT_SECRET', world.secret)
        .replaceAll('127.0.0.1:3000', `127.0.0.1:${behind.address().port}`)
        .replaceAll('/etc/apache2/oidc-passphrase', join(folder, 'passphrase'))
        // So that the test need not wait for minutes: the shortest time that the module allows.
        .replace('OIDCSessionMaxDuration 600', `OIDCSessionMaxDuration ${SHORTEST}`);
      assert.ok(site.includes(`OIDCSessionMaxDuration ${SHORTEST}\n`));
      const lines = [
        `ServerRoot ${folder}`, 'ServerName 127.0.0.1', `PidFile ${folder}/pid`, `ErrorLog ${folder}/log`, `DefaultRuntimeDir ${folder}`,
        ...[...ENABLED, ...named.trim().split(' ')].map((name) => `LoadModule ${name}_module ${MODULES}/mod_${name}.so`),
        ...(process.getuid() === 0 ? ['User www-data', 'Group www-data'] : []),
        `Listen 127.0.0.1:${port}`, site,
      ];
      await writeFile(join(folder, 'config'), lines.join('\n'));
      await world.run('/usr/sbin/apache2', ['-DFOREGROUND', '-f', join(folder, 'config')], {}, home);
    });

    after(async () => {
      await world?.stop();
      behind?.close();
    });

    /** What the application receives. @param {{status: number, body: string}} answer */
    const received = ({ status, body }) => {
      assert.equal(status, 200, body);
      return JSON.parse(body);
    };

    test('a person signs in, returns to the page, and the application receives who they are', async () => {
      const bob = new Navigator(home);
      const { path, headers } = received(await signIn(world, bob, `${home}pages/1?a=b%20c`, BOB));
      assert.equal(path, '/pages/1?a=b%20c');
      assert.equal(headers['remote-user'], BOB);
      assert.equal(headers['remote-groups'], `acme,acme/${world.workspace.id},role:power-user,level:editor`);
      for (const name of Object.keys(headers)) assert.doesNotMatch(name, /^oidc_/i);
    });

    test('headers of the client do not reach the application', async () => {
      const bob = new Navigator(home);
      await signIn(world, bob, home, BOB);
      for (const spelling of ['Remote-User', 'Remote_User', 'REMOTE_USER', 'Remote-Groups', 'Remote_Groups', 'OIDC_CLAIM_groups', 'OIDC-CLAIM-groups']) {
        const { headers } = received(await bob.send(home, { headers: { [spelling]: 'eve@elsewhere.test' } }));
        const forged = Object.entries(headers).filter(([name, value]) => /remote.(user|groups)/i.test(name) && String(value).includes('eve@'));
        assert.deepEqual(forged, [], spelling);
        assert.equal(headers['remote-user'], BOB);
      }
      const anonymous = await new Navigator(home).send(home, { headers: { 'Remote-User': BOB, Remote_User: BOB, 'OIDC_CLAIM_email': BOB } });
      assert.equal(anonymous.status, 302);
    });

    /** Waits until Apache no longer knows a session. @param {Navigator} browser */
    const ended = async (browser) => {
      for (let tries = 0; tries < 50; tries += 1) {
        if ((await browser.send(home)).status === 302) return;
        await new Promise((wait) => setTimeout(wait, 100));
      }
      assert.fail('Apache still knows the session');
    };

    test('a sign-out at Vestibule reaches Apache by back-channel logout', async () => {
      const bob = new Navigator(home);
      await signIn(world, bob, home, BOB);
      const me = new Navigator(world.url);
      me.jars = bob.jars;
      await me.api('POST', '/logout');
      await ended(bob);
    });

    test('a sign-out at Apache signs the person out everywhere, and returns to the application', async () => {
      const carla = new Navigator(home);
      await signIn(world, carla, home, CARLA);
      const rest = await carla.visit(`${home}callback?logout=${encodeURIComponent(home)}`);
      // The application asks for a sign-in again.
      assert.equal(rest.url.pathname, '/login');
    });

    test('a person who may not open the application is told so, also after the way back to Apache', async () => {
      const gil = new Navigator(home);
      const page = await signIn(world, gil, home, GIL);
      assert.equal(page.status, 403);
      const [, back] = /href="(\/auth\/continue[^"]*)"/.exec(page.body);
      const told = await gil.visit(new URL(back.replaceAll('&amp;', '&'), page.url).href);
      assert.deepEqual([told.status, told.url.origin], [403, world.url]);
      assert.match(told.body, /Wiki/);
    });

    const once = { skip: settings.signing && 'it takes long, and the algorithm makes no difference' };
    test('Apache asks again after a while, keeps a form that is sent, and passes on the new level', once, async () => {
      const bob = new Navigator(home);
      const first = received(await signIn(world, bob, home, BOB));
      assert.match(first.headers['remote-groups'], /level:editor$/);
      const { items: [{ user }] } = await world.alice.api('GET', `/organisations/acme/members?search=${BOB}`);
      await world.alice.api('PATCH', `/workspaces/${world.workspace.id}/members/${user}`, { role: 'admin' });
      await new Promise((wait) => setTimeout(wait, SHORTEST * 1000 + 500));
      const form = await bob.send(`${home}save`, { method: 'POST', body: new URLSearchParams({ text: 'a long text' }) });
      assert.equal(form.status, 200);
      assert.match(form.body, /sessionStorage/);
      assert.match(form.body, /a%20long%20text|a long text|a\+long\+text/);
      assert.match(received(await bob.visit(home)).headers['remote-groups'], /level:admin$/);
    });

    test('Apache is told that a person has lost access, and asks them to sign in', async () => {
      const bob = new Navigator(home);
      await signIn(world, bob, home, BOB);
      const parts = await Promise.all(Array.from({ length: 12 }, (_, part) => bob.send(`${home}part/${part}`)));
      assert.deepEqual(parts.map(({ status }) => status), parts.map(() => 200));
      await remove(world, BOB);
      await ended(bob);
      assert.equal((await bob.visit(home)).url.pathname, '/login');
    });
  });
}
