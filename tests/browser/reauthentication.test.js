import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { PEOPLE, signIn, visitor } from './demo.js';
import { violations } from './axe.js';
import { browser, demo, runDemo } from './running.js';

runDemo(['--reauthentication-minutes', '1']);

/** Longer than a sign-in is fresh, in milliseconds: a confirmation is then needed. */
const STALE_MS = 61_000;

/** Enters the name of a new key and submits the form. @param {import('playwright-core').Page} page @param {string} name */
async function createKey(page, name) {
  await page.getByLabel('Name').fill(name);
  await page.getByRole('checkbox', { name: 'Read' }).check();
  await page.getByRole('button', { name: 'Create key' }).click();
}

test('a sensitive change asks to confirm the identity, by password or single sign-on, and then continues', async () => {
  const ben = await visitor(browser);
  const nora = await visitor(browser, { viewport: { width: 360, height: 740 } });
  await signIn(ben.page, demo, PEOPLE.businessAdmin, '/o/birch-bakery/keys');
  await signIn(nora.page, demo, PEOPLE.enterpriseAdmin, '/o/northwind-robotics/sso');
  await nora.page.getByRole('link', { name: 'Test sign-in' }).click();
  await nora.page.getByRole('button', { name: 'Nora North' }).click();
  await nora.page.waitForURL('**/o/northwind-robotics/sso**');
  await nora.page.goto(`${demo.url}/o/northwind-robotics/keys`);
  await wait(STALE_MS);

  const { page } = ben;
  await createKey(page, 'Payroll');
  const dialog = page.getByRole('dialog', { name: 'Confirm that it is you' });
  await dialog.waitFor();
  assert.equal(await page.evaluate(() => document.activeElement?.id), 'confirm-password');
  assert.equal(await page.getByText('Working …').isVisible(), false, 'the page shows no progress while it waits for the person');
  assert.deepEqual(await violations(page), []);
  await dialog.getByLabel('Your password').fill('not the password');
  await page.keyboard.press('Enter');
  await dialog.getByText('That is not your password.').waitFor();
  await page.keyboard.press('Escape');
  await page.getByText('Nothing was changed').waitFor();
  assert.equal(await page.getByLabel('Name').inputValue(), 'Payroll', 'the typed text is kept');
  await page.getByRole('button', { name: 'Create key' }).click();
  await dialog.getByLabel('Your password').fill(demo.people.find((one) => one.email === PEOPLE.businessAdmin).password);
  await page.keyboard.press('Enter');
  await page.getByText('Payroll is created.').waitFor();
  await createKey(page, 'Backup');
  await page.getByText('Backup is created.').waitFor();

  await createKey(nora.page, 'Directory');
  const asked = nora.page.getByRole('dialog', { name: 'Confirm that it is you' });
  await asked.waitFor();
  assert.deepEqual(await violations(nora.page), []);
  const [tab] = await Promise.all([
    nora.context.waitForEvent('page'),
    asked.getByRole('link', { name: 'Confirm with single sign-on' }).click(),
  ]);
  await tab.getByRole('button', { name: 'Nora North' }).click();
  await tab.getByRole('heading', { name: 'Identity confirmed' }).waitFor();
  assert.deepEqual(await violations(tab), []);
  await nora.page.getByText('Directory is created.').waitFor();
  assert.equal(await asked.count(), 0);
  assert.deepEqual([...ben.complaints, ...nora.complaints], []);
  await ben.context.close();
  await nora.context.close();
});

test('switching a plan and deleting an organisation require an operator to confirm their identity; a dry run does not', async () => {
  const { page, context, complaints } = await visitor(browser);
  await signIn(page, demo, PEOPLE.operator, '/o/northwind-robotics/settings');
  await wait(STALE_MS);
  const dialog = page.getByRole('dialog', { name: 'Confirm that it is you' });
  await page.getByRole('radio', { name: 'Business' }).check();
  await page.getByText('1 person loses access').waitFor();
  assert.equal(await dialog.count(), 0, 'a dry run needs no confirmation');
  await page.getByRole('button', { name: 'Switch to Business' }).click();
  await dialog.waitFor();
  await page.keyboard.press('Escape');
  await page.getByText('Nothing was changed').waitFor();
  await page.getByRole('button', { name: 'Switch to Business' }).click();
  await dialog.getByLabel('Your password').fill(demo.people.find((one) => one.email === PEOPLE.operator).password);
  await page.keyboard.press('Enter');
  await page.getByText('Northwind Robotics is now on Business.').waitFor();

  await wait(STALE_MS);
  await page.getByRole('button', { name: 'Delete organisation' }).click();
  const sure = page.getByRole('dialog', { name: 'Delete Northwind Robotics?' });
  await sure.getByRole('textbox').fill('Northwind Robotics');
  await sure.getByRole('button', { name: 'Delete organisation' }).click();
  await dialog.getByLabel('Your password').fill(demo.people.find((one) => one.email === PEOPLE.operator).password);
  await page.keyboard.press('Enter');
  await page.waitForURL('**/operator/organisations');
  assert.deepEqual(complaints, []);
  await context.close();
});
