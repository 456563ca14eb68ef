import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PEOPLE, heading, visitor } from './demo.js';
import { assertFocused, tabTo, typeSignIn } from './keyboard.js';
import { browser, demo, runDemo } from './running.js';

runDemo();

/** @param {import('playwright-core').Page} page */
async function signInByKeys(page) {
  await page.goto(`${demo.url}/login`);
  await typeSignIn(page, demo.people.find((one) => one.email === PEOPLE.enterpriseAdmin));
  await page.waitForURL((url) => url.pathname !== '/login');
  await heading(page);
}

test('signing in, editing single sign-on and testing it need no mouse', async () => {
  const { page, context, complaints } = await visitor(browser);
  await signInByKeys(page);
  await tabTo(page, /^Single sign-on$/);
  await page.keyboard.press('Enter');
  await page.getByText('Our values, for your identity provider').waitFor();
  await assertFocused(page, 'Single sign-on', 'the new page’s heading has the focus');
  await tabTo(page, /^Copy Entity ID$/);
  await tabTo(page, /^Other/);
  await page.keyboard.press('ArrowUp');
  await page.getByLabel('SAML 2.0 Endpoint (HTTP)').waitFor();
  await page.keyboard.press('ArrowDown');
  await tabTo(page, /^SSO Portal Key$/);
  await page.keyboard.press('Control+A');
  await page.keyboard.type('northwind-door');
  await page.keyboard.press('Enter');
  await page.getByText('Saved.').waitFor();

  await page.goto(page.url());
  await tabTo(page, /^Test sign-in$/);
  await page.keyboard.press('Enter');
  await page.getByText('Who are you today?').waitFor();
  await tabTo(page, /^Continue as Nora North/);
  await page.keyboard.press('Enter');
  await page.waitForURL(`${demo.url}/o/northwind-robotics/sso`);
  assert.equal(await heading(page), 'Single sign-on');
  assert.deepEqual(complaints, []);
  await context.close();
});

test('the skip link skips the navigation and does not load the page again', async () => {
  const { page, context } = await visitor(browser);
  await signInByKeys(page);
  const before = await heading(page);
  await page.goto(page.url());
  await heading(page);
  await page.evaluate(() => /** @type {HTMLElement} */ (document.activeElement)?.blur());
  await tabTo(page, /^Skip to content$/);
  await page.keyboard.press('Enter');
  await page.waitForFunction(() => document.activeElement?.id === 'main');
  assert.equal(await heading(page), before);
  await context.close();
});

test('a dialog keeps the focus inside, is closed by Escape, and restores the focus', async () => {
  const { page, context } = await visitor(browser);
  await signInByKeys(page);
  await page.goto(`${demo.url}/o/northwind-robotics/sso`);
  await heading(page);
  await tabTo(page, /^Remove connection$/);
  await page.keyboard.press('Enter');
  await page.getByRole('dialog').waitFor();
  for (let pressed = 0; pressed < 8; pressed += 1) {
    await page.keyboard.press('Tab');
    assert.ok(await page.evaluate(() => !document.activeElement || document.activeElement === document.body || Boolean(document.activeElement.closest('dialog'))));
  }
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await assertFocused(page, 'Remove connection');
  await context.close();
});

test('an API key is created without a mouse, and deleting it moves the focus to the heading', async () => {
  const { page, context, complaints } = await visitor(browser);
  await signInByKeys(page);
  await page.goto(`${demo.url}/o/northwind-robotics/keys`);
  await heading(page);
  await tabTo(page, /^Name$/);
  await page.keyboard.type('Directory');
  await tabTo(page, /^Manage members/);
  await page.keyboard.press('Space');
  await tabTo(page, /^Create key$/);
  await page.keyboard.press('Enter');
  await page.getByText('Directory is created.').waitFor();
  await assertFocused(page, 'API key');
  await tabTo(page, /^Copy API key Directory$/);
  await page.goto(page.url());
  await heading(page);
  await tabTo(page, /^Delete Directory$/);
  await page.keyboard.press('Enter');
  await page.getByRole('dialog').waitFor();
  await tabTo(page, /^Delete key$/);
  await page.keyboard.press('Enter');
  await page.getByText('Directory is deleted.').waitFor();
  await assertFocused(page, 'API keys');
  assert.deepEqual(complaints, []);
  await context.close();
});

test('the audit log is filtered and an entry unfolded without a mouse', async () => {
  const { page, context } = await visitor(browser);
  await signInByKeys(page);
  await page.goto(`${demo.url}/o/northwind-robotics/audit`);
  await heading(page);
  await tabTo(page, /^Kind$/);
  await page.keyboard.type('SSO');
  await page.keyboard.press('Enter');
  await tabTo(page, /^Show$/);
  await page.keyboard.press('Enter');
  await page.waitForURL('**/audit?resource_type=connection');
  await page.getByRole('link', { name: 'Clear filters' }).waitFor();
  await assertFocused(page, 'Audit log');
  await tabTo(page, /^Details of: .* saved the SSO settings/);
  await page.keyboard.press('Enter');
  await page.getByText('Sign-on URL').waitFor();
  await context.close();
});
