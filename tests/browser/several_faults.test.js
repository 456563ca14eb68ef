/**
 * Forms show all errors, each beside its field, and not only the first one. `tests/it/several_faults.rs` tests the API
 * and the command line.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PEOPLE, signIn, visitor } from './demo.js';
import { browser, demo, runDemo } from './running.js';

runDemo();

/** The errors beside these fields, once all are shown. @param {import('playwright-core').Page} page @param {string[]} ids */
async function errorsAt(page, ids) {
  for (const id of ids) await page.locator(`[id="${id}-error"]`).waitFor();
  const invalid = await page.locator('[aria-invalid="true"]').evaluateAll((all) => all.map(({ id }) => id));
  assert.deepEqual(invalid, ids);
}

test('the form of a connection shows all errors', async () => {
  const { page, context, complaints } = await visitor(browser);
  await signIn(page, demo, PEOPLE.enterpriseAdmin, '/o/northwind-robotics/sso');
  await page.getByLabel('SSO Portal Key').fill('a b');
  await page.locator('#sign_on_url').fill('okta');
  await page.locator('#certificate-0').fill('junk');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await errorsAt(page, ['portal_key', 'sign_on_url', 'certificate-0']);
  assert.deepEqual(complaints, []);
  await context.close();
});

test('the forms of an organisation and of a plan show all errors', async () => {
  const { page, context, complaints } = await visitor(browser);
  await signIn(page, demo, PEOPLE.operator, '/operator/organisations');
  await page.getByLabel('Name', { exact: true }).fill('x'.repeat(101));
  await page.getByRole('radio', { name: 'Starter' }).check();
  const email = page.getByLabel('E-mail of its first admin');
  await email.evaluate((input) => { input.type = 'text'; });
  await email.fill('ann@acme..example');
  await page.getByRole('button', { name: 'Create organisation' }).click();
  await errorsAt(page, ['name', 'admin_email']);
  await page.goto(`${demo.url}/operator/plans`);
  const card = page.getByRole('listitem').filter({ has: page.getByRole('heading', { name: 'Starter', exact: true }) });
  await card.getByText('Edit plan').click();
  await card.getByLabel('Maximum people').fill('0');
  await card.getByLabel('Maximum workspaces').fill('0');
  await card.getByRole('button', { name: 'Preview changes' }).click();
  await errorsAt(page, ['starter-max_members', 'starter-max_workspaces']);
  assert.deepEqual(complaints, []);
  await context.close();
});

test('the form of an API key shows all errors', async () => {
  const { page, context, complaints } = await visitor(browser);
  await signIn(page, demo, PEOPLE.businessAdmin, '/o/birch-bakery/keys');
  await page.getByLabel('Name', { exact: true }).fill('x'.repeat(101));
  await page.getByRole('button', { name: 'Create key' }).click();
  await page.locator('#name-error').waitFor();
  await page.locator('#scopes-error').waitFor();
  assert.deepEqual(complaints, []);
  await context.close();
});
