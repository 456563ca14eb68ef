import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { PEOPLE, heading, signIn, visitor } from './demo.js';
import { browser, demo, runDemo } from './running.js';

runDemo();

const SSO = '/o/birch-bakery/sso';

test('SSO needs the Enterprise plan: the page says so, and the switch of the plan shows its effect first', async () => {
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

/** Opens the next step of the set-up by a link or button. */
async function openStep(page, name, step, role = 'link') {
  await page.getByRole(role, { name, exact: true }).click();
  await page.waitForURL((url) => url.searchParams.get('step') === step);
  await page.locator(`[aria-label="Set-up"] [aria-current="step"]`, { hasText: new RegExp(step, 'i') }).waitFor();
}

/** Opens the step in which the provider's values are entered. */
async function openForm(page, provider = 'google') {
  await signIn(page, demo, PEOPLE.businessAdmin, `${SSO}?step=paste&provider=${provider}`);
}

test('the form uses the chosen provider’s names for the fields', async () => {
  const { page, context } = await visitor(browser);
  await signIn(page, demo, PEOPLE.businessAdmin, SSO);
  const forms = {
    'Google Workspace': ['SSO Portal Key', 'Sign on URL', 'Application Identifier (Entity ID)', 'Certificate'],
    Okta: ['SSO Portal Key', 'Sign on URL', 'Issuer', 'Certificate'],
    'Microsoft Entra ID': ['SSO Portal Key', 'Login URL', 'Microsoft Entra Identifier', 'Certificate (Base64)'],
    Keycloak: ['SSO Portal Key', 'Sign on URL', 'Entity ID (Issuer)', 'Certificate'],
    ADFS: ['SSO Portal Key', 'Sign on URL', 'Federation Service identifier', 'Token-signing certificate'],
    JumpCloud: ['SSO Portal Key', 'IDP URL', 'IdP Entity ID', 'IDP Certificate'],
    OneLogin: ['SSO Portal Key', 'SAML 2.0 Endpoint (HTTP)', 'Issuer URL', 'X.509 Certificate'],
    Other: ['SSO Portal Key', 'Sign on URL', 'Entity ID (Issuer)', 'Certificate'],
  };
  await page.getByText('Provider not listed? Use Other').waitFor();
  for (const [provider, labels] of Object.entries(forms)) {
    await page.goto(`${demo.url}${SSO}`);
    await page.getByRole('link', { name: new RegExp(`^${provider}`) }).click();
    await page.waitForURL(/step=copy/);
    await openStep(page, 'Continue', 'paste');
    for (const label of labels) assert.ok(await page.getByLabel(label, { exact: true }).isVisible(), `${provider}: ${label}`);
  }
  await context.close();
});

test('our three values are shown before the first save, and can be copied', async () => {
  const { page, context } = await visitor(browser);
  await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: demo.url });
  await openForm(page);
  assert.equal(await page.getByLabel('SSO Portal Key').inputValue(), 'birch-bakery_SSO');
  await openStep(page, 'Back', 'copy');
  const patterns = { 'Entity ID': /\/saml\/[0-9a-f]+\/metadata$/, 'Callback URL': /\/saml\/[0-9a-f]+\/acs$/, 'Portal URL': /\/sso\?key=birch-bakery_SSO$/ };
  for (const [name, pattern] of Object.entries(patterns)) {
    await page.getByRole('button', { name: `Copy ${name}`, exact: true }).click();
    await page.getByText(`${name} copied`).waitFor({ state: 'attached' });
    assert.match(await page.evaluate(() => navigator.clipboard.readText()), pattern);
  }
  await context.close();
});

test('an error is shown beside its field', async () => {
  const { page, context } = await visitor(browser);
  await openForm(page);
  await page.getByLabel('SSO Portal Key').fill('no spaces');
  await page.getByLabel('Sign on URL').fill('https://idp.example/sso');
  await page.getByLabel('Application Identifier (Entity ID)').fill('https://idp.example');
  await page.getByLabel('Certificate', { exact: true }).fill('junk');
  await page.getByRole('button', { name: 'Save and continue', exact: true }).click();
  const field = page.getByLabel('SSO Portal Key');
  await page.getByText('SSO Portal Key must be 3 to 64 letters, digits, hyphens or underscores.').waitFor();
  assert.equal(await field.getAttribute('aria-invalid'), 'true');
  assert.match(await field.getAttribute('aria-describedby'), /portal_key-error/);
  assert.ok(await field.evaluate((element) => element === document.activeElement));
  await field.fill('birch_SSO');
  await page.getByRole('button', { name: 'Save and continue', exact: true }).click();
  await page.locator('#certificate-0-error').waitFor();
  assert.equal(await field.getAttribute('aria-invalid'), null);
  await context.close();
});

