import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { violations } from './axe.js';
import { BINARY, PEOPLE, heading, signIn, visitor } from './demo.js';
import { assertFocused } from './keyboard.js';
import { browser, demo, runDemo } from './running.js';

runDemo();

const ADMIN = PEOPLE.enterpriseAdmin;
const SSO = '/o/northwind-robotics/sso';

/** Fills in and submits the sign-in form. Returns the page. */
async function tryPassword(page, email, code) {
  const { password } = demo.people.find((one) => one.email === email);
  await page.goto(`${demo.url}/login?return=${encodeURIComponent(SSO)}`);
  await page.getByLabel('E-mail').fill(email);
  await page.getByLabel('Password').fill(password);
  if (code) {
    await page.getByText('Use a recovery code').click();
    await page.getByLabel('Recovery code', { exact: true }).fill(code);
  }
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
}

test('turning SAML-only on first lists the affected people; then passwords are refused with a link to the portal, and a recovery code gives access', async () => {
  const inside = await visitor(browser);
  await signIn(inside.page, demo, PEOPLE.enterpriseMember, '/account');
  const admin = await visitor(browser, { permissions: ['clipboard-read', 'clipboard-write'] });
  await signIn(admin.page, demo, ADMIN, SSO);
  await admin.page.getByText('First sign in through SSO yourself').waitFor();
  await admin.page.getByRole('button', { name: 'Show who would be affected' }).click();
  const preview = admin.page.getByRole('dialog', { name: 'Who would be affected by SAML-only?' });
  await preview.getByText('You cannot turn it on yet. Sign in through SAML yourself first').waitFor();
  await preview.getByText('nell@northwind.example').waitFor();
  assert.deepEqual(await violations(admin.page), []);
  assert.deepEqual(await preview.locator('.actions button').allInnerTexts(), ['Close']);
  await preview.getByRole('button', { name: 'Close' }).click();
  await admin.page.getByRole('link', { name: 'Test sign-in' }).click();
  await admin.page.getByRole('button', { name: 'Nora North' }).click();
  await admin.page.getByRole('status').getByText(/^The test sign-in succeeded: .+, as nora@northwind\.example\.$/).waitFor();
  await admin.page.getByRole('button', { name: 'Enable SAML-only authentication' }).click();
  const dialog = admin.page.getByRole('dialog', { name: 'Enable SAML-only authentication?' });
  await dialog.getByText('nell@northwind.example').waitFor();
  await dialog.getByRole('button', { name: 'Enable SAML-only' }).click();
  await admin.page.getByText('10 recovery codes are left.').waitFor();
  const codes = await admin.page.locator('.codes code').allInnerTexts();
  assert.equal(codes.length, 10);
  await admin.page.getByText('before you leave or reload this page').waitFor();
  await admin.page.getByRole('button', { name: 'Copy all recovery codes' }).click();
  await admin.page.getByRole('button', { name: 'Copy all recovery codes' }).getByText('Copied').waitFor();
  assert.equal(await admin.page.evaluate(() => navigator.clipboard.readText()), codes.join('\n'));
  await admin.page.getByRole('button', { name: 'Copy all recovery codes' }).getByText('Copy all').waitFor();
  await admin.page.evaluate(() => { navigator.clipboard.writeText = () => Promise.reject(new Error('not here')); });
  await admin.page.getByRole('button', { name: 'Copy all recovery codes' }).click();
  await admin.page.getByRole('button', { name: 'Copy all recovery codes' }).getByText('Ctrl-C').waitFor();
  assert.deepEqual((await admin.page.evaluate(() => String(getSelection()))).match(/[A-Z0-9]{4}(-[A-Z0-9]{4}){3}/g), codes);
  const [file] = await Promise.all([admin.page.waitForEvent('download'), admin.page.getByRole('link', { name: 'Download as text' }).click()]);
  assert.equal(file.suggestedFilename(), 'recovery-codes-northwind-robotics.txt');
  const download = await readFile(await file.path(), 'utf8');
  assert.ok(download.startsWith('Recovery codes of Northwind Robotics at 127.0.0.1') && download.endsWith(`\n\n${codes.join('\n')}\n`), download);
  await admin.page.getByText('Northwind Robotics uses only single sign-on. Please sign in at http').waitFor();
  assert.deepEqual(admin.complaints, []);

  await inside.page.getByRole('button', { name: 'Save', exact: true }).click();
  await inside.page.getByRole('alert').getByText('your organisation changed how members sign in. Sign in again.').waitFor();
  assert.equal(new URL(inside.page.url()).search, '?error=session_over&return=%2Faccount');

  const member = await visitor(browser, { javaScriptEnabled: false });
  await tryPassword(member.page, PEOPLE.enterpriseMember);
  await member.page.getByRole('alert').getByText('your organisation signs in with single sign-on').waitFor();
  await member.page.getByRole('alert').getByRole('link', { name: 'Sign in with SSO' }).click();
  await member.page.getByRole('button', { name: 'Nils Nansen' }).waitFor();

  await tryPassword(member.page, ADMIN, 'AAAA-BBBB-CCCC');
  await member.page.getByRole('alert').getByText('E-mail, password or recovery code is wrong.').waitFor();
  await member.page.getByLabel('Recovery code', { exact: true }).fill('the field is open without JavaScript');

  const back = await visitor(browser);
  await tryPassword(back.page, ADMIN, codes[0].toLowerCase());
  await back.page.getByText('9 recovery codes are left.').waitFor();
  await back.page.goto(`${demo.url}/account`);
  await back.page.getByText('You signed in by recovery').waitFor();
  assert.equal(await back.page.getByText('through your identity provider').count(), 0);
  await back.page.getByRole('status').getByText('You are signed in to Northwind Robotics by recovery').waitFor();
  await back.page.getByRole('status').getByRole('link', { name: 'Open the SSO settings' }).click();
  await back.page.waitForURL((url) => url.pathname === SSO);
  await back.page.getByRole('button', { name: 'Disable SAML-only authentication' }).click();
  await back.page.getByRole('dialog').getByRole('button', { name: 'Disable SAML-only' }).click();
  await back.page.getByText('Members can sign in with a password again.').waitFor();
  const banner = back.page.getByRole('status').filter({ hasText: 'You are signed in to Northwind Robotics by recovery' });
  await banner.getByText('Passwords work there again').waitFor();
  assert.equal(await banner.getByText('turn SAML-only off').count(), 0);
  await banner.getByRole('link', { name: 'Sign in with your password' }).click();
  await back.page.getByLabel('E-mail').fill(ADMIN);
  await back.page.getByLabel('Password').fill(demo.people.find((one) => one.email === ADMIN).password);
  await back.page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await back.page.getByRole('heading', { name: 'SAML-only authentication' }).waitFor();
  assert.equal(new URL(back.page.url()).pathname, SSO);
  assert.equal(await banner.count(), 0, 'the banner about recovery is not shown any more');
  await tryPassword(member.page, PEOPLE.enterpriseMember);
  await member.page.waitForURL((url) => url.pathname === SSO);
  assert.deepEqual(back.complaints, []);
  for (const { context } of [inside, admin, member, back]) await context.close();
});

