/** The set-up of an appliance and the next steps, the person’s sessions, and the list of organisations. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FIRST, PEOPLE, arrival, heading, setUp, signIn, startEmpty, visitor } from './demo.js';
import { assertFocused } from './keyboard.js';
import { browser, demo, runDemo } from './running.js';

runDemo();

test('the set-up shows the strength of the password as it is typed, and ends at the next steps', async (t) => {
  const empty = await startEmpty();
  t.after(empty.stop);
  const { page, context, complaints } = await visitor(browser, { permissions: ['clipboard-read', 'clipboard-write'] });
  await page.goto(empty.setUpLink);
  await page.getByLabel('E-mail').fill(FIRST.email);
  await page.getByLabel('Password', { exact: true }).fill('short');
  await page.getByText('It must be at least 12 characters').waitFor();
  await page.getByLabel('Password', { exact: true }).fill('ada@acme.example');
  await page.getByText('add another uncommon word').waitFor();
  await page.getByLabel('Password', { exact: true }).fill(FIRST.password);
  await page.getByText('Very strong.').waitFor();
  await setUp(page, empty);
  const appliance = page.getByRole('region', { name: 'Next steps for Vestibule' });
  await appliance.getByText('2 of 4 done').waitFor();
  const acme = page.getByRole('region', { name: 'Next steps for Acme' });
  await acme.getByRole('link', { name: 'Invite your people', exact: true }).click();
  await page.waitForURL('**/members#invite');
  await arrival(page, 'Members');
  await assertFocused(page, 'E-mail');
  await page.getByLabel('E-mail', { exact: true }).fill('bob@acme.example');
  await page.getByRole('button', { name: 'Invite', exact: true }).click();
  await page.getByText('bob@acme.example is invited.').waitFor();
  await page.getByRole('button', { name: 'Copy bob@acme.example' }).click();
  await page.getByRole('link', { name: 'People', exact: true }).click();
  await arrival(page, 'People');
  await page.getByRole('link', { name: 'Invite people' }).click();
  await page.waitForFunction(() => document.activeElement?.id === 'email');
  assert.equal(await page.getByRole('group', { name: 'Workspaces' }).count(), 0, 'there is only one workspace');
  await page.getByLabel('E-mail', { exact: true }).fill('carl@acme.example');
  await page.getByRole('button', { name: 'Invite', exact: true }).click();
  await page.getByText('carl@acme.example is invited to Acme.').waitFor();
  await page.getByRole('button', { name: 'Copy carl@acme.example' }).click();
  await page.goto(`${empty.url}/workspaces`);
  await appliance.waitFor();
  assert.equal(await acme.count(), 0, 'the list disappears when all steps are done');
  assert.deepEqual(complaints, []);
  await context.close();
});

test('next steps can be hidden and shown again, for one organisation in one browser', async () => {
  const { page, context, complaints } = await visitor(browser);
  await signIn(page, demo, PEOPLE.enterpriseAdmin, '/workspaces');
  const steps = page.getByRole('region', { name: 'Next steps for Northwind Robotics' });
  await steps.getByText('Let members sign in through SSO', { exact: true }).waitFor();
  await steps.getByText(/of \d+ have signed in through it so far/).waitFor();
  await steps.getByRole('button', { name: 'Hide' }).click();
  await steps.waitFor({ state: 'detached' });
  await page.reload();
  await page.getByRole('button', { name: 'Next steps for Northwind Robotics: 1 step left' }).click();
  await steps.waitFor();
  assert.deepEqual(complaints, []);
  await signIn(page, demo, PEOPLE.enterpriseMember, '/workspaces');
  assert.equal(await steps.count(), 0, 'a member sees no next steps');
  await context.close();
});

test('one button, after a confirmation, ends all other sessions', async () => {
  const [here, there] = [await visitor(browser), await visitor(browser)];
  await signIn(there.page, demo, PEOPLE.businessMember, '/account');
  await signIn(here.page, demo, PEOPLE.businessMember, '/account');
  const { page } = here;
  await page.getByText('Birch Bakery by password').first().waitFor();
  await page.getByRole('button', { name: 'End all others' }).click();
  await page.getByRole('dialog').getByRole('button', { name: /^End \d+ sessions?$/ }).click();
  await page.getByText('Your other sessions are ended.').waitFor();
  const left = page.locator('section').filter({ has: page.getByRole('heading', { name: 'Sessions', exact: true }) }).locator('tbody tr');
  assert.equal(await left.count(), 1);
  assert.equal(await page.getByRole('button', { name: 'End all others' }).count(), 0);
  await there.page.reload();
  await there.page.waitForURL('**/login?error=session_over&return=%2Faccount');
  await page.getByLabel('New password').fill('aaaaaaaaaaaaaaaa');
  await page.getByText('Very easy to guess: add another uncommon word.').waitFor();
  assert.deepEqual([...here.complaints, ...there.complaints], []);
  await here.context.close();
  await there.context.close();
});

test('a long list of organisations is shown fifty at a time, and can be searched', async () => {
  const { page, context, complaints } = await visitor(browser);
  await signIn(page, demo, PEOPLE.operator, '/operator/organisations');
  await page.evaluate(async () => {
    for (let n = 0; n < 55; n += 1) {
      await fetch('/api/v1/organisations', {
        method: 'POST', headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ name: `Customer ${n}`, plan: 'starter', admin_email: `admin${n}@customer.example` }),
      });
    }
  });
  await page.reload();
  await heading(page);
  await page.getByText('50 of 57, by name.').waitFor();
  await page.getByRole('button', { name: 'Show more' }).click();
  await page.getByText('57 of 57, by name.').waitFor();
  await page.getByRole('searchbox').fill('north');
  await page.getByRole('button', { name: 'Search', exact: true }).click();
  await page.getByText('1 match, by name.').waitFor();
  await page.getByRole('row').filter({ hasText: 'Northwind Robotics' }).getByText('ready').waitFor();
  assert.deepEqual(complaints, []);
  await context.close();
});