test('typed values are kept when moving between steps, and a later step cannot be opened too early', async () => {
  const { page, context } = await visitor(browser);
  await signIn(page, demo, PEOPLE.businessAdmin, `${SSO}?step=test`);
  assert.equal(await heading(page), 'Choose your identity provider');
  await page.getByRole('link', { name: /^Okta/ }).click();
  await page.waitForURL(/step=copy/);
  await openStep(page, 'Continue', 'paste');
  await page.getByLabel('SSO Portal Key').fill('birch_door');
  await page.getByLabel('Issuer').fill('http://www.okta.com/exk1');
  await page.getByLabel('Certificate', { exact: true }).fill('half of a cert');
  await page.getByLabel('Metadata URL').fill('https://acme.okta.example/meta');
  await page.locator('details.advanced summary').click();
  await page.getByLabel('Sign requests').check();
  await openStep(page, 'Back', 'copy');
  await openStep(page, 'Back', 'choose');
  await page.getByRole('link', { name: /^Google Workspace/ }).click();
  await page.waitForURL(/provider=google/);
  await page.goBack();
  await page.getByText('Choose your identity provider').waitFor();
  await page.goForward();
  await page.getByText('Copy our values to Google Workspace').waitFor();
  await openStep(page, 'Continue', 'paste');
  await page.reload();
  assert.equal(await page.getByLabel('SSO Portal Key').inputValue(), 'birch_door');
  assert.equal(await page.getByLabel('Application Identifier (Entity ID)').inputValue(), 'http://www.okta.com/exk1');
  assert.equal(await page.getByLabel('Certificate', { exact: true }).inputValue(), 'half of a cert');
  assert.equal(await page.getByLabel('Metadata URL').inputValue(), 'https://acme.okta.example/meta');
  await page.locator('details.advanced summary').click();
  assert.ok(await page.getByLabel('Sign requests').isChecked());
  await context.close();
});

