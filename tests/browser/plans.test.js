import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PEOPLE, signIn, visitor } from './demo.js';
import { browser, demo, runDemo } from './running.js';

runDemo();

test('an operator changes a plan’s auth mode after seeing whom it shuts out', async () => {
  const { page, context, complaints } = await visitor(browser);
  await signIn(page, demo, PEOPLE.operator, '/operator/plans');
  const card = page.getByRole('listitem').filter({ has: page.getByRole('heading', { name: 'Business' }) });
  await card.getByText('Change this plan').click();
  await card.getByLabel('Members sign in by').selectOption('SAML');
  await card.getByLabel('Most people').fill('0');
  await card.getByRole('button', { name: 'Show what happens' }).click();
  await card.getByText('Most people must be 1 or more').waitFor();
  await card.getByLabel('Most people').fill('300');
  await card.getByRole('button', { name: 'Show what happens' }).click();
  const dialog = page.getByRole('dialog', { name: 'Change Business?' });
  await dialog.getByText(PEOPLE.businessMember).waitFor();
  await dialog.getByRole('button', { name: 'Change plan' }).click();
  await page.getByText('Business is changed.').waitFor();
  await card.getByText('Up to 300 people').waitFor();
  assert.deepEqual(complaints, []);
  await context.close();
});
