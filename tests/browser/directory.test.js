/** Lists of a thousand people: searched, filtered, and shown page by page. */

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { PEOPLE, api, fromMore, heading, signIn, visitor } from './demo.js';
import { browser, demo, runDemo } from './running.js';

runDemo(['--crowd', '1000']);

const rows = (page) => page.locator('tbody tr:has(select[aria-label^="Role of"])');

async function openMembers(page) {
  await signIn(page, demo, PEOPLE.enterpriseAdmin, '/workspaces');
  const me = await api(page, '/me');
  await page.goto(`${demo.url}/w/${me.organisations[0].workspaces[0].id}/members`);
  await heading(page);
}

test('a person among a thousand is found by a part of their name, and the search is in the address', async () => {
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
  assert.equal(await page.getByLabel('Name or address').inputValue(), 'nils@', 'the browser’s back button restores the previous search');
  await page.getByRole('button', { name: 'Clear filters' }).click();
  await page.getByText('50 of 1,005 people').waitFor();
  assert.equal(await page.getByLabel('Name or address').inputValue(), '');
  assert.deepEqual(complaints, []);
  await context.close();
});

test('a search filters the invitations, too, and says if none matches', async () => {
  const { page, context, complaints } = await visitor(browser);
  await openMembers(page);
  for (const email of ['otto@northwind.example', 'oskar@northwind.example']) {
    await page.getByLabel('E-mail').fill(email);
    await page.getByRole('button', { name: 'Invite', exact: true }).click();
    await page.getByText(`${email} is invited.`).waitFor();
  }
  const invited = page.getByRole('button', { name: /^Remove invitation of/ });
  assert.equal(await invited.count(), 2);
  await page.getByLabel('Name or address').fill('OTTO');
  await page.keyboard.press('Enter');
  await page.getByText('With “OTTO” in the address: 1 of 2.').waitFor();
  assert.equal(await invited.getAttribute('aria-label'), 'Remove invitation of otto@northwind.example');
  await page.getByLabel('Name or address').fill('ottilie');
  await page.keyboard.press('Enter');
  await page.getByText('None of the open invitations has “ottilie” in its address.').waitFor();
  assert.equal(await invited.count(), 0);
  await page.getByRole('button', { name: 'Clear filters' }).click();
  await invited.nth(1).waitFor();
  for (const left of ['oskar', 'otto']) {
    await page.getByRole('button', { name: `Remove invitation of ${left}@northwind.example` }).click();
    await page.getByText(`The invitation of ${left}@northwind.example is removed.`).waitFor();
  }
  await page.getByText('There are no open invitations.').waitFor();
  assert.deepEqual(complaints, []);
  await context.close();
});

test('filters apply as soon as they are chosen, and the page says if no one matches', async () => {
  const { page, context, complaints } = await visitor(browser);
  await openMembers(page);
  await page.getByLabel('Has the role').selectOption('Admin');
  await page.getByText('50 and more people').waitFor();
  assert.equal(await page.getByLabel('Name or address').inputValue(), '');
  for (const select of await rows(page).locator('select').all()) assert.equal(await select.inputValue(), 'admin');
  await page.getByLabel('Last signed in by').selectOption('Never signed in');
  await page.getByText(/^1\d people$/).waitFor();
  await page.getByLabel('Last signed in', { exact: true }).selectOption('In the last 90 days');
  await page.getByText('No one matches.').waitFor();
  await page.goto(`${demo.url}/o/northwind-robotics/people?saml=waiting&method=password`);
  await page.getByText('50 and more people').waitFor();
  await page.goto(`${demo.url}/o/northwind-robotics/people?role=cake`);
  await page.getByText('Has the role must be admin, power_user or').waitFor();
  assert.deepEqual(complaints, []);
  await context.close();
});

test('Show more adds people below, and they are still shown when one of them is changed', async () => {
  const { page, context, complaints } = await visitor(browser);
  await openMembers(page);
  for (const shown of [100, 150]) {
    await page.getByRole('button', { name: 'Show 50 more' }).click();
    await page.getByText(`${shown} of 1,005 people`).waitFor();
  }
  assert.equal(await rows(page).count(), 150);
  const last = rows(page).last().locator('select');
  await last.selectOption('admin');
  await page.getByRole('dialog').getByRole('button', { name: 'Make Admin' }).click();
  await page.getByText(/is now Admin/).waitFor();
  await page.getByText('150 of 1,005 people').waitFor();
  assert.equal(await rows(page).count(), 150);
  assert.equal(await last.inputValue(), 'admin');
  assert.deepEqual(complaints, []);
  await context.close();
});

