import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PEOPLE, api, heading, signIn, visitor } from './demo.js';
import { browser, demo, runDemo } from './running.js';

runDemo(['--encrypt']);

const ORG = '/o/northwind-robotics';

/** The address to which the portal redirects a person without a session. */
async function request() {
  const response = await fetch(`${demo.url}/sso?key=northwind_SSO`, { redirect: 'manual' });
  return new URL(response.headers.get('location') ?? '');
}

test('after an admin turns on signed requests and fresh sign-ins, the page asks for a test, and members can sign in', async () => {
  const { page, context, complaints } = await visitor(browser);
  await signIn(page, demo, PEOPLE.enterpriseAdmin, `${ORG}/sso`);
  assert.equal((await request()).searchParams.get('SigAlg'), null);
  assert.equal(await page.getByLabel('Sign requests').isVisible(), false, 'the advanced settings are hidden at first');
  await page.locator('details.advanced summary').click();
  await page.getByLabel('Sign requests').check();
  await page.getByLabel('Ask for a fresh sign-in').check();
  await page.getByLabel('NameID format to ask for').selectOption('email');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('dialog').getByText('Make a test sign-in').waitFor();
  await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
  await page.getByText('Saved.').waitFor();
  const shown = await api(page, '/organisations/northwind-robotics/sso');
  assert.deepEqual([shown.status, shown.sign_requests, shown.force_authn, shown.name_id_format], ['ready', true, true, 'email']);
  assert.match((await request()).searchParams.get('SigAlg') ?? '', /rsa-sha256$/);

  await page.getByRole('link', { name: 'Test sign-in' }).click();
  await page.getByRole('button', { name: 'Nora North' }).click();
  await page.waitForURL(`**${ORG}/sso`);
  await heading(page);
  await page.locator('details.advanced summary').click();
  assert.equal(await page.getByLabel('Sign requests').isChecked(), true);
  assert.deepEqual(complaints, []);
  await context.close();
});

test('an admin rotates our keys while two generations are published, and retires the old ones after a warning', async () => {
  const { page, context, complaints } = await visitor(browser);
  await signIn(page, demo, PEOPLE.enterpriseAdmin, `${ORG}/sso`);
  const published = async () => {
    const { entity_id: metadata } = await api(page, '/organisations/northwind-robotics/sso');
    return (await (await fetch(metadata)).text()).match(/<md:KeyDescriptor/g)?.length;
  };
  assert.equal(await published(), 2, 'one certificate to sign and one to encrypt');
  await page.getByRole('button', { name: 'Rotate keys' }).click();
  await page.getByText('New keys are published beside the old ones.').waitFor();
  assert.equal(await published(), 4);
  await page.getByRole('link', { name: 'Test sign-in' }).click();
  await page.getByRole('button', { name: 'Nora North' }).click();
  await page.waitForURL(`**${ORG}/sso`);
  await heading(page);
  const { items } = await api(page, '/organisations/northwind-robotics/sso/own-keys');
  assert.ok(items[1].last_decrypted_at, 'the provider has loaded the new metadata and encrypts with the new keys');
  await page.getByRole('button', { name: /^Retire the keys/ }).click();
  await page.getByRole('dialog').getByText('Your provider last encrypted for them').waitFor();
  await page.getByRole('dialog').getByRole('button', { name: 'Retire keys' }).click();
  await page.getByText('The old keys are retired.').waitFor();
  assert.equal(await published(), 2);
  await page.getByRole('link', { name: 'Audit log' }).click();
  await page.getByRole('row').filter({ hasText: 'retired our SAML keys' }).waitFor();
  await page.getByRole('row').filter({ hasText: 'created new SAML keys' }).waitFor();
  assert.deepEqual(complaints, []);
  await context.close();
});
