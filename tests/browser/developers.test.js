/** The page with the API's description. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PEOPLE, signIn, visitor } from './demo.js';
import { browser, demo, runDemo } from './running.js';

runDemo();

test('an admin opens the API page from the API keys, finds an operation, unfolds it by keyboard and copies its command', async () => {
  const { page, context, complaints } = await visitor(browser, { permissions: ['clipboard-read', 'clipboard-write'] });
  await signIn(page, demo, PEOPLE.enterpriseAdmin, '/o/northwind-robotics/keys');
  await page.getByRole('link', { name: 'the API' }).click();
  await page.waitForURL('**/developers');
  await page.getByRole('heading', { level: 1, name: 'API', exact: true }).waitFor();
  await page.getByLabel('Find an operation').fill('invitations');
  const found = await page.locator('.operation code').allInnerTexts();
  assert.ok(found.length && found.every((path) => path.includes('invitations')), `${found}`);
  await page.locator('#create_invitation summary').focus();
  await page.keyboard.press('Enter');
  const told = page.locator('#create_invitation');
  await told.getByText('Admins of the workspace, organisation admins and operators').waitFor();
  await told.getByText('manage_members').waitFor();
  assert.match(await told.getByRole('region', { name: 'Body, its shape' }).innerText(), /role: string/);
  await told.getByRole('button', { name: 'Copy the command' }).click();
  await told.getByText('Copied').waitFor();
  const command = await page.evaluate(() => navigator.clipboard.readText());
  assert.ok(command.startsWith(`curl -X POST '${demo.url}/api/v1/workspaces/ID/invitations'`), command);
  await page.getByLabel('Find an operation').fill('cake');
  await page.getByText('No operation matches.').waitFor();
  await context.close();
  assert.deepEqual(complaints, []);
});

test('every operation of the description can be unfolded', async () => {
  const { page, context, complaints } = await visitor(browser);
  await signIn(page, demo, PEOPLE.operator, '/developers');
  const operations = await page.evaluate(async () => {
    const { paths } = await (await fetch('/api/openapi.json')).json();
    return Object.values(paths).flatMap((methods) => Object.values(methods)).length;
  });
  await page.evaluate(() => document.querySelectorAll('.operation').forEach((folded) => { folded.open = true; }));
  await page.waitForFunction((count) => document.querySelectorAll('.operation > div').length === count, operations);
  const text = await page.locator('main').innerText();
  assert.doesNotMatch(text, /undefined|\[object/);
  await context.close();
  assert.deepEqual(complaints, []);
});