test('a plan that allows only SAML has no switch for SAML-only, and its recovery codes are renewed after a sign-in through SSO', async () => {
  const operator = await visitor(browser);
  await signIn(operator.page, demo, PEOPLE.operator, '/operator/plans');
  const card = operator.page.getByRole('listitem').filter({ has: operator.page.getByRole('heading', { name: 'Enterprise' }) });
  await card.getByText('Edit plan').click();
  await card.getByLabel('Members sign in by').selectOption('SAML');
  await card.getByRole('button', { name: 'Preview changes' }).click();
  await operator.page.getByRole('dialog').getByRole('button', { name: 'Edit plan' }).click();
  await operator.page.getByText('Enterprise is changed.').waitFor();
  await operator.page.goto(`${demo.url}${SSO}`);
  await operator.page.getByText('The plan allows only SAML.').waitFor();
  await operator.page.getByText('To make new ones, sign in through SSO').waitFor();

  const { page, context, complaints } = await visitor(browser);
  await page.goto(`${demo.url}/sso?key=northwind_SSO&return=${encodeURIComponent(SSO)}`);
  await page.getByRole('button', { name: 'Nora North' }).click();
  await page.getByText('The plan allows only SAML.').waitFor();
  assert.equal(await page.getByRole('button', { name: /able SAML-only/ }).count(), 0);
  const dialog = page.getByRole('dialog', { name: 'Replace the recovery codes?' });
  await page.getByRole('button', { name: 'New recovery codes' }).click();
  // The codes of the previous test, which used one of them.
  await dialog.getByText('The 9 recovery codes that are left stop working at once').waitFor();
  await dialog.getByRole('button', { name: 'Make new codes' }).click();
  await page.getByText('10 recovery codes are left.').waitFor();
  await page.locator('.codes code').first().waitFor();
  const codes = await page.locator('.codes code').allInnerTexts();
  assert.equal(codes.length, 10);

  await page.getByRole('button', { name: 'New recovery codes' }).click();
  await dialog.getByText('The 10 recovery codes that are left stop working at once').waitFor();
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  assert.deepEqual(await page.locator('.codes code').allInnerTexts(), codes);
  await page.getByRole('button', { name: 'New recovery codes' }).click();
  await dialog.getByRole('button', { name: 'Make new codes' }).click();
  await page.getByText('Ten new recovery codes; the old ones no longer work.').waitFor();
  const others = await page.locator('.codes code').allInnerTexts();
  assert.ok(others.length === 10 && others.every((code) => !codes.includes(code)), `${others}`);

  await page.getByRole('button', { name: 'New recovery codes' }).click();
  await context.clearCookies();
  await dialog.getByRole('button', { name: 'Make new codes' }).click();
  const ended = page.getByRole('dialog', { name: 'Your session has ended' });
  await ended.getByText('Recovery codes', { exact: true }).waitFor();
  await assertFocused(page, 'Stay', 'the button that would lose the codes does not have the focus');
  await ended.getByRole('button', { name: 'Stay' }).click();
  assert.deepEqual(await page.locator('.codes code').allInnerTexts(), others);
  assert.deepEqual([...complaints, ...operator.complaints], []);
  await operator.context.close();
  await context.close();
});

