import assert from 'node:assert/strict';
import { test } from 'node:test';
import { violations } from './axe.js';
import { PEOPLE, changeDatabase, heading, signIn, visitor } from './demo.js';
import { browser, demo, runDemo } from './running.js';

runDemo();

test('a member signs in with a password, sees their workspace, and signs out', async () => {
  const { page, context, complaints } = await visitor(browser);
  await signIn(page, demo, PEOPLE.businessMember);
  assert.equal(await heading(page), 'Head office');
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByText('You are signed out.').waitFor();
  await page.goto(`${demo.url}/account`);
  await page.waitForURL('**/login?return=%2Faccount');
  assert.equal(await page.getByRole('alert').count(), 0, 'no session has ended');
  assert.deepEqual(complaints, []);
  await context.close();
});

test('signing in and out works without JavaScript', async () => {
  const { page, context } = await visitor(browser, { javaScriptEnabled: false });
  await page.goto(`${demo.url}/login`);
  await page.getByLabel('E-mail').fill(PEOPLE.businessMember);
  await page.getByLabel('Password').fill('not the right words 7');
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  assert.match(await page.getByRole('alert').innerText(), /E-mail or password is wrong/);
  assert.equal(await page.getByLabel('E-mail').inputValue(), PEOPLE.businessMember);
  await page.getByLabel('Password').fill(demo.people.find((one) => one.email === PEOPLE.businessMember).password);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.waitForURL(`${demo.url}/`);
  assert.ok(!(await page.getByText('Loading …').isVisible()), 'the loading message is hidden');
  const cookies = await context.cookies();
  assert.ok(cookies.some((cookie) => cookie.name === `vestibule_session_${new URL(demo.url).port}` && cookie.httpOnly && cookie.sameSite === 'Lax'));
  await context.close();
});

test('a member signs in with the portal key, in upper or lower case', async () => {
  const { page, context, complaints } = await visitor(browser);
  await page.goto(`${demo.url}/login`);
  await page.getByLabel('SSO Portal Key').fill('NORTHWIND_sso');
  await page.getByRole('button', { name: 'Sign in with SSO' }).click();
  await page.getByRole('button', { name: 'Continue as Nils Nansen' }).click();
  await page.waitForURL(`${demo.url}/**`);
  await page.getByText(PEOPLE.enterpriseMember).first().waitFor();
  assert.deepEqual(complaints, []);
  await context.close();
});

test('a member signs in through the portal URL and is redirected to the requested page', async () => {
  const { page, context, complaints } = await visitor(browser);
  await page.goto(`${demo.url}/sso?key=northwind_SSO&return=/account`);
  await page.getByRole('button', { name: 'Continue as Nell Newman' }).click();
  await page.waitForURL(`${demo.url}/account`);
  assert.equal(await heading(page), 'Your account');
  await page.getByText('You signed in through your identity provider').waitFor();
  assert.equal(await page.getByLabel('Current password').count(), 0);
  assert.deepEqual(complaints, []);
  await context.close();
});

test('a person who is not a member is advised to ask for an invitation', async () => {
  const { page, context } = await visitor(browser);
  await page.goto(`${demo.url}/sso?key=northwind_SSO`);
  await page.getByRole('button', { name: 'Continue as Sam Stranger' }).click();
  assert.match(
    await page.getByRole('alert').innerText(),
    /^Your identity provider signed you in as sam@elsewhere\.example, but sam@elsewhere\.example is not a member of Northwind Robotics\. Ask an admin to invite you\. Reference: [A-Z0-9]{6} Help$/,
  );
  await context.close();
});

test('without a mail server, the page about forgotten passwords refers to the operator, and its link back keeps the requested page', async () => {
  const { page, context, complaints } = await visitor(browser);
  await page.goto(`${demo.url}/login?return=/account`);
  await page.getByRole('link', { name: 'Forgot your password?' }).click();
  await page.getByText('This installation sends no e-mail. Ask an operator').waitFor();
  assert.equal(await page.getByRole('button').count(), 0, 'no button to send a link');
  assert.deepEqual(await violations(page), []);
  await page.getByRole('link', { name: 'Back to sign-in' }).click();
  await page.getByLabel('E-mail').fill(PEOPLE.businessMember);
  await page.getByLabel('Password').fill(demo.people.find((one) => one.email === PEOPLE.businessMember).password);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.waitForURL(`${demo.url}/account`);
  assert.deepEqual(complaints, []);
  await context.close();
});

test('an unknown portal key gets a neutral message', async () => {
  const { page, context } = await visitor(browser);
  await page.goto(`${demo.url}/sso?key=nobody`);
  assert.equal(
    await page.getByRole('alert').innerText(),
    'Single sign-on is not available for this key. Check how it is spelled, or ask your admin for it. If your organisation allows passwords, sign in above. Help',
  );
  await context.close();
});

