/** Encrypted assertions of real identity providers, and the providers' checks of our requests. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Browser } from './browser.js';
import { connected, identify, signIn } from './providers.js';

const SSO = '/organisations/acme/sso';

/** Runs a test with a connected provider, and stops the provider afterwards. */
async function against(provider, signs, options, work) {
  const all = await connected(provider, signs, options);
  try {
    await work(all);
  } finally {
    await all.stop();
  }
}

/** Makes a test sign-in as Alice. Returns the code of the refusal, or `ready`. */
async function outcome({ alice, portal }) {
  await signIn(alice, `${portal}&test=1&return=/account`, 'alice');
  const { items } = await alice.api('GET', `${SSO}/attempts?limit=1`);
  return items[0].refusal?.code ?? (await alice.api('GET', SSO)).status;
}

/** The provider, the part that it signs, the options of its script, and the outcome. @type {[string, string, string[], string][]} */
const ENCRYPTED = [
  ['samlify', 'assertion', ['encrypt=aes128-gcm'], 'ready'],
  ['samlify', 'assertion', ['encrypt=aes256-gcm'], 'ready'],
  ['samlify', 'response', ['encrypt=aes128-gcm', 'order=encrypt-then-sign'], 'ready'],
  ['samlify', 'both', ['encrypt=aes256-gcm', 'order=encrypt-then-sign'], 'ready'],
  ['samlify', 'both', ['encrypt=aes256-gcm', 'order=sign-then-encrypt'], 'ready'],
  ['samlify', 'response', ['encrypt=aes256-cbc', 'order=encrypt-then-sign'], 'ready'],
  ['samlify', 'both', ['encrypt=aes256-cbc', 'order=encrypt-then-sign'], 'ready'],
  ['samlify', 'assertion', ['encrypt=aes256-cbc'], 'cbc_unsigned'],
  ['samlify', 'both', ['encrypt=aes256-cbc', 'order=sign-then-encrypt'], 'bad_signature'],
  ['samlify', 'both', ['encrypt=aes128-gcm', 'key=rsa-1_5'], 'rsa_1_5'],
  ['SimpleSAMLphp', 'response', ['encrypt=aes128-cbc'], 'ready'],
  ['SimpleSAMLphp', 'both', ['encrypt=aes128-cbc'], 'ready'],
  ['SimpleSAMLphp', 'assertion', ['encrypt=aes128-cbc'], 'cbc_unsigned'],
  ['pysaml2', 'both', ['encrypt=tripledes-cbc'], 'triple_des'],
];

for (const [provider, signs, words, expected] of ENCRYPTED) {
  test(`${provider} that signs ${signs} with ${words.join(', ')}: ${expected}`, () => against(provider, signs, { words }, async (all) => {
    assert.equal(await outcome(all), expected);
  }));
}

test('our keys are rotated without a failed sign-in at a provider that encrypts', () => against('samlify', 'assertion', { words: ['encrypt=aes256-gcm'] }, async (all) => {
  assert.equal(await outcome(all), 'ready');
  await all.alice.api('POST', `${SSO}/own-keys`);
  // The provider has not loaded the new metadata, and still encrypts with the old key.
  assert.equal(await outcome(all), 'ready');
  const { items: [old] } = await all.alice.api('GET', `${SSO}/own-keys`);
  await all.alice.api('DELETE', `${SSO}/own-keys/${old.id}`);
  assert.equal(await outcome(all), 'decryption');
}));

for (const provider of ['pysaml2', 'samlify', 'SimpleSAMLphp']) {
  const options = { words: ['requests=signed'], sso: { sign_requests: true, force_authn: true } };
  test(`${provider} accepts our signed requests at a URL with a query, and refuses a wrong or missing signature`, () => against(provider, 'assertion', options, async (all) => {
    assert.match((await all.alice.api('GET', SSO)).sign_on_url, provider === 'SimpleSAMLphp' ? /SSOService/ : /\?tenant=1$/);
    assert.equal(await outcome(all), 'ready');
    const portal = await new Browser(all.appliance.url).send(all.portal);
    const changed = new URL(portal.location);
    const signature = changed.searchParams.get('Signature');
    changed.searchParams.set('Signature', `${signature[0] === 'A' ? 'B' : 'A'}${signature.slice(1)}`);
    const bare = new URL(portal.location);
    bare.searchParams.delete('Signature');
    bare.searchParams.delete('SigAlg');
    for (const damaged of [changed, bare]) {
      await assert.rejects(identify(new Browser(all.appliance.url), damaged.href, 'alice'), /no form at/);
    }
    await identify(new Browser(all.appliance.url), portal.location.href, 'alice');
  }));
}

for (const provider of ['pysaml2', 'samlify']) {
  test(`${provider} gets signed requests without a setting if its metadata requires them`, () => against(provider, 'assertion', { words: ['requests=signed'] }, async (all) => {
    assert.equal((await all.alice.api('GET', SSO)).sign_requests, true);
    assert.equal(await outcome(all), 'ready');
  }));
}

test('an invited person has the name that pysaml2 and SimpleSAMLphp send', async () => {
  for (const provider of ['pysaml2', 'SimpleSAMLphp']) {
    await against(provider, 'assertion', {}, async (all) => {
      assert.equal(await outcome(all), 'ready');
      await all.alice.api('POST', `/workspaces/${all.workspace}/invitations`, { email: 'bob@acme.test', role: 'power_user' });
      const bob = new Browser(all.appliance.url);
      await signIn(bob, all.portal, 'bob');
      assert.match((await bob.api('GET', '/me')).person.name, /Ångström & <co>$/);
    });
  }
});