/** The address and the session storage of the tab. @param {import('playwright-core').Page} page */
const addressAndStorage = async (page) => JSON.stringify([page.url(), await page.evaluate(() => ({ ...sessionStorage }))]);

test('the token of a recovery link is neither in the address nor in the tab’s storage and history', async () => {
  const { stdout } = await promisify(execFile)(BINARY, ['org', 'recover', 'northwind-robotics', ADMIN, '--data', demo.data]);
  const link = /http\S+token=\S+/.exec(stdout)?.[0] ?? '';
  const token = link.split('token=')[1];
  const { page, context, complaints } = await visitor(browser);
  await page.goto(link);
  await page.getByRole('heading', { name: 'Recover access' }).waitFor();
  assert.ok(token.length > 20 && !(await addressAndStorage(page)).includes(token), await addressAndStorage(page));
  await page.getByLabel('New password').fill('marble kettle comet 3');
  await page.getByRole('button', { name: 'Set password and sign in' }).click();
  await page.waitForURL((url) => url.pathname === SSO);
  await heading(page);
  assert.ok(!(await addressAndStorage(page)).includes(token));
  await page.goBack();
  assert.ok(!(await addressAndStorage(page)).includes(token), 'the token is not in the history');
  assert.deepEqual(complaints, []);
  await context.close();
});

test('a used password link leaves nothing in the tab', async () => {
  const { stdout } = await promisify(execFile)(BINARY, ['user', 'reset-link', PEOPLE.businessMember, '--data', demo.data]);
  const link = /http\S+token=\S+/.exec(stdout)?.[0] ?? '';
  const token = link.split('token=')[1];
  const { page, context, complaints } = await visitor(browser);
  await page.goto(link);
  await page.getByLabel('New password').fill('marble kettle comet 3');
  assert.ok(!page.url().includes(token), 'the token is not in the address');
  assert.ok((await addressAndStorage(page)).includes(token), 'the page can be loaded again');
  await page.getByRole('button', { name: 'Set password' }).click();
  await page.getByText('Your password is set.').waitFor();
  assert.ok(!(await addressAndStorage(page)).includes(token), await addressAndStorage(page));
  await page.goto(link);
  await page.getByText('If you have set your password with it already, sign in.').waitFor();
  await page.getByRole('link', { name: 'sign in', exact: true }).click();
  await page.waitForURL('**/login');
  assert.deepEqual(complaints, []);
  await context.close();
});
