/** Whole sign-ins against real identity providers: their login page, our callback, a session. */

import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { answers, freePort, start, startAppliance } from './appliance.js';
import { Browser } from './browser.js';

const here = (name) => new URL(name, import.meta.url).pathname;
const PYTHON = process.env.IDPS_PYTHON ?? here('.venv/bin/python');
/** How each is started, and where it shows its metadata. */
const PROVIDERS = {
  pysaml2: { command: PYTHON, script: here('idp_pysaml2.py'), shows: '/metadata' },
  samlify: { command: process.execPath, script: here('idp_samlify.js'), shows: '/metadata' },
  SimpleSAMLphp: { command: '/bin/sh', script: here('idp_simplesamlphp.sh'), shows: '/saml2/idp/metadata.php' },
};

/** From the portal to the provider's answer: what its page would post to our callback. */
async function identify(browser, portal, name) {
  const login = await browser.visit(portal);
  const filled = browser.fill(login, { username: name, password: `${name}pass` });
  const page = await browser.post(filled, login.url);
  return { page, form: browser.fill(page, {}) };
}

/** The whole way; gives the answer in which the browser comes to rest. */
async function signIn(browser, portal, name) {
  const { page, form } = await identify(browser, portal, name);
  const callback = await browser.post(form, page.url);
  assert.equal(callback.status, 303, callback.body);
  return browser.visit(callback.location.href);
}

for (const [provider, { command, script, shows }] of Object.entries(PROVIDERS)) {
  for (const signs of ['assertion', 'response', 'both']) {
    describe(`${provider} that signs: ${signs}`, () => {
      let appliance, idp, folder, alice, portal, workspace;

      before(async () => {
        appliance = await startAppliance();
        alice = appliance.alice;
        folder = await mkdtemp(join(tmpdir(), 'vestibule-idp-'));
        const { entity_id: entityId } = await alice.api('GET', '/organisations/acme/sso');
        await writeFile(join(folder, 'sp.xml'), await answers(entityId));
        const port = await freePort();
        idp = start(command, [script, String(port), join(folder, 'sp.xml'), folder, signs]);
        const metadata = await answers(`http://127.0.0.1:${port}${shows}`);
        const saved = await alice.api('PUT', '/organisations/acme/sso', { provider: 'custom', portal_key: 'acme_SSO', metadata_xml: metadata });
        portal = saved.portal_url;
        workspace = (await alice.api('GET', '/me')).organisations[0].workspaces[0].id;
      });

      after(async () => {
        await idp?.stop();
        await appliance?.stop();
        if (folder) await rm(folder, { recursive: true, force: true });
      });

      test('the admin tests the connection and it is ready', async () => {
        const rest = await signIn(alice, `${portal}&test=1&return=/account`, 'alice');
        assert.equal(rest.url.pathname, '/account');
        assert.equal((await alice.api('GET', '/organisations/acme/sso')).status, 'ready');
      });

      test('an invited person signs in, without a password, where they were going', async () => {
        await alice.api('POST', `/workspaces/${workspace}/invitations`, { email: 'bob@acme.test', role: 'power_user' });
        const bob = new Browser(appliance.url);
        const rest = await signIn(bob, `${portal}&return=/account`, 'bob');
        assert.equal(rest.url.pathname, '/account');
        const me = await bob.api('GET', '/me');
        assert.equal(me.person.email, 'bob@acme.test');
        assert.deepEqual(me.grants.map((grant) => grant.method), ['saml']);
      });

      test('the same response posted again is refused', async () => {
        const bob = new Browser(appliance.url);
        const { page, form } = await identify(bob, portal, 'bob');
        assert.equal((await bob.post(form, page.url)).location.pathname, '/sso/finish');
        assert.equal((await bob.post(form, page.url)).location.searchParams.get('error'), 'sso_not_verified');
      });

      test('a stranger is refused in words and leaves no account', async () => {
        const carl = new Browser(appliance.url);
        const rest = await signIn(carl, portal, 'carl');
        assert.match(rest.body, /signed you in as carl@acme\.test, but carl@acme\.test is not a member of Acme/);
        await assert.rejects(carl.api('GET', '/me'), { status: 401 });
        const { items } = await alice.api('GET', '/organisations/acme/members');
        assert.ok(items.every((member) => member.email !== 'carl@acme.test'));
      });

      test('a revoked member is refused though the provider says yes', async () => {
        const { items } = await alice.api('GET', `/workspaces/${workspace}/members`);
        const bob = items.find((member) => member.email === 'bob@acme.test');
        await alice.api('DELETE', `/workspaces/${workspace}/members/${bob.user}`);
        const rest = await signIn(new Browser(appliance.url), portal, 'bob');
        assert.match(rest.body, /bob@acme\.test is not a member of Acme/);
      });

      test('on Business the portal and the callback refuse neutrally', async () => {
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
