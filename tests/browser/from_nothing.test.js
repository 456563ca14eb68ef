import assert from 'node:assert/strict';
import { test } from 'node:test';
import { heading, startBrowser, startDemo, visitor } from './demo.js';

/** The maximum time from the start of the demo to the first SAML sign-in, in milliseconds. */
const MOST = 60_000;

test('the first SAML sign-in takes one command and less than a minute', async (t) => {
  const begun = Date.now();
  const demo = await startDemo();
  t.after(demo.stop);
  const browser = await startBrowser();
  t.after(() => browser.close());
  const { page, complaints } = await visitor(browser);
  await page.goto(`${demo.url}/sso?key=northwind_SSO`);
  await page.getByRole('button', { name: 'Nils Nansen' }).click();
  await page.waitForURL((url) => url.origin === demo.url && url.pathname !== '/login');
  assert.equal(await heading(page), 'Welcome, Nils Nansen');
  assert.ok(Date.now() - begun < MOST, `${Date.now() - begun} ms`);
  assert.deepEqual(complaints, []);
});
