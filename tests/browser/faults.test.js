/**
 * The five most common faults of the settings at an identity provider: the trace shows an admin what to change, and
 * where.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PEOPLE, api, heading, signIn, startDemo, visitor } from './demo.js';
import { browser, demo, runDemo } from './running.js';

runDemo();

const ORG = '/o/northwind-robotics';

/**
 * The texts that the page must show for each fault: the cause, the change, and the name of the setting in Keycloak and
 * in ADFS.
 */
const FAULTS = {
  'Another application’s Entity ID': [
    'The identity provider\'s settings', 'set our Entity ID', 'Client ID', 'Relying party identifiers', 'https://another-application.example/metadata',
  ],
  'An old Callback URL': [
    'The identity provider\'s settings', 'set our Callback URL', 'Assertion Consumer Service POST Binding URL', 'Endpoints', 'https://old.example/saml/acs',
  ],
  'Another certificate': [
    'Your organisation\'s SSO settings', 'paste the certificate that the provider signs with now', 'Realm settings > Keys', 'Token-signing',
  ],
  'A clock ten minutes fast': [
    'The identity provider\'s clock or this server\'s clock', 'Set both clocks by NTP', 'timedatectl', 'w32tm', 'The provider’s clock is 10 minutes ahead of ours',
  ],
  'No e-mail address': [
    'The identity provider\'s settings', 'Configure the provider to send the e-mail address', 'Force name ID format', 'Send LDAP Attributes as Claims', 'employee-4711',
  ],
};

/**
 * Signs in as a member while the provider has a fault. Returns the reference that is shown to them.
 * @param {string} fault
 * @param {any} [at] another demo
 */
async function refusedWith(fault, at = demo) {
  const { page, context } = await visitor(browser);
  await page.goto(`${at.url}/sso?key=northwind_SSO`);
  await page.getByText('Let something go wrong').click();
  await page.getByLabel(fault).check();
  await page.getByRole('button', { name: 'Nils Nansen' }).click();
  await page.waitForURL(/\/login\?error=sso_not_verified/);
  await page.getByText('Tell your admin the reference.').waitFor();
  const [, reference] = /Reference: (\w+)/.exec(await page.locator('main').innerText()) ?? [];
  await context.close();
  return reference;
}

for (const [fault, words] of Object.entries(FAULTS)) {
  test(`the trace names what to change and where: ${fault}`, async () => {
    const reference = await refusedWith(fault);
    assert.ok(reference, 'the member sees a reference');
    const { page, context, complaints } = await visitor(browser);
    await signIn(page, demo, PEOPLE.enterpriseAdmin, `${ORG}/sso/attempts`);
    await page.getByRole('link', { name: reference }).click();
    await page.getByRole('heading', { name: 'Why it was refused' }).waitFor();
    const text = await page.locator('main').innerText();
    for (const word of words) assert.ok(text.includes(word), `missing: ${word}\n${text}`);
    assert.deepEqual(complaints, []);
    await context.close();
  });
}

test('a sign-in is found by its reference, typed in lower case and with spaces, and its time has seconds', async () => {
  const reference = await refusedWith('Another application’s Entity ID');
  const { page, context, complaints } = await visitor(browser);
  await signIn(page, demo, PEOPLE.enterpriseAdmin, `${ORG}/sso/attempts`);
  const rows = page.locator('tbody tr');
  assert.ok((await rows.count()) > 1);
  await page.getByLabel('Reference').fill(` ${reference.toLowerCase()} `);
  await page.getByRole('button', { name: 'Find' }).click();
  await page.getByRole('link', { name: 'Show all' }).waitFor();
  assert.equal(await rows.count(), 1);
  assert.match(await rows.innerText(), / \d\d:\d\d:\d\d/);
  await rows.getByRole('link', { name: reference }).click();
  await page.getByRole('heading', { name: 'Why it was refused' }).waitFor();
  await page.goto(`${demo.url}${ORG}/sso/attempts?reference=000000`);
  await page.getByText('No sign-in has this reference.').waitFor();
  assert.deepEqual(complaints, []);
  await context.close();
});

