import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { test } from 'node:test';
import { PEOPLE, signIn, visitor } from './demo.js';
import { browser, demo, runDemo } from './running.js';

runDemo();

test('a form that another site sends to the logout asks the person, and signs nobody out by itself', async () => {
  const form = `<form method="post" action="${demo.url}/oauth2/logout"></form><script>document.forms[0].submit()</script>`;
  const site = createServer((_, response) => response.setHeader('Content-Type', 'text/html').end(form));
  await new Promise((listening) => { site.listen(0, '127.0.0.9', () => listening(undefined)); });
  const { port } = /** @type {import('node:net').AddressInfo} */ (site.address());
  const { page, context } = await visitor(browser);
  await signIn(page, demo, PEOPLE.businessAdmin, '/o/birch-bakery/keys');
  await page.goto(`http://127.0.0.9:${port}/`);
  const confirm = page.getByRole('button', { name: 'Sign out' });
  await confirm.waitFor();
  const names = async () => (await context.cookies(demo.url)).map((cookie) => cookie.name);
  assert.ok((await names()).some((name) => name.includes('vestibule_session')), 'the session goes on');
  await confirm.click();
  await page.getByText('You are signed out').first().waitFor();
  assert.ok(!(await names()).some((name) => name.includes('vestibule_session')));
  await context.close();
  site.close();
});
