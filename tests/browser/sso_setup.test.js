import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PEOPLE, heading, signIn, visitor } from './demo.js';
import { browser, demo, runDemo } from './running.js';

runDemo();

const SSO = '/o/birch-bakery/sso';

test('SSO opens with the Enterprise plan: an upgrade notice, then a switch whose effect is seen first', async () => {
  const { page, context } = await visitor(browser);
  await signIn(page, demo, PEOPLE.businessAdmin, SSO);
  await page.getByText('Single sign-on comes with the Enterprise plan.').waitFor();
  assert.equal(await page.getByLabel('SSO Portal Key').count(), 0);

  await signIn(page, demo, PEOPLE.operator, '/o/birch-bakery/settings');
  assert.equal(await page.getByRole('button', { name: /^Switch to/ }).count(), 0);
  await page.getByRole('radio', { name: 'Enterprise' }).check();
  await page.getByText('4 people keep access').waitFor();
  await page.getByRole('button', { name: 'Switch to Enterprise' }).click();
  await page.getByText('Birch Bakery is now on Enterprise.').waitFor();
  await context.close();
});

test('each provider’s form has that provider’s words', async () => {
  const { page, context } = await visitor(browser);
  await signIn(page, demo, PEOPLE.businessAdmin, SSO);
  const forms = {
    'Google Workspace': ['SSO Portal Key', 'Sign on URL', 'Application Identifier (Entity ID)', 'Certificate'],
    Okta: ['SSO Portal Key', 'Sign on URL', 'Issuer', 'Certificate'],
    'Microsoft Entra ID': ['SSO Portal Key', 'Login URL', 'Microsoft Entra Identifier', 'Certificate (Base64)'],
    Other: ['SSO Portal Key', 'Sign on URL', 'Entity ID (Issuer)', 'Certificate'],
  };
  for (const [provider, labels] of Object.entries(forms)) {
    await page.getByRole('radio', { name: provider }).check();
    for (const label of labels) assert.ok(await page.getByLabel(label, { exact: true }).isVisible(), `${provider}: ${label}`);
  }
  await page.getByText('Provider not listed? Use Other').waitFor();
  await context.close();
});

test('our three values are there before the first save, and can be copied', async () => {
  const { page, context } = await visitor(browser);
  await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: demo.url });
  await signIn(page, demo, PEOPLE.businessAdmin, SSO);
  assert.equal(await page.getByLabel('SSO Portal Key').inputValue(), 'birch-bakery_SSO');
  const patterns = { 'Entity ID': /\/saml\/[0-9a-f]+\/metadata$/, 'Callback URL': /\/saml\/[0-9a-f]+\/acs$/, 'Portal URL': /\/sso\?key=birch-bakery_SSO$/ };
  for (const [name, pattern] of Object.entries(patterns)) {
    await page.getByRole('button', { name: `Copy ${name}`, exact: true }).click();
    await page.getByText(`${name} copied`).waitFor({ state: 'attached' });
    assert.match(await page.evaluate(() => navigator.clipboard.readText()), pattern);
  }
  await context.close();
});

test('a wrong value is told beside its field', async () => {
  const { page, context } = await visitor(browser);
  await signIn(page, demo, PEOPLE.businessAdmin, SSO);
  await page.getByLabel('SSO Portal Key').fill('no spaces');
  await page.getByLabel('Sign on URL').fill('https://idp.example/sso');
  await page.getByLabel('Application Identifier (Entity ID)').fill('https://idp.example');
  await page.getByLabel('Certificate', { exact: true }).fill('junk');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  const field = page.getByLabel('SSO Portal Key');
  await page.getByText('SSO Portal Key must be 3 to 64 letters, digits, hyphens or underscores.').waitFor();
  assert.equal(await field.getAttribute('aria-invalid'), 'true');
  assert.match(await field.getAttribute('aria-describedby'), /portal_key-error/);
  assert.ok(await field.evaluate((element) => element === document.activeElement));
  await field.fill('birch_SSO');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.locator('#certificate-0-error').waitFor();
  assert.equal(await field.getAttribute('aria-invalid'), null);
  await context.close();
});

test('an admin fills the form from metadata, saves, tests, and members sign in by key and by portal URL', async () => {
  const { page, context, complaints } = await visitor(browser);
  await signIn(page, demo, PEOPLE.businessAdmin, SSO);
  await page.getByRole('radio', { name: 'Other' }).check();
  await page.getByText('Fill the form from the provider’s metadata').click();
  await page.getByLabel('Metadata XML').fill(await (await fetch(`${demo.idp_url}/metadata`)).text());
  await page.getByRole('button', { name: 'Fill the form' }).click();
  await page.getByText('The form is filled from the metadata').waitFor();
  assert.equal(await page.getByLabel('Sign on URL').inputValue(), `${demo.idp_url}/sso`);
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.getByText('Saved, but not open to members yet.').waitFor();

  await page.getByRole('link', { name: 'Test sign-in' }).click();
  await page.getByRole('button', { name: 'Continue as Bruno Birch' }).click();
  await page.getByText('Members can sign in through SSO').waitFor();
  assert.deepEqual(complaints, []);

  for (const way of [bySsoField, byPortalUrl]) {
    const member = await visitor(browser);
    await way(member.page);
    await member.page.getByRole('button', { name: 'Continue as Bruno Birch' }).click();
    await member.page.getByText('Bruno Birch').first().waitFor();
    assert.equal(new URL(member.page.url()).origin, demo.url);
    await member.context.close();
  }
  await context.close();
});

