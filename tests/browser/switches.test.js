import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PEOPLE, heading, visitor } from './demo.js';
import { focused, press, tabTo, typeSignIn } from './keyboard.js';
import { browser, demo, runDemo } from './running.js';

runDemo();

const SSO = '/o/northwind-robotics/sso';

/** @param {string} email */
const person = (email) => demo.people.find((one) => one.email === email);

/** Opens the sign-in page that redirects to `path`, and signs in with the keyboard. */
async function signInByKeys(page, email, path, code) {
  await page.goto(`${demo.url}/login?return=${encodeURIComponent(path)}`);
  await typeSignIn(page, person(email), code);
}

/** Presses a button in the open dialog, and waits for a message. */
async function confirm(page, button, message) {
  await page.getByRole('dialog').waitFor();
  await press(page, button);
  await page.getByText(message).waitFor();
}

/**
 * Turns SAML-only on as an admin, after the dry run has listed the people who lose access. Returns the recovery codes.
 */
async function turnSamlOnlyOn(page) {
  await signInByKeys(page, PEOPLE.enterpriseAdmin, SSO);
  await page.getByText('First sign in through SSO yourself').waitFor();
  await press(page, /^Test sign-in$/);
  await page.getByText('Who are you today?').waitFor();
  await press(page, /^Continue as Nora North/);
  await page.waitForURL(`${demo.url}${SSO}`);
  await heading(page);
  await press(page, /^Enable SAML-only authentication$/);
  await press(page, /^Keep access/);
  await page.getByRole('dialog').getByText(PEOPLE.enterpriseMember).waitFor();
  await confirm(page, /^Enable SAML-only$/, '10 recovery codes are left.');
  return page.locator('.codes code').allInnerTexts();
}

/** Signs in by password, which is refused with a link to the portal, and then through the portal. */
async function signInThroughPortalAfterRefusal(page) {
  await signInByKeys(page, PEOPLE.enterpriseMember, '/');
  await page.getByRole('alert').getByText('your organisation signs in with single sign-on').waitFor();
  await press(page, /^Sign in with SSO$/);
  await page.getByText('Who are you today?').waitFor();
  await press(page, /^Continue as Nils Nansen/);
  await page.waitForURL((url) => url.origin === demo.url && url.pathname !== '/login');
  await heading(page);
}

/** Chooses a plan with the arrow keys, and switches to it after the affected people are shown. */
async function switchPlan(page, { key, plan, shown }) {
  await tabTo(page, /\(now\)/);
  await page.keyboard.press(key);
  await page.getByText(shown).first().waitFor();
  await press(page, new RegExp(`^Switch to ${plan}$`));
  await page.getByText(`Northwind Robotics is now on ${plan}.`).waitFor();
}

test('turning SAML-only on, signing in through SAML, using a recovery code and switching plans need no mouse', async () => {
  const [admin, member, back, operator] = [await visitor(browser), await visitor(browser), await visitor(browser), await visitor(browser)];
  const codes = await turnSamlOnlyOn(admin.page);
  assert.equal(codes.length, 10);
  await signInThroughPortalAfterRefusal(member.page);

  await signInByKeys(back.page, PEOPLE.enterpriseAdmin, SSO, codes[0]);
  await back.page.getByText('9 recovery codes are left.').waitFor();
  await heading(back.page);

  await signInByKeys(operator.page, PEOPLE.operator, '/o/northwind-robotics/settings');
  await heading(operator.page);
  await switchPlan(operator.page, { key: 'ArrowUp', plan: 'Business', shown: 'SAML-only is turned off.' });
  await member.page.goto(`${demo.url}/account`);
  await member.page.waitForURL((url) => url.pathname === '/login', { timeout: 10_000 });
  await signInByKeys(member.page, PEOPLE.enterpriseMember, '/');
  await member.page.waitForURL((url) => url.pathname !== '/login');
  await switchPlan(operator.page, { key: 'ArrowDown', plan: 'Enterprise', shown: 'people keep access' });

  await back.page.goto(`${demo.url}${SSO}`);
  await heading(back.page);
  await back.page.getByText('Ready', { exact: true }).waitFor();
  await back.page.getByText('First sign in through SSO yourself').waitFor();
  for (const { context, complaints } of [admin, member, back, operator]) {
    assert.deepEqual(complaints, []);
    await context.close();
  }
});

test('SAML-only is turned off with the keyboard, after a sign-in with a recovery code', async () => {
  const admin = await visitor(browser);
  const codes = await turnSamlOnlyOn(admin.page);
  const back = await visitor(browser);
  await signInByKeys(back.page, PEOPLE.enterpriseAdmin, SSO, codes[1]);
  await back.page.getByText('9 recovery codes are left.').waitFor();
  await press(back.page, /^Disable SAML-only authentication$/);
  await back.page.getByRole('dialog').getByText(PEOPLE.enterpriseMember).waitFor();
  await confirm(back.page, /^Disable SAML-only$/, 'Members can sign in with a password again.');
  assert.equal(await focused(back.page), 'Single sign-on');
  await admin.context.close();
  await back.context.close();
});
