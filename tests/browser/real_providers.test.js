/** The set-up of single sign-on in a real browser, with each identity provider of tests/idps. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startAppliance } from '../idps/appliance.js';
import { PROVIDERS, running } from '../idps/providers.js';
import { heading, signIn, startBrowser, visitor } from './demo.js';

const SSO = '/o/acme/sso';

/** @type {Awaited<ReturnType<typeof startBrowser>>} */
let browser;
before(async () => { browser = await startBrowser(); });
after(() => browser.close());

/** Submits the form of a provider's page, which may have no button, or may already have been submitted by the page. */
async function send(page) {
  await page.evaluate(() => document.forms[0]?.submit()).catch(() => {});
}

/** Signs in as Alice at the provider, and submits its response to the callback. */
async function signInAtProvider(page, home) {
  await page.locator('[name="username"]').fill('alice');
  await page.locator('[name="password"]').fill('alicepass');
  await send(page);
  await page.locator('[name="SAMLResponse"]').waitFor({ state: 'attached', timeout: 5000 }).catch(() => {});
  if (!page.url().startsWith(home)) await send(page);
}

for (const provider of Object.keys(PROVIDERS)) {
  test(`${provider} is connected through the wizard, tested and turned on`, async (t) => {
    const appliance = await startAppliance();
    t.after(() => appliance.stop());
    const { entity_id: entityId } = await appliance.alice.api('GET', '/organisations/acme/sso');
    const idp = await running(provider, entityId, ['assertion']);
    t.after(() => idp.stop());
    const { page, context, complaints } = await visitor(browser);

    await signIn(page, appliance, 'alice@acme.test', SSO);
    await page.getByRole('link', { name: /^Other/ }).click();
    await page.getByRole('link', { name: 'Continue' }).click();
    await page.getByText('Paste its text instead').click();
    await page.getByLabel('Metadata XML').fill(idp.metadata);
    await page.getByRole('button', { name: 'Fill the form' }).click();
    await page.getByText('The form is filled').waitFor();
    await page.getByRole('button', { name: 'Save and continue' }).click();
    await page.getByRole('link', { name: 'Test sign-in' }).click();
    await signInAtProvider(page, appliance.url);

    await page.getByText('Tell your members where to sign in').waitFor();
    assert.equal(await heading(page), 'Single sign-on is on');
    assert.deepEqual(complaints, []);
    await context.close();
  });
}
