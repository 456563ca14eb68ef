import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PEOPLE, signIn, visitor } from './demo.js';
import { browser, demo, runDemo } from './running.js';

runDemo();

test('an operator sees who loses access before a plan’s sign-in method is changed', async () => {
  const { page, context, complaints } = await visitor(browser);
  await signIn(page, demo, PEOPLE.operator, '/operator/plans');
  const card = page.getByRole('listitem').filter({ has: page.getByRole('heading', { name: 'Business' }) });
  await card.getByText('Edit plan').click();
  await card.getByRole('button', { name: 'Preview changes' }).click();
  await page.getByText('Nothing has changed.').waitFor();
  await card.getByLabel('Members sign in by').selectOption('SAML');
  await card.getByLabel('Maximum people').fill('0');
  await card.getByRole('button', { name: 'Preview changes' }).click();
  await card.getByText('Maximum people must be 1 or more').waitFor();
  await card.getByLabel('Maximum people').fill('300');
  await card.getByRole('button', { name: 'Preview changes' }).click();
  const dialog = page.getByRole('dialog', { name: 'Edit Business?' });
  await dialog.getByText(PEOPLE.businessMember).waitFor();
  await dialog.getByRole('button', { name: 'Edit plan' }).click();
  await page.getByText('Business is changed.').waitFor();
  await card.getByText('Up to 300 people').waitFor();
  assert.equal(await page.getByRole('table').count(), 0, 'one organisation needs no table');
  assert.deepEqual(complaints, []);
  await context.close();
});

test('a change of a plan with several organisations shows the effect on each', async () => {
  const { page, context, complaints } = await visitor(browser);
  await signIn(page, demo, PEOPLE.operator, '/operator/plans');
  await page.evaluate(async () => {
    for (const name of ['Harbour Lights', 'Mill Lane']) {
      await fetch('/api/v1/organisations', {
        method: 'POST', headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ name, plan: 'enterprise', admin_email: 'hana@harbour.example' }),
      });
    }
  });
  await page.reload();
  const card = page.getByRole('listitem').filter({ has: page.getByRole('heading', { name: 'Enterprise' }) });
  await card.getByText('3 organisations').waitFor();
  await card.getByText('Edit plan').click();
  await card.getByLabel('Members sign in by').selectOption('Password');
  await card.getByRole('button', { name: 'Preview changes' }).click();
  const dialog = page.getByRole('dialog', { name: 'Edit Enterprise?' });
  const row = dialog.getByRole('row').filter({ hasText: 'Northwind Robotics' });
  await row.waitFor();
  assert.match(await row.innerText(), /[1-9]/);
  await dialog.getByRole('row').filter({ hasText: 'Mill Lane' }).waitFor();
  await dialog.getByText('Northwind Robotics: ').first().waitFor();
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  assert.deepEqual(complaints, []);
  await context.close();
});