test('a metadata file fills the form, and another certificate finds its place beside the first', async () => {
  const { page, context } = await visitor(browser);
  await signIn(page, demo, PEOPLE.businessAdmin, SSO);
  await page.getByText('Fill the form from the provider’s metadata').click();
  const buffer = Buffer.from(await (await fetch(`${demo.idp_url}/metadata`)).arrayBuffer());
  await page.getByLabel('Metadata file').setInputFiles({ name: 'metadata.xml', mimeType: 'text/xml', buffer });
  await page.getByText('The form is filled from the metadata').waitFor();
  const first = page.getByLabel('Certificate', { exact: true });
  const text = await first.inputValue();
  assert.match(text, /BEGIN CERTIFICATE/);
  await page.getByRole('button', { name: 'Add another certificate' }).click();
  const second = page.getByLabel('Certificate 2');
  assert.ok(await second.evaluate((element) => element === document.activeElement));
  await second.fill('junk');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.locator('#certificate-1-error').waitFor();
  assert.equal(await first.inputValue(), text);
  assert.equal(await second.inputValue(), 'junk');
  await context.close();
});

test('a connection follows the provider’s metadata URL until the values are entered by hand again', async () => {
  const { page, context, complaints } = await visitor(browser);
  await signIn(page, demo, PEOPLE.businessAdmin, SSO);
  await page.getByText('Fill the form from the provider’s metadata').click();
  await page.getByLabel('Metadata URL').fill('http://192.168.0.1/metadata');
  await page.getByRole('button', { name: 'Fetch it' }).click();
  await page.getByText('Metadata URL must use https; http is for loopback only.').waitFor();
  await page.getByLabel('Metadata URL').fill(`${demo.idp_url}/metadata`);
  await page.getByRole('button', { name: 'Fetch it' }).click();
  await page.getByText('which is looked at each day').waitFor();
  assert.equal(await page.getByLabel('Sign on URL').count(), 0);
  await page.getByRole('checkbox', { name: 'Take new certificates that are found there' }).check();
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.getByRole('heading', { name: 'Provider’s metadata' }).waitFor();
  await page.getByRole('button', { name: 'Look now' }).click();
  await page.getByText('Fetched just now.').waitFor();
  assert.ok(await page.getByRole('checkbox', { name: 'Take new certificates that are found there' }).isChecked());
  await page.getByRole('button', { name: 'Enter the values by hand instead' }).click();
  assert.equal(await page.getByLabel('Sign on URL').inputValue(), `${demo.idp_url}/sso`);
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.getByRole('heading', { name: 'Provider’s metadata' }).waitFor({ state: 'detached' });
  assert.deepEqual(complaints, []);
  await context.close();
});

/** @param {import('playwright-core').Page} page */
async function bySsoField(page) {
  await page.goto(`${demo.url}/login`);
  await page.getByLabel('SSO Portal Key').fill('birch-bakery_SSO');
  await page.getByRole('button', { name: 'Sign in with SSO' }).click();
}

/** @param {import('playwright-core').Page} page */
const byPortalUrl = (page) => page.goto(`${demo.url}/sso?key=birch-bakery_SSO`);

test('the trace tells rule by rule why somebody was refused', async () => {
  const stranger = await visitor(browser);
  await stranger.page.goto(`${demo.url}/sso?key=birch-bakery_SSO`);
  await stranger.page.getByRole('button', { name: 'Continue as Sam Stranger' }).click();
  await stranger.page.getByRole('alert').waitFor();
  await stranger.context.close();

  const { page, context } = await visitor(browser);
  await signIn(page, demo, PEOPLE.businessAdmin, SSO);
  await page.getByRole('link', { name: 'All SSO sign-ins' }).click();
  await page.getByRole('row', { name: /sam@elsewhere.example/ }).getByRole('link').click();
  await page.getByRole('heading', { name: 'Why it was refused' }).waitFor();
  assert.match(await heading(page), /^Sign-in [0-9A-Z]{6}$/);
  await page.getByText('What to change').waitFor();
  assert.ok(await page.getByText('passed').count() > 10);
  await context.close();
});

test('removing the connection names who is concerned first', async () => {
  const { page, context } = await visitor(browser);
  await signIn(page, demo, PEOPLE.businessAdmin, SSO);
  await page.getByRole('button', { name: 'Remove connection' }).click();
  const dialog = page.getByRole('dialog', { name: 'Remove single sign-on?' });
  await dialog.getByText('4 people keep access').waitFor();
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'Remove connection' }).click();
  await dialog.getByRole('button', { name: 'Remove connection' }).click();
  await page.getByText('Single sign-on is removed.').waitFor();
  await page.getByText('Not set up').waitFor();
  await context.close();
});
