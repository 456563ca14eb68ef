/** The page of the doctor, opened at the public URL and at another address. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PEOPLE, heading, signIn, visitor } from './demo.js';
import { browser, demo, runDemo } from './running.js';

runDemo();

test('at the public URL, the doctor reports no fault', async () => {
  const { page, context, complaints } = await visitor(browser);
  await signIn(page, demo, PEOPLE.operator, '/operator/doctor');
  assert.equal(await heading(page), 'Doctor');
  await page.getByText('Nothing is wrong').waitFor();
  await page.getByText(`It was sent to ${demo.url}, as it should be.`).waitFor();
  await page.getByText('northwind-robotics: the provider\'s clock agrees with ours').waitFor();
  await page.getByText('the database is intact').waitFor();
  for (const job of ['Fetching metadata', 'Warning about certificates that expire', 'Counting entries left out of the security log']) {
    await page.getByRole('row', { name: job }).getByText('Succeeded').waitFor();
  }
  assert.deepEqual(complaints, []);
  await context.close();
});

test('at another address, the doctor names that address and the line to add for each proxy', async () => {
  const { page, context } = await visitor(browser);
  const elsewhere = { ...demo, url: demo.url.replace('127.0.0.1', 'localhost') };
  await signIn(page, elsewhere, PEOPLE.operator, '/operator/doctor');
  await page.getByText('Something is wrong').waitFor();
  await page.getByText(`You are at ${elsewhere.url}, and the public URL is ${demo.url}.`).waitFor();
  const text = await page.locator('main').innerText();
  for (const line of ['proxy_set_header Host $http_host;', 'reverse_proxy', 'passHostHeader: true', 'ProxyPreserveHost On']) {
    assert.ok(text.includes(line), `missing: ${line}\n${text}`);
  }
  await context.close();
});

test('at another address, an admin is warned before they copy our values to a provider', async () => {
  const { page, context } = await visitor(browser);
  for (const [url, warned] of [[demo.url, false], [demo.url.replace('127.0.0.1', 'localhost'), true]]) {
    await signIn(page, { ...demo, url }, PEOPLE.enterpriseAdmin, '/o/northwind-robotics/sso');
    await page.getByText('Our values, for your identity provider').waitFor();
    assert.equal(await page.getByText('and the public URL is').isVisible(), warned);
  }
  await context.close();
});
