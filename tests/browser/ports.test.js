import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { PEOPLE, heading, signIn, startBrowser, startDemo, visitor } from './demo.js';

/** @type {import('playwright-core').Browser} */
let browser;
/** @type {any[]} */
let demos;

before(async () => {
  browser = await startBrowser();
  demos = [await startDemo(), await startDemo()];
});
after(async () => {
  await browser.close();
  for (const demo of demos) await demo.stop();
});

test('two appliances on two ports of one host have separate sessions: signing out of one keeps the other', async () => {
  const { page, context, complaints } = await visitor(browser);
  const [one, other] = demos;
  await signIn(page, one, PEOPLE.businessMember);
  // The same for a sign-in through the identity provider, whose steps use other cookies.
  await page.goto(`${other.url}/sso?key=northwind_SSO`);
  await page.getByRole('button', { name: 'Nils Nansen' }).click();
  await page.waitForURL(`${other.url}/`);
  for (const demo of [one, other, one]) {
    await page.goto(`${demo.url}/account`);
    assert.equal(new URL(page.url()).pathname, '/account');
    assert.notEqual(await heading(page), 'Sign in');
  }
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByText('You are signed out.').waitFor();
  await page.goto(`${other.url}/account`);
  assert.equal(new URL(page.url()).pathname, '/account');
  assert.deepEqual(complaints, []);
  await context.close();
});

test('the sign-in page at another host name shows the right address, with and without JavaScript', async () => {
  const [demo] = demos;
  const elsewhere = demo.url.replace('127.0.0.1', 'localhost');
  for (const javaScriptEnabled of [true, false]) {
    const { page, context } = await visitor(browser, { javaScriptEnabled });
    await page.goto(`${elsewhere}/login`);
    await page.getByRole('alert').getByRole('link', { name: demo.url }).click();
    await page.waitForURL(`${demo.url}/login`);
    assert.equal(await page.getByRole('alert').count(), 0);
    await context.close();
  }
});