test('everyone who loses access by a switch is named, two hundred at a time', async () => {
  const { page, context, complaints } = await visitor(browser);
  await signIn(page, demo, PEOPLE.operator, '/o/northwind-robotics/settings');
  await page.getByRole('radio', { name: 'Business' }).check();
  const losing = page.getByRole('list', { name: 'Lose access' }).getByRole('listitem');
  await page.getByRole('heading', { name: /^Lose access/ }).waitFor();
  const title = await page.getByRole('heading', { name: /^Lose access/ }).innerText();
  const all = Number(/\d+/.exec(title)?.[0]);
  for (let named = 200; named < all; named += 200) {
    await losing.getByText(`and ${all - named} more`, { exact: true }).waitFor();
    await losing.getByRole('button', { name: 'Show more' }).click();
  }
  await losing.getByText(/^and/).waitFor({ state: 'detached' });
  assert.equal(await losing.count(), all);
  assert.equal(new Set(await losing.locator('strong').allInnerTexts()).size, all, 'each person is listed once');
  assert.deepEqual(complaints, []);
  await context.close();
});

test('a refused CSV download keeps the page and shows the reason', async () => {
  const { page, context, complaints } = await visitor(browser, { acceptDownloads: true });
  await signIn(page, demo, PEOPLE.businessAdmin, '/o/birch-bakery/people');
  const file = page.getByRole('link', { name: 'Download as CSV' });
  const busy = { status: 429, json: { error: { code: 'throttled', message: 'Too many files at once.' } } };
  await page.route('**/members.csv?*', (route) => route.fulfill(busy));
  await file.click();
  await page.getByText('Too many files at once.').waitFor();
  await page.unroute('**/members.csv?*');

  await context.clearCookies();
  await file.click();
  await page.waitForURL(/login\?error=session_over&return=%2Fo%2Fbirch-bakery%2Fpeople$/);
  await signIn(page, demo, PEOPLE.businessAdmin, '/o/birch-bakery/people');
  const operator = await visitor(browser);
  await signIn(operator.page, demo, PEOPLE.operator, '/o/birch-bakery/people');
  await fromMore(operator.page, 'bella@birch.example', 'Make admin: bella@birch.example');
  await operator.page.getByRole('dialog').getByRole('button', { name: 'Make admin' }).click();
  await operator.page.getByText('bella@birch.example is now an organisation admin.').waitFor();
  await fromMore(operator.page, PEOPLE.businessAdmin, `Remove admin: ${PEOPLE.businessAdmin}`);
  await operator.page.getByRole('dialog').getByRole('button', { name: 'Remove admin' }).click();
  await operator.page.getByText(`${PEOPLE.businessAdmin} is no longer an organisation admin.`).waitFor();
  await file.click();
  await page.getByText('Only organisation admins can do this. Ask one of them.').waitFor();
  assert.equal(new URL(page.url()).pathname, '/o/birch-bakery/people');
  assert.deepEqual([...complaints, ...operator.complaints], []);
  for (const one of [context, operator.context]) await one.close();
});

test('people and the audit log are downloaded completely, with the filters of the page', async () => {
  const { page, context, complaints } = await visitor(browser, { acceptDownloads: true });
  await signIn(page, demo, PEOPLE.enterpriseAdmin, '/o/northwind-robotics/people');
  const file = async () => {
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'Download as CSV' }).click()]);
    const text = await readFile(await download.path(), 'utf8');
    return { name: download.suggestedFilename(), lines: text.trimEnd().split('\r\n') };
  };
  const all = await file();
  assert.match(all.name, /^northwind-robotics-members-\d{4}-\d\d-\d\d\.csv$/);
  assert.equal(all.lines.length, 1006);
  assert.match(all.lines[0], /^\ufeff"email","name"/);
  await page.getByLabel('Name or address').fill('nils@');
  await page.getByRole('button', { name: 'Find' }).click();
  await page.getByText('1 person', { exact: true }).waitFor();
  assert.equal((await file()).lines.length, 2);
  await page.goto(`${demo.url}/o/northwind-robotics/audit?resource_type=session`);
  await heading(page);
  const log = await file();
  assert.match(log.name, /^northwind-robotics-audit-/);
  assert.ok(log.lines.length > 1 && log.lines.slice(1).every((line) => line.includes('"session"')), String(log.lines));
  assert.deepEqual(complaints, []);
  await context.close();
});
