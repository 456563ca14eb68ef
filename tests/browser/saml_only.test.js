import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PEOPLE, signIn, visitor } from './demo.js';
import { browser, demo, runDemo } from './running.js';

runDemo();

const ADMIN = PEOPLE.enterpriseAdmin;
const SSO = '/o/northwind-robotics/sso';

/** Fills the sign-in form in; gives the page that comes. */
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

test('SAML-only is seen by name first, refuses passwords with a pointer, and a recovery code leads back', async () => {
  const admin = await visitor(browser);
  await signIn(admin.page, demo, ADMIN, SSO);
  await admin.page.getByText('Sign in through SSO yourself first').waitFor();
  await admin.page.getByRole('link', { name: 'Test sign-in' }).click();
  await admin.page.getByRole('button', { name: 'Nora North' }).click();
  await admin.page.getByRole('button', { name: 'Enable SAML-only authentication' }).click();
  const dialog = admin.page.getByRole('dialog', { name: 'Enable SAML-only authentication?' });
  await dialog.getByText('nell@northwind.example').waitFor();
  await dialog.getByRole('button', { name: 'Enable SAML-only' }).click();
  await admin.page.getByText('10 recovery codes are left.').waitFor();
  const codes = await admin.page.locator('.codes code').allInnerTexts();
  assert.equal(codes.length, 10);
  assert.deepEqual(admin.complaints, []);

  const member = await visitor(browser, { javaScriptEnabled: false });
  await tryPassword(member.page, PEOPLE.enterpriseMember);
  await member.page.getByRole('alert').getByText('your organisation signs in with single sign-on').waitFor();
  await member.page.getByRole('alert').getByRole('link', { name: 'Sign in with SSO' }).click();
  await member.page.getByRole('button', { name: 'Nils Nansen' }).waitFor();

  const back = await visitor(browser);
  await tryPassword(back.page, ADMIN, codes[0].toLowerCase());
  await back.page.getByText('9 recovery codes are left.').waitFor();
  await back.page.getByRole('button', { name: 'Disable SAML-only authentication' }).click();
  await back.page.getByRole('dialog').getByRole('button', { name: 'Disable SAML-only' }).click();
  await back.page.getByText('Members may sign in with a password again.').waitFor();
  await tryPassword(member.page, PEOPLE.enterpriseMember);
  await member.page.waitForURL((url) => url.pathname === SSO);
  assert.deepEqual(back.complaints, []);
  for (const { context } of [admin, member, back]) await context.close();
});

test('a plan that is SAML alone has no switch, and its codes are renewed after a sign-in through SSO', async () => {
  const operator = await visitor(browser);
  await signIn(operator.page, demo, PEOPLE.operator, '/operator/plans');
  const card = operator.page.getByRole('listitem').filter({ has: operator.page.getByRole('heading', { name: 'Enterprise' }) });
  await card.getByText('Change this plan').click();
  await card.getByLabel('Members sign in by').selectOption('SAML');
  await card.getByRole('button', { name: 'Show what happens' }).click();
  await operator.page.getByRole('dialog').getByRole('button', { name: 'Change plan' }).click();
  await operator.page.getByText('Enterprise is changed.').waitFor();
  await operator.page.goto(`${demo.url}${SSO}`);
  await operator.page.getByText('The plan signs in through SAML alone.').waitFor();
  await operator.page.getByText('To make new ones, sign in through SSO').waitFor();

  const { page, context, complaints } = await visitor(browser);
  await page.goto(`${demo.url}/sso?key=northwind_SSO&return=${encodeURIComponent(SSO)}`);
  await page.getByRole('button', { name: 'Nora North' }).click();
  await page.getByText('The plan signs in through SAML alone.').waitFor();
  assert.equal(await page.getByRole('button', { name: /able SAML-only/ }).count(), 0);
  await page.getByRole('button', { name: 'New recovery codes' }).click();
  await page.getByText('10 recovery codes are left.').waitFor();
  assert.equal(await page.locator('.codes code').count(), 10);
  assert.deepEqual([...complaints, ...operator.complaints], []);
  await operator.context.close();
  await context.close();
});
