/** The set-up of SSO by a person without an account, through a set-up link. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { violations } from './axe.js';
import { PEOPLE, api, arrival, heading, signIn, visitor } from './demo.js';
import { browser, demo, runDemo } from './running.js';

runDemo();

const SSO = '/o/birch-bakery/sso';

/** @param {import('playwright-core').Page} page */
const fitsWidth = (page) => page.evaluate(() => document.documentElement.scrollWidth <= document.documentElement.clientWidth);

/** Opens an admin's page and creates a set-up link; returns the page and the link. */
async function createSetUpLink() {
  const admin = await visitor(browser);
  await signIn(admin.page, demo, PEOPLE.operator);
  await api(admin.page, '/organisations/birch-bakery/plan', { method: 'PUT', body: { plan: 'enterprise' } });
  await signIn(admin.page, demo, PEOPLE.businessAdmin, SSO);
  await admin.page.getByText('Send this to your IT admin').click();
  await admin.page.getByText('you get an e-mail if a mail server is set up').waitFor();
  await admin.page.getByLabel('Recipient').fill('Ida of IT');
  await admin.page.getByLabel('Valid for').selectOption('14');
  await admin.page.getByRole('button', { name: 'Create link' }).click();
  await admin.page.getByText('It will not be shown again.').waitFor();
  const link = await admin.page.locator('[data-value]', { hasText: '/sso-setup?token=' }).innerText();
  return { ...admin, link };
}

test('a set-up link of an organisation whose plan lost SSO can be revoked', async () => {
  const { page, context } = await createSetUpLink();
  await signIn(page, demo, PEOPLE.operator);
  await api(page, '/organisations/birch-bakery/plan', { method: 'PUT', body: { plan: 'business' } });
  await signIn(page, demo, PEOPLE.businessAdmin, SSO);
  await page.getByText('They do not work on this plan.').waitFor();
  assert.deepEqual(await violations(page), []);
  await page.getByRole('button', { name: 'Revoke Ida of IT' }).click();
  await page.getByRole('button', { name: 'Revoke link' }).click();
  await page.getByText('The link is revoked.').waitFor();
  assert.equal(await page.getByText('They do not work on this plan.').count(), 0);
  await context.close();
});

test('a person without an account sets up SSO through a link, and the admin’s test sign-in revokes the link', async () => {
  const admin = await createSetUpLink();
  assert.deepEqual(await violations(admin.page), []);
  const ida = await visitor(browser);
  await ida.page.goto(admin.link);
  assert.equal(await heading(ida.page), 'Choose your identity provider');
  assert.ok(!ida.page.url().includes('token'), ida.page.url());
  await ida.page.reload();
  assert.equal(await heading(ida.page), 'Choose your identity provider');
  assert.deepEqual(await ida.context.cookies(), []);
  assert.deepEqual(await violations(ida.page), []);
  await ida.page.setViewportSize({ width: 360, height: 740 });
  assert.ok(await fitsWidth(ida.page), 'the page fits the width of the screen');
  await ida.page.getByRole('link', { name: /^Other/ }).click();
  await arrival(ida.page, 'Copy our values to your provider');
  assert.ok(await fitsWidth(ida.page), 'the page fits the width of the screen');
  await ida.page.getByRole('link', { name: 'Continue' }).click();
  await arrival(ida.page, 'Paste your provider’s values');
  assert.deepEqual(await violations(ida.page), []);
  assert.ok(await fitsWidth(ida.page), 'the page fits the width of the screen');
  await ida.page.getByText('Paste its text instead').click();
  await ida.page.getByLabel('Metadata XML').fill(await (await fetch(`${demo.idp_url}/metadata`)).text());
  await ida.page.getByRole('button', { name: 'Fill the form' }).click();
  await ida.page.getByText('The form is filled from the metadata').waitFor();
  await ida.page.getByRole('button', { name: 'Save and continue' }).click();
  await ida.page.getByText('The settings are saved.').waitFor();
  await ida.page.getByText('get an e-mail if a mail server is set up').waitFor();
  assert.equal(await ida.page.getByText('Settings have been entered already.').count(), 0);

  // A later visit distinguishes settings that were saved earlier from those saved during the visit.
  const later = await visitor(browser);
  await later.page.goto(`${admin.link}`);
  await later.page.getByText('Settings have been entered already.').waitFor();
  assert.equal(await later.page.getByText('The settings are saved.').count(), 0);
  assert.deepEqual(await violations(later.page), []);
  await later.page.getByRole('button', { name: 'Save and continue' }).click();
  await later.page.getByRole('status').getByText('The settings are saved.').waitFor();
  assert.deepEqual(later.complaints, []);
  await later.context.close();

  await admin.page.goto(`${demo.url}${SSO}`);
  await admin.page.getByText('Send this to your IT admin').click();
  await admin.page.getByRole('button', { name: 'Revoke Ida of IT' }).waitFor();
  await admin.page.getByRole('link', { name: 'Test sign-in' }).click();
  await admin.page.getByRole('button', { name: 'Continue as Bruno Birch' }).click();
  await admin.page.getByText('Tell your members where to sign in').waitFor();
  assert.equal(await admin.page.getByText('Send this to your IT admin').count(), 0);
  await ida.page.reload();
  assert.equal(await heading(ida.page), 'Single sign-on is set up');
  assert.deepEqual([...ida.complaints, ...admin.complaints], []);
  await ida.context.close();
  await admin.context.close();
});

test('an unknown set-up link shows a message, and not the sign-in page', async () => {
  const { page, context } = await visitor(browser);
  for (const address of ['/sso-setup', '/sso-setup?token=unknown']) {
    await page.goto(`${demo.url}${address}`);
    assert.equal(await heading(page), 'This set-up link no longer works');
  }
  assert.equal(new URL(page.url()).pathname, '/sso-setup');
  await context.close();
});
