/** A connection that follows the metadata URL of a real identity provider, which changes its certificate. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { answers, freePort, start, startAppliance } from './appliance.js';
import { Browser } from './browser.js';

const SCRIPT = new URL('idp_simplesamlphp.sh', import.meta.url).pathname;
const SSO = '/organisations/acme/sso';

let appliance, idp, folder, alice, url;

before(async () => {
  appliance = await startAppliance(['--metadata-private-hosts', '127.0.0.1']);
  alice = appliance.alice;
  folder = await mkdtemp(join(tmpdir(), 'vestibule-idp-'));
  const { entity_id: entityId } = await alice.api('GET', SSO);
  await writeFile(join(folder, 'sp.xml'), await answers(entityId));
  const port = await freePort();
  idp = start('/bin/sh', [SCRIPT, String(port), join(folder, 'sp.xml'), folder, 'assertion']);
  url = `http://127.0.0.1:${port}/saml2/idp/metadata.php`;
  await answers(url);
});

after(async () => {
  await idp?.stop();
  await appliance?.stop();
  if (folder) await rm(folder, { recursive: true, force: true });
});

/** Signs Alice in. Returns the response after the last redirect. */
async function signIn(browser, portal) {
  const login = await browser.visit(portal);
  const page = await browser.post(browser.fill(login, { username: 'alice', password: 'alicepass' }), login.url);
  const callback = await browser.post(browser.fill(page, {}), page.url);
  return browser.visit(callback.location.href);
}

/** Replaces a text in the settings of the provider. */
async function change(from, to) {
  const file = join(folder, 'metadata/saml20-idp-hosted.php');
  await writeFile(file, (await readFile(file, 'utf8')).replace(from, to));
}

test('the metadata URL sets up the connection, and the admin’s test makes it ready', async () => {
  const saved = await alice.api('PUT', SSO, { provider: 'custom', portal_key: 'acme_SSO', metadata_url: url });
  assert.match(saved.sign_on_url, /SSOService\.php$/);
  assert.equal(saved.certificates.length, 1);
  const rest = await signIn(alice, `${saved.portal_url}&test=1&return=/account`);
  assert.equal(rest.url.pathname, '/account');
  assert.equal((await alice.api('GET', SSO)).status, 'ready');
});

test('an announced certificate becomes a candidate, is adopted, and sign-ins continue when the provider uses it', async () => {
  const key = ['-keyout', join(folder, 'new.key'), '-out', join(folder, 'new.crt')];
  execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '30', '-subj', '/CN=new', ...key], { stdio: 'ignore' });
  await change("'privatekey' => 'idp.key'", "'new_privatekey' => 'new.key', 'new_certificate' => 'new.crt', 'privatekey' => 'idp.key'");
  const { candidates: [found, ...others] } = await alice.api('POST', `${SSO}/metadata/refresh`);
  assert.deepEqual(others, []);
  assert.match(found.subject, /CN=new/);
  const adopted = await alice.api('POST', `${SSO}/candidates/${found.fingerprint}/adopt`);
  assert.deepEqual([adopted.certificates.length, adopted.candidates.length, adopted.status], [2, 0, 'ready']);
  for (const step of ['before', 'after']) {
    if (step === 'after') await change(/'new_privatekey'.*'certificate' => 'idp.crt'/, "'privatekey' => 'new.key', 'certificate' => 'new.crt'");
    const rest = await signIn(new Browser(appliance.url), `${adopted.portal_url}&return=/account`);
    assert.equal(rest.url.pathname, '/account', `${step} the change`);
  }
});
