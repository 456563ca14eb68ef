/** People by the thousand: found, filtered, and shown a page at a time. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PEOPLE, api, heading, signIn, visitor } from './demo.js';
import { browser, demo, runDemo } from './running.js';

runDemo(['--crowd', '1000']);

const rows = (page) => page.locator('tbody tr:has(select[aria-label^="Role of"])');

async function openMembers(page) {
  await signIn(page, demo, PEOPLE.enterpriseAdmin, '/workspaces');
  const me = await api(page, '/me');
  await page.goto(`${demo.url}/w/${me.organisations[0].workspaces[0].id}/members`);
  await heading(page);
}

test('somebody among a thousand is found by a part of their name, and the way there is kept in the address', async () => {
  const { page, context, complaints } = await visitor(browser);
  await openMembers(page);
  await page.getByText('50 of 1,005 people').waitFor();
  await page.getByLabel('Name or address').fill('björn lind');
  await page.keyboard.press('Enter');
  await page.getByText(/^\d+ people$/).waitFor();
  assert.match(await rows(page).first().innerText(), /Björn Lindqvist/);
  await page.getByLabel('Name or address').fill('nils@');
  await page.getByRole('button', { name: 'Find' }).click();
  await page.getByText('1 person', { exact: true }).waitFor();
  await page.reload();
  await page.getByText('1 person', { exact: true }).waitFor();
  assert.equal(await page.getByLabel('Name or address').inputValue(), 'nils@');
  await page.getByLabel('Name or address').fill('nora@');
  await page.keyboard.press('Enter');
  await rows(page).getByText('Nora North').waitFor();
  await page.goBack();
  await rows(page).getByText('nils@').waitFor();
  assert.equal(await page.getByLabel('Name or address').inputValue(), 'nils@', 'the way back leads to the search before');
  await page.getByRole('button', { name: 'Clear filters' }).click();
  await page.getByText('50 of 1,005 people').waitFor();
  assert.equal(await page.getByLabel('Name or address').inputValue(), '');
  assert.deepEqual(complaints, []);
  await context.close();
});

test('filters narrow the list as they are chosen; nobody fitting is said', async () => {
  const { page, context, complaints } = await visitor(browser);
  await openMembers(page);
  await page.getByLabel('Has the role').selectOption('Admin');
  await page.getByText('50 and more people').waitFor();
  assert.equal(await page.getByLabel('Name or address').inputValue(), '');
  for (const select of await rows(page).locator('select').all()) assert.equal(await select.inputValue(), 'admin');
  await page.getByLabel('Last signed in by').selectOption('Never signed in');
  await page.getByText(/^1\d people$/).waitFor();
  await page.getByLabel('Last signed in', { exact: true }).selectOption('In the last 90 days');
  await page.getByText('Nobody fits.').waitFor();
  await page.goto(`${demo.url}/o/northwind-robotics/people?saml=waiting&method=password`);
  await page.getByText('50 and more people').waitFor();
  await page.goto(`${demo.url}/o/northwind-robotics/people?role=cake`);
  await page.getByText('Has the role must be one of').waitFor();
  assert.deepEqual(complaints, []);
  await context.close();
});

test('more people are added below, and stay there when one of them changes', async () => {
  const { page, context, complaints } = await visitor(browser);
  await openMembers(page);
  for (const shown of [100, 150]) {
    await page.getByRole('button', { name: 'Show 50 more' }).click();
    await page.getByText(`${shown} of 1,005 people`).waitFor();
  }
  assert.equal(await rows(page).count(), 150);
  const last = rows(page).last().locator('select');
  await last.selectOption('admin');
  await page.getByText(/is now Admin/).waitFor();
  await page.getByText('150 of 1,005 people').waitFor();
  assert.equal(await rows(page).count(), 150);
  assert.deepEqual(complaints, []);
  await context.close();
});
