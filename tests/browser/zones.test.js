import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PEOPLE, heading, signIn, visitor } from './demo.js';
import { browser, demo, runDemo } from './running.js';

runDemo();

const ZONE = 'Pacific/Kiritimati';

/** The page's note on the time zone of the times that it shows. @param {import('playwright-core').Page} page */
const zones = (page) => page.locator('.zone').allInnerTexts();

/** The text of a time in a time zone. @param {Date} at @param {string} timeZone */
const formatted = (at, timeZone) => new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short', timeZone }).format(at);

test('each page shows its times in one time zone, and names it', async () => {
  const { page, context, complaints } = await visitor(browser, { timezoneId: ZONE });
  await signIn(page, demo, PEOPLE.enterpriseAdmin, '/workspaces');
  const members = await page.locator('main a[href^="/w/"]').first().getAttribute('href');
  const own = [`Times are in your time zone, ${ZONE}.`];
  for (const [path, told] of /** @type {[string, string[]][]} */ ([
    ['/o/northwind-robotics/people', own],
    [`${members}/members`, own],
    ['/account', own],
    ['/o/northwind-robotics/audit', own],
    ['/o/northwind-robotics/settings', own],
    ['/o/northwind-robotics/sso', ['Times are in UTC.']],
    ['/developers', []],
  ])) {
    await page.goto(`${demo.url}${path}`);
    await heading(page);
    assert.deepEqual(await zones(page), told, path);
    const text = await page.locator('main').innerText();
    if (path !== '/developers') assert.doesNotMatch(text, /\d{4}-\d\d-\d\dT|\d\d:\d\d (?:UTC|GMT)/, path);
  }
  // The same time on pages in each time zone: the session began at most a minute ago.
  await page.goto(`${demo.url}/account`);
  await heading(page);
  const now = Date.now();
  const could = [0, 60_000, 120_000].map((ago) => formatted(new Date(now - ago), ZONE));
  assert.ok(could.includes(await page.locator('td[data-label="Signed in"]').first().innerText()), could.join());
  assert.deepEqual(complaints, []);
  await context.close();
});

test('a time in a sentence of the server has the same format as the others on the page', async () => {
  const { page, context } = await visitor(browser, { timezoneId: ZONE });
  await signIn(page, demo, PEOPLE.enterpriseAdmin, '/o/northwind-robotics/settings');
  const message = 'expired at 2026-11-24T20:30:00Z; get the provider\'s current one';
  const refuse = (/** @type {import('playwright-core').Route} */ route) =>
    (route.request().method() === 'PATCH' ? route.fulfill({ status: 422, json: { error: { code: 'invalid', field: 'name', message } } }) : route.fallback());
  await page.route('**/api/v1/organisations/*', refuse);
  await page.getByRole('button', { name: 'Save name' }).click();
  await page.locator('#name-error').getByText(`expired at ${formatted(new Date('2026-11-24T20:30:00Z'), ZONE)}; get`).waitFor();
  await context.close();
});
