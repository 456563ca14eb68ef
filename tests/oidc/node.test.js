/** The documented Node program, with openid-client. */

import assert from 'node:assert/strict';
import { symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { freePort } from '../idps/appliance.js';
import { BOB, CARLA, GIL, Navigator, remove, signIn, startWorld } from './programs.js';

for (const settings of [{}, { token_auth: 'client_secret_post', signing: 'ES256' }]) {
  describe(`the documented Node program ${JSON.stringify(settings)}`, () => {
    /** @type {import('./programs.js').World} */ let world;
    /** @type {string} */ let home;

    before(async () => {
      const port = await freePort();
      home = `http://127.0.0.1:${port}/`;
      world = await startWorld(home, `${home}callback`, settings);
      await writeFile(join(world.folder, 'node.mjs'), world.snippet('node'));
      await symlink(new URL('node_modules', import.meta.url).pathname, join(world.folder, 'node_modules'));
      await world.run(process.execPath, ['node.mjs'], { CLIENT_SECRET: world.secret, PORT: String(port) }, home);
    });

    after(() => world?.stop());

    test('a person signs in, and the application learns who they are and asks again', async () => {
      const bob = new Navigator(home);
      assert.match((await bob.visit(home)).body, /^Not signed in/);
      const shown = await signIn(world, bob, `${home}sign-in`, BOB);
      assert.equal(shown.url.href, home);
      const person = JSON.parse(shown.body);
      assert.deepEqual([person.email, person.name], [BOB, 'Bob Müller']);
      assert.deepEqual(person.groups, ['acme', `acme/${world.workspace.id}`, 'role:power-user', 'level:editor']);
      for (let times = 0; times < 2; times += 1) assert.deepEqual(JSON.parse((await bob.visit(`${home}refresh`)).body), person);
    });

    test('a sign-out of the application ends the session, and returns to the application', async () => {
      const carla = new Navigator(home);
      await signIn(world, carla, `${home}sign-in`, CARLA);
      const rest = await carla.visit(`${home}sign-out`);
      assert.equal(rest.url.href, home);
      assert.match(rest.body, /^Not signed in/);
      assert.equal((await carla.visit(`${home}sign-in`)).url.pathname, '/login');
    });

    test('a person of another organisation gets a page of Vestibule, and never a session of the application', async () => {
      const gil = new Navigator(home);
      const rest = await signIn(world, gil, `${home}sign-in`, GIL);
      assert.equal(rest.url.origin, world.url);
      assert.match((await gil.visit(home)).body, /^Not signed in/);
    });

    test('a person whose access has ended is refused at the next refresh, in words', async () => {
      const bob = new Navigator(home);
      await signIn(world, bob, `${home}sign-in`, BOB);
      await remove(world, BOB);
      const refused = await bob.visit(`${home}refresh`);
      assert.deepEqual([refused.status, refused.body], [403, 'Not signed in: invalid_grant']);
      assert.match((await bob.visit(home)).body, /^Not signed in/);
    });
  });
}
