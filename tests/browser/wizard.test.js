/** The set-up of single sign-on with the guide of each provider. */

import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, test } from 'node:test';
import '../../docs/providers/in_node.js';
import { GUIDES } from '../../static/guides/providers.js';
import { places } from '../../static/guides/screen.js';
import { violations } from './axe.js';
import { PEOPLE, api, arrival, heading, signIn, visitor } from './demo.js';
import { assertFocused, press, tabTo } from './keyboard.js';
import { browser, demo, runDemo } from './running.js';

runDemo();

const SSO = '/o/birch-bakery/sso';
const TENANT = '3f8a1c52-7d3e-4b0a-9f66-0c1d2e3f4a5b';

/** The entity ID and sign-on URL in the metadata of each provider, in their real form. */
const THEIRS = {
  google: ['https://accounts.google.com/o/saml2?idpid=C01q2w3e4', 'https://accounts.google.com/o/saml2/idp?idpid=C01q2w3e4'],
  okta: ['http://www.okta.com/exk1fcia6d6EMsf331d8', 'https://birch.okta.com/app/birch_vestibule_1/exk1fcia6d6EMsf331d8/sso/saml'],
  entra: [`https://sts.windows.net/${TENANT}/`, `https://login.microsoftonline.com/${TENANT}/saml2`],
  keycloak: ['https://login.birch.example/realms/birch', 'https://login.birch.example/realms/birch/protocol/saml'],
  adfs: ['http://adfs.birch.example/adfs/services/trust', 'https://adfs.birch.example/adfs/ls/'],
  jumpcloud: ['https://birch.example/jumpcloud', 'https://sso.jumpcloud.com/saml2/vestibule'],
  onelogin: ['https://app.onelogin.com/saml/metadata/5f0c9a7e', 'https://birch.onelogin.com/trust/saml2/http-redirect/sso/5f0c9a7e'],
  other: ['urn:birch:idp', 'https://idp.birch.example/sso'],
};

/** The metadata of each provider, with the certificate of the practice provider, served over HTTP. */
let metadata = { of: async (_) => '', url: '', stop: () => {} };

async function prepare() {
  const practice = await (await fetch(`${demo.idp_url}/metadata`)).text();
  const own = /entityID="([^"]+)"/.exec(practice)?.[1] ?? '';
  const of = async (id) => {
    const [entityId, signOnUrl] = THEIRS[id].map((value) => value.replaceAll('&', '&amp;'));
    return practice.replaceAll(`"${own}"`, `"${entityId}"`).replaceAll(`"${demo.idp_url}/sso"`, `"${signOnUrl}"`);
  };
  const server = createServer(async ({ url }, answer) => answer.end(await of(url?.slice(1))));
  await new Promise((resolve) => { server.listen(0, '127.0.0.1', () => resolve(undefined)); });
  metadata = { of, url: `http://127.0.0.1:${server.address().port}`, stop: () => server.close() };
  const { page, context } = await visitor(browser);
  await signIn(page, demo, PEOPLE.operator, '/o/birch-bakery/settings');
  await page.getByRole('radio', { name: 'Enterprise' }).check();
  await page.getByRole('button', { name: 'Switch to Enterprise' }).click();
  await page.getByText('Birch Bakery is now on Enterprise.').waitFor();
  await context.close();
}

/** @type {Promise<void> | undefined} */
let prepared;

/** A window of an admin whose organisation is on the Enterprise plan. @param {import('playwright-core').BrowserContextOptions} [options] */
async function admin(options) {
  await (prepared ??= prepare());
  const window = await visitor(browser, options);
  await signIn(window.page, demo, PEOPLE.businessAdmin, SSO);
  return window;
}

after(() => metadata.stop());

/** Waits for a step of the set-up, and asserts that its heading has the focus and that it fits the width of the screen. @param {import('playwright-core').Page} page */
async function assertAtStep(page, step) {
  await page.waitForURL((url) => url.searchParams.get('step') === step);
  const name = step === 'activate' ? 'Done' : step;
  await page.locator('[aria-label="Set-up"] [aria-current="step"]', { hasText: new RegExp(name, 'i') }).waitFor();
  assert.equal(await page.evaluate(() => document.activeElement?.tagName), 'H1', `${step}: its heading has the focus`);
  const [wide, room] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
  assert.ok(wide <= room, `${step} is ${wide} wide`);
}

/** Copies our values from the page. Returns the number of pastes that this takes at the provider. */
async function copyOurs(page, guide) {
  const connection = await api(page, '/organisations/birch-bakery/sso');
  let pastes = 0;
  for (const [ours, fields] of places(guide)) {
    for (const field of fields) {
      await page.getByRole('button', { name: `Copy value for ${field}`, exact: true }).click();
      await page.getByText(`value for ${field} copied`).waitFor({ state: 'attached' });
      assert.equal(await page.evaluate(() => navigator.clipboard.readText()), connection[ours]);
      pastes += 1;
    }
  }
  return pastes;
}

