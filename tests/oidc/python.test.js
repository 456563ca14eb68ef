/** The documented Python program, with Authlib and Flask. */

import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { freePort } from '../idps/appliance.js';
import { BOB, CARLA, GIL, Navigator, python, remove, signIn, startWorld } from './programs.js';

for (const settings of [{}, { token_auth: 'client_secret_post', signing: 'ES256' }]) {
  describe(`Authlib ${JSON.stringify(settings)}`, () => {
    /** @type {import('./programs.js').World} */ let world;
    /** @type {string} */ let home;

    before(async () => {
      const port = await freePort();
      home = `http://127.0.0.1:${port}/`;
      world = await startWorld(home, `${home}callback`, settings);
      await writeFile(join(world.folder, 'python.py'), world.snippet('python'));
      const environment = { CLIENT_SECRET: world.secret, SESSION_KEY: 'of this test only' };
      await world.run(python('flask'), ['--app', 'python', 'run', '--port', String(port)], environment, home);
    });

    after(() => world?.stop());

    test('a person signs in, and the application learns who they are and asks again', async () => {
      const bob = new Navigator(home);
      assert.match((await bob.visit(home)).body, /^Not signed in/);
      const shown = await signIn(world, bob, `${home}sign-in`, BOB);
      assert.equal(shown.url.href, home);
      const person = JSON.parse(shown.body);
      assert.deepEqual(
        { ...person, sub: '' },
        {
          sub: '', name: 'Bob Müller', preferred_username: BOB, email: BOB, email_verified: person.email_verified,
          groups: ['acme', `acme/${world.workspace.id}`, 'role:power-user', 'level:editor'],
        },
      );
      const again = await bob.visit(`${home}refresh`);
      assert.deepEqual([again.status, JSON.parse(again.body)], [200, person]);
      assert.equal((await bob.visit(`${home}refresh`)).status, 200);
    });

    test('a sign-out of the application ends the session, and returns to the application', async () => {
      const carla = new Navigator(home);
      await signIn(world, carla, `${home}sign-in`, CARLA);
      const rest = await carla.visit(`${home}sign-out`);
      assert.equal(rest.url.href, home);
      assert.match(rest.body, /^Not signed in/);
      assert.equal((await carla.visit(`${home}sign-in`)).url.pathname, '/login');
    });

    test('a code of another sign-in, and one that has been used, are refused in words', async () => {
      const [bob, other] = [new Navigator(home), new Navigator(home)];
      await signIn(world, bob, `${home}sign-in`, BOB);
      const asked = await bob.send(`${home}sign-in`);
      const answered = await bob.send(asked.location.href);
      assert.equal(answered.location.origin, new URL(home).origin);
      const foreign = await other.send(answered.location.href);
      assert.deepEqual([foreign.status, foreign.body], [403, 'Not signed in: mismatching_state']);
      assert.equal((await bob.visit(answered.location.href)).url.href, home);
      const used = await bob.send(answered.location.href);
      assert.equal(used.status, 403);
    });

    test('a person who may not open the application is told so, and so is the application', async () => {
      const gil = new Navigator(home);
      const page = await signIn(world, gil, `${home}sign-in`, GIL);
      assert.equal(page.status, 403);
      assert.match(page.body, /Wiki/);
      const [, back] = /href="(\/auth\/continue[^"]*)"/.exec(page.body);
      const told = await gil.visit(new URL(back.replaceAll('&amp;', '&'), page.url).href);
      assert.deepEqual([told.status, told.body], [403, 'Not signed in: access_denied']);
    });

    test('the application learns at the next refresh that a person has lost access', async () => {
      const bob = new Navigator(home);
      await signIn(world, bob, `${home}sign-in`, BOB);
      assert.equal((await bob.visit(`${home}refresh`)).status, 200);
      await remove(world, BOB);
      const told = await bob.visit(`${home}refresh`);
      assert.deepEqual([told.status, told.body], [403, 'Not signed in: invalid_grant']);
      assert.match((await bob.visit(home)).body, /^Not signed in/);
    });
  });
}