test('for an organisation with Okta, the trace shows the setting in Okta, and the other providers folded', async () => {
  const { page, context } = await visitor(browser);
  await signIn(page, demo, PEOPLE.enterpriseAdmin, `${ORG}/sso`);
  const sso = await api(page, '/organisations/northwind-robotics/sso');
  const { portal_key, sign_on_url, idp_entity_id, certificates } = sso;
  const saved = await page.evaluate(async (body) => {
    const options = { method: 'PUT', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) };
    return (await fetch('/api/v1/organisations/northwind-robotics/sso', options)).status;
  }, { provider: 'okta', portal_key, sign_on_url, idp_entity_id, certificates: certificates.map((one) => one.pem) });
  assert.equal(saved, 200);
  const reference = await refusedWith('Another application’s Entity ID');
  await page.goto(`${demo.url}${ORG}/sso/attempts`);
  await page.getByRole('link', { name: reference }).click();
  await page.getByText('General > SAML Settings > Edit > Audience URI (SP Entity ID)').first().waitFor();
  assert.equal(await page.getByText('Relying party identifiers').isVisible(), false);
  await page.getByText('At other providers').click();
  assert.equal(await page.getByText('Relying party identifiers').isVisible(), true);
  await context.close();
});

test('after a refused test sign-in, the admin sees what to change', async () => {
  const { page, context } = await visitor(browser);
  await signIn(page, demo, PEOPLE.enterpriseAdmin, `${ORG}/sso`);
  await page.getByRole('link', { name: 'Test sign-in' }).click();
  await page.getByText('Let something go wrong').click();
  await page.getByLabel('No e-mail address').check();
  await page.getByRole('button', { name: 'Nora North' }).click();
  await page.waitForURL((url) => url.pathname === `${ORG}/sso` && url.searchParams.has('attempt'));
  await page.getByText('The assertion contains no e-mail address.').first().waitFor();
  await page.getByRole('heading', { name: 'Rule by rule' }).waitFor();
  await page.getByRole('link', { name: /^The complete trace of / }).click();
  await page.getByRole('heading', { level: 1, name: /^Sign-in [A-Z2-9]{6}$/ }).waitFor();
  await page.getByRole('heading', { name: 'Why it was refused' }).waitFor();
  await context.close();
});

test('a test sign-in that is refused after all rules passed shows the reason above the rules', async () => {
  const { page, context } = await visitor(browser);
  await signIn(page, demo, PEOPLE.enterpriseAdmin, `${ORG}/sso`);
  await page.getByRole('link', { name: 'Test sign-in' }).click();
  await page.getByRole('button', { name: 'Nils Nansen' }).click();
  await page.waitForURL((url) => url.pathname === `${ORG}/sso` && url.searchParams.has('attempt'));
  const rules = page.locator('section', { has: page.getByRole('heading', { name: 'Rule by rule' }) });
  await rules.getByText('test of other person').waitFor();
  await rules.getByText('The test sign-in was made as another person than the admin who started it.').waitFor();
  await rules.getByText('The response itself is correct: all rules passed').waitFor();
  assert.equal(await page.getByText(/\d+ of \d+ rules passed/).count(), 0);
  await context.close();
});

test('the trace of a successful sign-in has its rules, clocks, attributes and the message without signatures', async () => {
  const { page, context } = await visitor(browser);
  await signIn(page, demo, PEOPLE.enterpriseAdmin, ORG);
  const { items } = await api(page, '/organisations/northwind-robotics/sso/attempts');
  const good = items.find((one) => one.outcome === 'signed_in');
  await page.goto(`${demo.url}${ORG}/sso/attempts/${good.id}`);
  assert.match(await heading(page), /^Sign-in [A-Z2-9]{6}$/);
  await page.getByText('The provider’s clock agrees with ours').waitFor();
  await page.getByText('displayName', { exact: true }).waitFor();
  await page.getByRole('heading', { name: 'The message' }).click();
  const message = await page.locator('pre').innerText();
  assert.match(message, /<saml:Audience>/);
  assert.match(message, /<ds:SignatureValue>\[344 characters cut\]/);
  await context.close();
});

test('a clock difference that makes sign-ins fail is shown first on the SSO page', async () => {
  const own = await startDemo();
  const { page, context } = await visitor(browser);
  await signIn(page, own, PEOPLE.enterpriseAdmin, `${ORG}/sso`);
  await page.getByText('Clocks agree').waitFor();
  for (const _ of [1, 2]) await refusedWith('A clock ten minutes fast', own);
  await page.reload();
  await page.getByText('Clocks too far apart').waitFor();
  await page.getByText('The provider’s clock is 10 minutes ahead of ours: the median of the last 3 responses.').waitFor();
  const headings = await page.getByRole('heading', { level: 2 }).allInnerTexts();
  assert.equal(headings[0], 'Clock');
  await context.close();
  await own.stop();
});