/** Loads the provider's metadata. Returns the number of pastes that this takes. */
async function loadMetadata(page, guide) {
  if (guide.metadata === 'file') {
    const buffer = Buffer.from(await metadata.of(guide.id));
    await page.getByLabel('Metadata file').setInputFiles({ name: 'metadata.xml', mimeType: 'text/xml', buffer });
    await page.getByText('The form is filled').waitFor();
    assert.equal(await page.getByLabel(guide.labels.sign_on_url, { exact: true }).inputValue(), THEIRS[guide.id][1]);
    return 0;
  }
  await page.evaluate((text) => navigator.clipboard.writeText(text), `${metadata.url}/${guide.id}`);
  await page.getByLabel('Metadata URL').press('ControlOrMeta+V');
  await page.getByRole('button', { name: 'Load metadata' }).click();
  await page.locator('.facts', { hasText: guide.labels.sign_on_url }).getByText(THEIRS[guide.id][1], { exact: true }).waitFor();
  return 1;
}

for (const guide of GUIDES) {
  test(`${guide.name} is connected on a phone, with six pastes at most, and recognised afterwards`, async () => {
    const { page, context, complaints } = await admin({ viewport: { width: 360, height: 740 } });
    await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: demo.url });
    assert.equal(await heading(page), 'Choose your identity provider');
    await page.getByRole('link', { name: new RegExp(`^${guide.name}`) }).click();
    await assertAtStep(page, 'copy');
    assert.equal(await page.getByRole('img').filter({ hasText: guide.window }).count(), guide.steps.length, 'a picture of each screen');
    let pastes = await copyOurs(page, guide);
    await page.getByRole('link', { name: 'Continue' }).click();
    await assertAtStep(page, 'paste');
    pastes += await loadMetadata(page, guide);
    assert.ok(pastes <= 6, `${pastes} pastes`);
    await page.getByRole('button', { name: 'Save and continue' }).click();
    await assertAtStep(page, 'test');
    const { status, provider, sign_on_url, idp_entity_id } = await api(page, '/organisations/birch-bakery/sso');
    assert.deepEqual([status, provider, idp_entity_id, sign_on_url], ['draft', guide.provider, ...THEIRS[guide.id]]);

    await page.goto(`${demo.url}${SSO}`);
    assert.equal(await heading(page), 'Test sign-in');
    await page.getByRole('link', { name: 'Back' }).click();
    await assertAtStep(page, 'paste');
    assert.ok(page.url().endsWith(`provider=${guide.id}`), 'the provider is recognised by the saved addresses');
    await page.getByRole('link', { name: 'Test' }).click();
    await assertAtStep(page, 'test');
    await page.getByText('More about this draft').click();
    await page.getByRole('button', { name: 'Show who would be affected' }).click();
    const preview = page.getByRole('dialog', { name: 'Who would be affected by SAML-only?' });
    await preview.getByText('You cannot turn it on yet. The connection is not ready').waitFor();
    await preview.getByRole('button', { name: 'Close' }).click();
    await page.getByRole('button', { name: 'Remove connection' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Remove connection' }).click();
    await page.getByText('Single sign-on is removed.').waitFor();
    assert.deepEqual(complaints, []);
    await context.close();
  });
}

test('the whole set-up needs no mouse, from the tile to the first sign-in', async () => {
  const { page, context, complaints } = await admin();
  await press(page, /^Other/);
  await assertAtStep(page, 'copy');
  await press(page, /^Copy Entity ID$/);
  await press(page, /^Continue$/);
  await assertAtStep(page, 'paste');
  await tabTo(page, /^Metadata URL$/);
  await page.keyboard.type(`${demo.idp_url}/metadata`);
  await page.keyboard.press('Enter');
  await page.getByText('which is loaded once a day').waitFor();
  await press(page, /^Save and continue$/);
  await assertAtStep(page, 'test');
  await press(page, /^Test sign-in$/);
  await page.getByText('Who are you today?').waitFor();
  await press(page, /^Continue as Bruno Birch/);
  await assertAtStep(page, 'activate');
  await assertFocused(page, 'Single sign-on is on');
  await page.getByText('SSO is on. Members can sign in through SSO, or with their password as before.').waitFor();
  assert.equal(await page.getByRole('button', { name: /SAML-only/ }).count(), 0, 'SAML-only is a separate choice, for later');
  assert.deepEqual(await page.locator('.primary').allInnerTexts(), ['Done']);
  assert.deepEqual(await violations(page), []);
  await page.getByText('Later: require SSO for everyone').click();
  await page.getByText('Nothing more is needed now: SSO is on, and passwords still work.').waitFor();
  await press(page, /^invite anyone who is missing$/);
  await arrival(page, 'People');
  await assertFocused(page, 'E-mail');
  await page.goBack();
  await assertAtStep(page, 'activate');
  await press(page, /^Done$/);
  await page.getByText('Our values, for your identity provider').waitFor();
  await assertFocused(page, 'Single sign-on');
  assert.deepEqual(complaints, []);
  await context.close();
});
