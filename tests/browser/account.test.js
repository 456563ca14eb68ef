/** The security events in *Your account*, and the setting for e-mails about sign-ins from new browsers. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { violations } from './axe.js';
import { PEOPLE, api, signIn, visitor } from './demo.js';
import { browser, demo, runDemo } from './running.js';

runDemo();

test('an admin sees in Your account that a colleague created an API key', async () => {
  const { page, context, complaints } = await visitor(browser);
  await signIn(page, demo, PEOPLE.businessAdmin, '/account');
  const events = page.getByRole('region', { name: 'Security events' });
  await events.getByText('Nothing has happened yet.').waitFor();
  const operator = await visitor(browser);
  await signIn(operator.page, demo, PEOPLE.operator, '/account');
  const key = { name: 'Payroll export', scopes: ['read'] };
  await api(operator.page, '/organisations/birch-bakery/keys', { method: 'POST', body: key });
  await page.reload();
  const row = events.getByRole('row').filter({ hasText: 'API key created' });
  await row.getByText('Payroll export').waitFor();
  await row.getByText('Birch Bakery').waitFor();
  assert.match(await row.innerText(), /olivia@vestibule\.example\s*Chrome on Linux from 127\.0\.0\.1/);
  assert.deepEqual([...complaints, ...operator.complaints], []);
  await operator.context.close();
  await context.close();
});

test('members can choose e-mails about sign-ins from new browsers; admins always get them', async () => {
  const { page, context, complaints } = await visitor(browser);
  const box = (/** @type {typeof page} */ of) => of.getByLabel('Mail me when someone signs in as me from a new browser');
  await signIn(page, demo, PEOPLE.businessMember, '/account');
  assert.equal(await box(page).isChecked(), false);
  await page.getByText('This installation sends no e-mail. The setting takes effect when a mail server is set up.').waitFor();
  await box(page).check();
  await page.getByText('Your settings are saved.').waitFor();
  await page.reload();
  await page.getByRole('heading', { name: 'Security events' }).waitFor();
  assert.equal(await box(page).isChecked(), true);

  const elsewhere = await visitor(browser);
  await signIn(elsewhere.page, demo, PEOPLE.businessMember, '/account');
  await elsewhere.page.getByRole('row').filter({ hasText: 'Sign-in from a new browser' }).getByText('you').first().waitFor();

  const admin = await visitor(browser);
  await signIn(admin.page, demo, PEOPLE.enterpriseAdmin, '/account');
  assert.equal(await box(admin.page).isChecked(), true);
  assert.equal(await box(admin.page).isDisabled(), true);
  assert.deepEqual([...complaints, ...elsewhere.complaints, ...admin.complaints], []);
  await elsewhere.context.close();
  await admin.context.close();
  await context.close();
});

test('Your account, after a sign-in through SSO, offers only the settings that this session may change, and says why', async () => {
  const { page, context, complaints } = await visitor(browser);
  await page.goto(`${demo.url}/sso?key=northwind_SSO&return=/account`);
  await page.getByRole('button', { name: 'Nils Nansen' }).click();
  await page.getByText('Here you can change your language and colours, and end your other sessions.').waitFor();
  await page.getByText('You signed in through your identity provider. Your name, password and mail settings apply to every organisation').waitFor();
  for (const label of ['Name', 'Current password', 'New password', 'Mail me when someone signs in as me from a new browser']) {
    assert.equal(await page.getByLabel(label, { exact: true }).count(), 0, label);
  }
  assert.equal(await page.getByText('change your password').count(), 0);
  assert.equal((await api(page, '/me', { method: 'PATCH', body: { name: 'Nobody' } })).error.code, 'password_required');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.getByText('Your settings are saved.').waitFor();
  assert.deepEqual(await violations(page), []);

  const { organisations: [{ workspaces: [{ id }] }] } = await api(page, '/me');
  await page.goto(`${demo.url}/w/${id}`);
  await page.getByText('Language, colours, sessions').waitFor();
  assert.deepEqual(complaints, []);
  await context.close();
});
