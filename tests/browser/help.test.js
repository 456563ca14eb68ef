/** The help is accessible, on any screen, with or without JavaScript. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { violations } from './axe.js';
import { PEOPLE, heading, signIn, visitor } from './demo.js';
import { browser, demo, runDemo } from './running.js';

runDemo();

const PAGES = ['/help', '/help/signing-in', '/help/administration', '/help/identity-providers', '/help/providers/okta', '/help/switching', '/help/install', '/help/command-line', '/help/api', '/help/security', '/help/tour'];

/**
 * Opens each page of the help in a new window.
 * @param {import('playwright-core').BrowserContextOptions} options
 * @param {(page: import('playwright-core').Page, path: string) => Promise<void>} look
 */
async function everyPage(options, look) {
  const { page, context, complaints } = await visitor(browser, options);
  for (const path of PAGES) {
    await page.goto(`${demo.url}${path}`);
    await heading(page);
    await look(page, path);
  }
  await context.close();
  assert.deepEqual(complaints, []);
}

for (const colorScheme of /** @type {const} */ (['light', 'dark'])) {
  test(`axe finds no faults in the help, ${colorScheme}, wide and on a phone`, async () => {
    for (const viewport of [{ width: 1280, height: 800 }, { width: 360, height: 740 }]) {
      await everyPage({ colorScheme, viewport }, async (page, path) => {
        assert.deepEqual(await violations(page), [], path);
        const width = await page.evaluate(() => document.documentElement.scrollWidth);
        assert.ok(width <= viewport.width, `${path} is ${width} wide`);
      });
    }
  });
}

test('each page of the help transfers at most 150 kB', async () => {
  await everyPage({}, async (page, path) => {
    const wire = await page.context().newCDPSession(page);
    let bytes = 0;
    wire.on('Network.loadingFinished', ({ encodedDataLength }) => { bytes += encodedDataLength; });
    await wire.send('Network.enable');
    await wire.send('Network.clearBrowserCache');
    await page.reload({ waitUntil: 'networkidle' });
    await wire.detach();
    if (process.env.SHOW_WEIGHTS) console.log(`${path}: ${bytes} bytes`);
    assert.ok(bytes > 5_000 && bytes <= 150_000, `${path} weighs ${bytes} bytes`);
  });
});

test('the contents of the help link to its sections without JavaScript', async () => {
  const { page, context } = await visitor(browser, { javaScriptEnabled: false });
  await page.goto(`${demo.url}/help`);
  await page.getByRole('main').getByRole('link', { name: 'Recovery codes' }).click();
  await page.waitForURL('**/help/administration#recovery-codes');
  await page.getByRole('heading', { name: 'Recovery codes' }).waitFor();
  await page.getByRole('navigation', { name: 'On this page' }).getByRole('link', { name: 'Plans' }).click();
  await page.waitForURL('**/help/administration#plans');
  await page.getByRole('link', { name: 'All help' }).click();
  await page.getByRole('link', { name: 'Okta' }).click();
  await page.getByRole('img', { name: /^Okta Admin Console, Applications/ }).waitFor();
  await context.close();
});

test('a page’s help link opens its section in another tab, and the text typed on the page is kept', async () => {
  const { page, context, complaints } = await visitor(browser);
  await signIn(page, demo, PEOPLE.enterpriseAdmin, '/o/northwind-robotics/keys');
  await page.getByLabel('Name').fill('half a name');
  const [tab] = await Promise.all([context.waitForEvent('page'), page.getByRole('link', { name: 'Help on API keys' }).click()]);
  await tab.waitForURL('**/help/administration#api-keys');
  assert.equal(await page.getByLabel('Name').inputValue(), 'half a name');
  await page.getByRole('link', { name: 'Help', exact: true }).click();
  await page.waitForURL('**/help');
  await page.getByRole('link', { name: 'Open the console' }).click();
  await page.waitForURL((url) => !url.pathname.startsWith('/help'));
  await heading(page);
  assert.deepEqual(complaints, []);
  await context.close();
});

test('every page of the console has a link to the help', async () => {
  const { page, context } = await visitor(browser);
  await signIn(page, demo, PEOPLE.operator, '/workspaces');
  const base = '/o/northwind-robotics';
  for (const path of ['/workspaces', '/account', '/developers', `${base}/workspaces`, `${base}/people`, `${base}/settings`, `${base}/sso`, `${base}/sso/attempts`, `${base}/keys`, `${base}/audit`,
    '/operator/organisations', '/operator/operators', '/operator/plans', '/operator/audit', '/operator/mail', '/operator/branding', '/operator/doctor']) {
    await page.goto(`${demo.url}${path}`);
    await heading(page);
    assert.equal(await page.getByRole('main').getByRole('link', { name: /^Help\s+on / }).first().isVisible(), true, path);
  }
  await context.close();
});
