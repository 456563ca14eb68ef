/** Complete sign-ins with real identity providers: their login page, our callback, and a session. */

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Browser } from './browser.js';
import { PROVIDERS, connected, identify, signIn } from './providers.js';

for (const provider of Object.keys(PROVIDERS)) {
  for (const signs of ['assertion', 'response', 'both']) {
    describe(`${provider} that signs: ${signs}`, () => {
      let appliance, alice, portal, workspace, stop;

      before(async () => {
        ({ appliance, alice, portal, workspace, stop } = await connected(provider, signs));
      });

      after(() => stop?.());

      test('the connection is ready after the admin’s test sign-in', async () => {
        const rest = await signIn(alice, `${portal}&test=1&return=/account`, 'alice');
        assert.equal(rest.url.pathname, '/account');
        assert.equal((await alice.api('GET', '/organisations/acme/sso')).status, 'ready');
      });

      test('an invited person signs in without a password and is redirected to the requested page', async () => {
        await alice.api('POST', `/workspaces/${workspace}/invitations`, { email: 'bob@acme.test', role: 'power_user' });
        const bob = new Browser(appliance.url);
        const rest = await signIn(bob, `${portal}&return=/account`, 'bob');
        assert.equal(rest.url.pathname, '/account');
        const me = await bob.api('GET', '/me');
        assert.equal(me.person.email, 'bob@acme.test');
        assert.deepEqual(me.grants.map((grant) => grant.method), ['saml']);
      });

      test('a repeated response is refused', async () => {
        const bob = new Browser(appliance.url);
        const { page, form } = await identify(bob, portal, 'bob');
        assert.equal((await bob.post(form, page.url)).location.pathname, '/sso/finish');
        assert.equal((await bob.post(form, page.url)).location.searchParams.get('error'), 'sso_not_verified');
      });

      test('a person who is not a member is refused with a message, and gets no account', async () => {
        const carl = new Browser(appliance.url);
        const rest = await signIn(carl, portal, 'carl');
        assert.match(rest.body, /signed you in as carl@acme\.test, but carl@acme\.test is not a member of Acme/);
        await assert.rejects(carl.api('GET', '/me'), { status: 401 });
        const { items } = await alice.api('GET', '/organisations/acme/members');
        assert.ok(items.every((member) => member.email !== 'carl@acme.test'));
      });

      test('a revoked member is refused although the provider signs them in', async () => {
        const { items } = await alice.api('GET', `/workspaces/${workspace}/members`);
        const bob = items.find((member) => member.email === 'bob@acme.test');
        await alice.api('DELETE', `/workspaces/${workspace}/members/${bob.user}`);
        const rest = await signIn(new Browser(appliance.url), portal, 'bob');
        assert.match(rest.body, /bob@acme\.test is not a member of Acme/);
      });

      test('on the Business plan, the portal and the callback refuse with a neutral message', async () => {
        const late = new Browser(appliance.url);
        const { page, form } = await identify(late, portal, 'alice');
        await alice.api('PUT', '/organisations/acme/plan', { plan: 'business' });
        const answer = await late.post(form, page.url);
        assert.equal(answer.location.searchParams.get('error'), 'sso_unavailable');
        await assert.rejects(late.api('GET', '/me'), { status: 401 });
        const rest = await new Browser(appliance.url).visit(portal);
        assert.match(rest.body, /Single sign-on is not available for this key\./);
      });
    });
  }
}
