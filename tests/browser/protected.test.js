/** The demo's applications behind a reverse proxy: signing in from there, what they receive, and what is denied. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { violations } from './axe.js';
import { PEOPLE, visitor } from './demo.js';
import { browser, demo, runDemo } from './running.js';

runDemo();

/** The address of an application. @param {string} name */
const address = (name) => demo.applications.find((application) => application.name === name).url;

/** What the list of the echo application says about a header. @param {import('playwright-core').Page} page @param {string} name */
const received = (page, name) => page.locator('dt', { hasText: new RegExp(`^${name}$`) }).locator('xpath=following-sibling::dd[1]').innerText();

test('a person opens an application, signs in with a password and returns to the page, which shows what the application receives', async () => {
  const { page, context, complaints } = await visitor(browser);
  const home = address('Recipe book');
  await page.goto(`${home}/bread?flour=rye`);
  await page.getByLabel('E-mail').fill(PEOPLE.businessMember);
  await page.getByLabel('Password').fill(demo.people.find((one) => one.email === PEOPLE.businessMember).password);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.waitForURL(`${home}/bread?flour=rye`);
  await page.getByText(`The application is told that ${PEOPLE.businessMember} is signed in, with the level editor.`).waitFor();
  await page.getByText('The proxy passes on each header of Vestibule once.').waitFor();
  assert.equal(await received(page, 'remote-user'), PEOPLE.businessMember);
  assert.equal(await received(page, 'x-vestibule-organisation'), 'birch-bakery');
  assert.equal((await received(page, 'x-vestibule-assertion')).split('.').length, 3);
  for (const colorScheme of /** @type {const} */ (['light', 'dark'])) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    assert.deepEqual(await violations(page), [], colorScheme);
  }
  await page.setViewportSize({ width: 360, height: 740 });
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth) <= 360);
  assert.equal((await page.goto(`${home}/public/menu`)).status(), 200);
  assert.deepEqual(complaints, []);

  assert.equal((await page.goto(`${home}/admin/`)).status(), 403);
  await page.getByText(`${PEOPLE.businessMember} may not do this in Recipe book: it needs the level admin.`).waitFor();
  await page.getByText(PEOPLE.businessAdmin).waitFor();

  await page.goto(`${home}/.vestibule/sign-out`);
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByText('You are signed out.').waitFor();
  await page.goto(`${home}/public/menu`);
  await page.getByText('The application is told that nobody is signed in.').waitFor();
  await page.goto(`${home}/bread`);
  await page.waitForURL(`${demo.url}/login?**`);
  await context.close();
});

test('an application opens without a second sign-in after a sign-in through the identity provider, and the tile leads to it', async () => {
  const { page, context, complaints } = await visitor(browser);
  await page.goto(`${demo.url}/sso?key=northwind_SSO`);
  await page.getByRole('button', { name: 'Continue as Nell Newman' }).click();
  await page.getByRole('link', { name: /^Robot manual/ }).click();
  await page.getByText('The application is told that nell@northwind.example is signed in, with the level editor.').waitFor();
  assert.equal(new URL(page.url()).origin, address('Robot manual'));
  assert.equal(await received(page, 'x-vestibule-organisation'), 'northwind-robotics');
  assert.deepEqual(complaints, []);
  await page.goto(`${address('Recipe book')}/`);
  await page.getByText('nell@northwind.example may not open Recipe book, because it belongs to Birch Bakery.').waitFor();
  await context.close();
});

test('headers of a client do not reach an application behind the proxy of the demo', async () => {
  const answer = await fetch(`${address('Recipe book')}/public/menu`, {
    headers: { 'remote-user': 'eve@elsewhere.example', remote_user: 'eve@elsewhere.example', 'x-forwarded-uri': '/public/other', 'x-original-url': 'https://x/' },
  });
  assert.equal(answer.status, 200);
  const { headers, faults } = await answer.json();
  assert.deepEqual(faults, []);
  assert.ok(!JSON.stringify(headers).includes('eve@'), JSON.stringify(headers));
  const refused = await fetch(`${address('Recipe book')}/bread`, { headers: { 'x-forwarded-uri': '/public/menu' }, redirect: 'manual' });
  assert.equal(refused.status, 401);
});

test('a person signs in at an application through OpenID Connect, which shows its claims, and signs out again', async () => {
  const { page, context, complaints } = await visitor(browser);
  const home = address('Shift planner');
  await page.goto(`${home}/`);
  for (const colorScheme of /** @type {const} */ (['light', 'dark'])) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    assert.deepEqual(await violations(page), [], colorScheme);
  }
  await page.getByRole('link', { name: 'Sign in with Vestibule' }).click();
  await page.getByText('Shift planner', { exact: true }).waitFor();
  await page.getByLabel('E-mail').fill(PEOPLE.enterpriseMember);
  await page.getByLabel('Password').fill(demo.people.find((one) => one.email === PEOPLE.enterpriseMember).password);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.waitForURL(`${home}/callback?**`);
  assert.equal(await page.locator('dt', { hasText: /^acr$/ }).locator('xpath=following-sibling::dd[1]').innerText(), 'pwd');
  await page.getByText(PEOPLE.enterpriseMember).first().waitFor();
  assert.deepEqual(await violations(page), []);
  await page.getByRole('link', { name: 'Sign out' }).click();
  await page.waitForURL(`${home}/`);
  await page.getByRole('link', { name: 'Sign in with Vestibule' }).click();
  await page.getByLabel('Password').waitFor();
  assert.deepEqual(complaints, []);

  await page.goto(`${demo.url}/sso?key=northwind_SSO`);
  await page.getByRole('button', { name: 'Continue as Nell Newman' }).click();
  await page.getByRole('link', { name: /^Shift planner/ }).click();
  await page.getByRole('link', { name: 'Sign in with Vestibule' }).click();
  await page.waitForURL(`${home}/callback?**`);
  assert.equal(await page.locator('dt', { hasText: /^acr$/ }).locator('xpath=following-sibling::dd[1]').innerText(), 'saml');
  await context.close();
});