test('the sign-in page transfers less than 30 kB', async () => {
  const { page, context } = await visitor(browser);
  /** @type {Promise<Buffer>[]} */
  const bodies = [];
  page.on('response', (response) => { bodies.push(response.body()); });
  await page.goto(`${demo.url}/login`, { waitUntil: 'networkidle' });
  const bytes = (await Promise.all(bodies)).reduce((sum, body) => sum + body.length, 0);
  assert.ok(bytes > 1_000 && bytes < 30_000, `${bytes} bytes`);
  await context.close();
});

test('the sign-in page and its messages link to the section of the help about them', async () => {
  const { page, context } = await visitor(browser);
  /** @param {import('playwright-core').Locator} link @param {string} section */
  const assertLeadsTo = async (link, section) => {
    await link.click();
    await page.waitForURL(`${demo.url}/help/signing-in${section && `#${section}`}`);
    if (section) await page.locator(`h2#${section}`).waitFor();
    await page.goBack();
  };
  await page.goto(`${demo.url}/login`);
  await assertLeadsTo(page.getByRole('link', { name: 'Help with signing in' }), '');
  await page.goto(`${demo.url}/sso?key=northwind_SSO`);
  await page.getByRole('button', { name: 'Continue as Sam Stranger' }).click();
  await assertLeadsTo(page.getByRole('alert').getByRole('link', { name: 'Help' }), 'with-single-sign-on');
  await page.goto(`${demo.url}/login?error=session_over`);
  await assertLeadsTo(page.getByRole('alert').getByRole('link', { name: 'Help' }), 'when-you-are-signed-out');
  await page.goto(`${demo.url}/login?error=refused`);
  await assertLeadsTo(page.getByRole('alert').getByRole('link', { name: 'Help' }), 'with-a-password');
  await page.goto(`${demo.url}/saml/unknown/metadata`);
  await page.getByRole('link', { name: 'Help on Vestibule' }).click();
  await page.waitForURL(`${demo.url}/help`);
  await context.close();
});

test('eight tabs that start sign-ins through SSO at the same time are all signed in, each at its own page', async () => {
  const { context, page, complaints } = await visitor(browser);
  const tabs = [page, ...await Promise.all(Array.from({ length: 7 }, () => context.newPage()))];
  const paths = tabs.map((_, place) => `/account?tab=${place}`);
  await Promise.all(tabs.map((tab, place) => tab.goto(`${demo.url}/sso?key=northwind_SSO&return=${encodeURIComponent(paths[place])}`)));
  await Promise.all(tabs.map(async (tab, place) => {
    await tab.getByRole('button', { name: 'Continue as Nell Newman' }).click();
    await tab.waitForURL(`${demo.url}${paths[place]}`);
  }));
  for (const tab of tabs) {
    await tab.reload();
    await tab.getByText('You signed in through your identity provider').waitFor();
  }
  const left = (await context.cookies()).map(({ name }) => name).filter((name) => /^vestibule_(sso|late)_/.test(name));
  assert.deepEqual(left, [], 'no cookies of the sign-ins are left');
  assert.deepEqual(complaints, []);
  await context.close();
});

/** Lets a person's grants expire, as if by the SessionNotOnOrAfter of their provider. @param {string} email */
const expireGrants = (email) =>
  changeDatabase(demo, 'UPDATE grants SET expires_at = ? WHERE session_id IN (SELECT s.id FROM sessions s JOIN users u ON u.id = s.user_id WHERE u.email = ?)',
    [Math.floor(Date.now() / 1000) - 1, email]);

test('after the last grant of a session has ended, the sign-in page links to the portal, and signing in returns to the page', async () => {
  const { context, page, complaints } = await visitor(browser);
  await page.goto(`${demo.url}/sso?key=northwind_SSO&return=${encodeURIComponent('/account?from=here')}`);
  await page.getByRole('button', { name: 'Continue as Nell Newman' }).click();
  await page.getByText('You signed in through your identity provider').waitFor();
  await expireGrants('nell@northwind.example');
  await page.reload();
  const alert = page.getByRole('alert').filter({ hasText: 'Your session has ended' });
  await alert.waitFor();
  assert.equal(new URL(page.url()).search, `?error=session_over&return=${encodeURIComponent('/account?from=here')}`);
  await alert.getByRole('link', { name: 'Sign in with SSO' }).click();
  await page.getByRole('button', { name: 'Continue as Nell Newman' }).click();
  await page.waitForURL(`${demo.url}/account?from=here`);
  await page.getByText('You signed in through your identity provider').waitFor();
  assert.deepEqual(complaints, []);
  await context.close();
});