test('an admin fills the form from metadata, a refused test returns with its trace, and after a successful one members can sign in', async () => {
  const { page, context, complaints } = await visitor(browser);
  await openForm(page, 'other');
  await page.getByText('Paste its text instead').click();
  await page.getByLabel('Metadata XML').fill(await (await fetch(`${demo.idp_url}/metadata`)).text());
  await page.getByRole('button', { name: 'Fill the form' }).click();
  await page.getByText('The form is filled from the metadata').waitFor();
  assert.equal(await page.getByLabel('Sign on URL').inputValue(), `${demo.idp_url}/sso`);
  await openStep(page, 'Save and continue', 'test', 'button');
  await page.getByText('Saved, but members cannot use it yet.').waitFor();

  await page.getByRole('link', { name: 'Test sign-in' }).click();
  await page.getByText('Let something go wrong').click();
  await page.getByLabel('No e-mail address').check();
  await page.getByRole('button', { name: 'Bruno Birch' }).click();
  await page.waitForURL((url) => url.pathname === SSO && url.searchParams.get('step') === 'test' && url.searchParams.has('attempt'));
  assert.equal(await heading(page), 'Test sign-in');
  await page.getByText('The assertion contains no e-mail address.').first().waitFor();
  await page.getByRole('heading', { name: 'Rule by rule' }).waitFor();
  await page.getByText('What to change').waitFor();
  await page.getByText('employee-4711').first().waitFor();

  await page.goto(`${demo.url}${SSO}`);
  await page.getByText('The assertion contains no e-mail address.').first().waitFor();
  await page.getByRole('link', { name: 'Test again' }).click();
  await page.getByRole('button', { name: 'Continue as Bruno Birch' }).click();
  await page.getByText('SSO is on. Members can sign in through SSO, or with their password as before.').waitFor();
  assert.equal(await heading(page), 'Single sign-on is on');
  await page.getByRole('button', { name: 'Copy Portal URL' }).waitFor();
  await page.getByText('Later: require SSO for everyone').waitFor();
  await page.getByRole('link', { name: 'Done', exact: true }).click();
  await page.getByText('Our values, for your identity provider').waitFor();
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

test('a chosen or dropped metadata file fills the form, and another certificate is added beside the first', async () => {
  const { page, context } = await visitor(browser);
  await signIn(page, demo, PEOPLE.businessAdmin, SSO);
  const text = await (await fetch(`${demo.idp_url}/metadata`)).text();
  const signOn = page.getByLabel('Sign on URL');
  await signOn.fill('https://elsewhere.example/sso');
  const dropped = await page.evaluateHandle((xml) => {
    const transfer = new DataTransfer();
    transfer.items.add(new File([xml], 'metadata.xml', { type: 'text/xml' }));
    return transfer;
  }, text);
  await page.locator('.drop[data-field=metadata_file]').dispatchEvent('drop', { dataTransfer: dropped });
  await page.getByText('The form is filled from the metadata').waitFor();
  assert.equal(await signOn.inputValue(), `${demo.idp_url}/sso`);
  await page.getByLabel('Metadata file').setInputFiles({ name: 'cat.xml', mimeType: 'text/xml', buffer: Buffer.from('meow') });
  await page.getByRole('alert').filter({ hasText: 'cat.xml is not an identity provider’s metadata' }).waitFor();
  assert.equal(await page.getByLabel('Metadata file').getAttribute('aria-invalid'), 'true');
  await page.getByLabel('Metadata file').setInputFiles({ name: 'idp.zip', mimeType: 'application/zip', buffer: Buffer.from('PK\x03\x04\0\0idp.xml') });
  await page.getByRole('alert').filter({ hasText: 'it is a ZIP archive; unpack it and load the provider\'s metadata itself' }).waitFor();
  await page.getByLabel('Metadata file').setInputFiles({ name: 'metadata.xml', mimeType: 'text/xml', buffer: Buffer.from(text) });
  await page.getByText('The form is filled from the metadata').waitFor();
  const first = page.getByLabel('Certificate', { exact: true });
  const pem = await first.inputValue();
  assert.match(pem, /BEGIN CERTIFICATE/);
  await page.getByRole('button', { name: 'Add another certificate' }).click();
  const second = page.getByLabel('Certificate 2');
  assert.ok(await second.evaluate((element) => element === document.activeElement));
  await second.fill('junk');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.locator('#certificate-1-error').waitFor();
  assert.equal(await first.inputValue(), pem);
  assert.equal(await second.inputValue(), 'junk');
  await context.close();
});

test('a certificate file in PEM or DER fills the first empty field or a new one, and a private key is refused', async () => {
  const { page, context } = await visitor(browser);
  await signIn(page, demo, PEOPLE.businessAdmin, SSO);
  const choose = (/** @type {string} */ name, /** @type {Buffer} */ buffer) =>
    page.getByLabel('Or a certificate file').setInputFiles({ name, mimeType: 'application/octet-stream', buffer });
  const der = readFileSync(new URL('../inputs/certificate.der.cer', import.meta.url));
  const pem = readFileSync(new URL('../inputs/certificate-bag-attributes.pem', import.meta.url));
  const box = (/** @type {number} */ number) => page.locator(`#certificate-${number}`);
  const before = await box(0).inputValue();
  const from = before ? 1 : 0;
  await choose('idp.cer', der);
  await page.getByText('idp.cer was added').waitFor();
  assert.equal(await box(from).inputValue(), der.toString('base64'));
  const sixteen = Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(pem.toString(), 'utf16le')]);
  await choose('idp.pem', sixteen);
  await page.getByText('idp.pem was added').waitFor();
  assert.equal(await box(from + 1).inputValue(), pem.toString());
  await choose('key.pem', Buffer.from('-----BEGIN PRIVATE KEY-----'));
  await page.getByRole('alert').filter({ hasText: 'key.pem contains a private key' }).waitFor();
  assert.equal(await box(from + 2).count(), 0);
  await context.close();
});

test('a connection follows the provider’s metadata URL until the values are entered by hand again', async () => {
  const { page, context, complaints } = await visitor(browser);
  await signIn(page, demo, PEOPLE.businessAdmin, SSO);
  await page.getByLabel('Metadata URL').fill('http://192.168.0.1/metadata');
  await page.getByRole('button', { name: 'Load metadata' }).click();
  await page.getByText('Metadata URL must use https; http is for loopback only.').waitFor();
  // Entering a value by hand empties the field of the URL that could not be loaded, so that the values can be saved.
  const signOn = page.getByLabel('Sign on URL');
  const before = await signOn.inputValue();
  await signOn.fill('https://idp.birch.example/by-hand');
  assert.equal(await page.getByLabel('Metadata URL').inputValue(), '');
  assert.equal(await page.getByText('Metadata URL must use https').count(), 0);
  await signOn.fill(before);
  await page.getByLabel('Metadata URL').fill(`${demo.idp_url}/metadata`);
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.getByText('The metadata at this address has not been loaded. Press Load metadata to take the values from it, or empty this field').waitFor();
  await page.getByRole('button', { name: 'Load metadata' }).click();
  await page.getByText('which is loaded once a day').waitFor();
  assert.equal(await page.getByLabel('Sign on URL').count(), 0);
  await page.getByRole('checkbox', { name: 'Accept new certificates that are found there' }).check();
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.getByRole('heading', { name: 'Provider’s metadata' }).waitFor();
  await page.getByRole('button', { name: 'Load now' }).click();
  await page.getByText('Loaded just now.').waitFor();
  assert.ok(await page.getByRole('checkbox', { name: 'Accept new certificates that are found there' }).isChecked());
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

test('the trace shows for each rule why a sign-in was refused', async () => {
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

test('removing the connection first names the people who are affected', async () => {
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
