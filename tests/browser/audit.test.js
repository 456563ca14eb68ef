import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PEOPLE, heading, signIn, visitor } from './demo.js';
import { browser, demo, runDemo } from './running.js';

runDemo();

const LOG = '/o/birch-bakery/audit';

/** The sentences of the entries on the page. @param {import('playwright-core').Page} page */
const lines = (page) => page.locator('tbody .sentence').allInnerTexts();

/**
 * Creates workspaces through the API.
 * @param {import('playwright-core').Page} page
 * @param {string[]} names
 */
const makeWorkspaces = (page, names) => page.evaluate(async (wanted) => {
  for (const name of wanted) {
    await fetch('/api/v1/organisations/birch-bakery/workspaces', {
      method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ name }),
    });
  }
}, names);

test('an admin filters the audit log, and the filters are in the address', async () => {
  const { page, context, complaints } = await visitor(browser);
  await signIn(page, demo, PEOPLE.businessMember);
  await signIn(page, demo, PEOPLE.businessAdmin, '/o/birch-bakery/workspaces');
  await makeWorkspaces(page, ['Night shift']);
  await page.getByRole('link', { name: 'Audit log' }).click();
  await page.getByRole('heading', { level: 1, name: 'Audit log' }).waitFor();
  assert.deepEqual((await lines(page)).slice(0, 3), [
    'Bruno Birch created the workspace Night shift.', 'Bruno Birch signed in with a password.', 'Bob Brewer signed in with a password.',
  ]);
  assert.equal(await page.getByRole('link', { name: 'Clear filters' }).count(), 0);

  await page.getByLabel('Kind').selectOption('Workspace');
  await page.getByLabel('Name').fill('night');
  await page.getByLabel('Workspace', { exact: true }).selectOption('Night shift');
  await page.getByRole('button', { name: 'Show', exact: true }).click();
  await page.waitForURL(/audit\?resource_type=workspace&resource=night&workspace=/);
  await page.getByRole('link', { name: 'Clear filters' }).waitFor();
  assert.deepEqual(await lines(page), ['Bruno Birch created the workspace Night shift.']);
  await page.reload();
  await heading(page);
  assert.equal(await page.getByLabel('Name').inputValue(), 'night');
  assert.equal(await page.getByLabel('Kind').inputValue(), 'workspace');

  await page.getByRole('link', { name: 'Clear filters' }).click();
  await page.getByRole('link', { name: 'Clear filters' }).waitFor({ state: 'detached' });
  assert.equal(page.url(), `${demo.url}${LOG}`);
  await page.getByLabel('Person').fill(PEOPLE.businessMember.toUpperCase());
  await page.getByLabel('Person').press('Enter');
  await page.getByText('created the workspace').waitFor({ state: 'detached' });
  assert.deepEqual(await lines(page), ['Bob Brewer signed in with a password.']);
  await page.goBack();
  await page.getByText('created the workspace').waitFor();
  assert.deepEqual(complaints, []);
  await context.close();
});

test('days are in the reader’s time zone, and an invalid filter is reported beside its field', async () => {
  const { page, context } = await visitor(browser, { timezoneId: 'Pacific/Kiritimati' });
  await signIn(page, demo, PEOPLE.businessAdmin, LOG);
  const today = new Intl.DateTimeFormat('sv-SE', { timeZone: 'Pacific/Kiritimati' }).format(new Date());
  await page.getByLabel('From').fill(today);
  await page.getByLabel('To', { exact: true }).fill(today);
  await page.getByRole('button', { name: 'Show', exact: true }).click();
  await page.waitForURL(`**/audit?from=${today}&to=${today}`);
  await page.getByRole('link', { name: 'Clear filters' }).waitFor();
  assert.equal((await lines(page))[0], 'Bruno Birch signed in with a password.');
  await page.goto(`${demo.url}${LOG}?from=2099-01-01`);
  await page.getByText('Nothing in the log matches these filters.').waitFor();
  await page.goto(`${demo.url}${LOG}?resource_type=cake`);
  await page.locator('#resource_type-error').getByText('Kind must be one of').waitFor();
  await page.goto(`${demo.url}${LOG}?from=2026-11-24&to=2026-11-20`);
  await page.locator('#to-error').getByText('“To” is before “From”: swap the two.').waitFor();
  await context.close();
});

test('the filter by person suggests people by a part of their name', async () => {
  const { page, context, complaints } = await visitor(browser);
  await signIn(page, demo, PEOPLE.businessAdmin, LOG);
  await page.getByLabel('Person').pressSequentially('bruno');
  const suggested = page.locator('#user-list option');
  await suggested.waitFor({ state: 'attached' });
  assert.equal(await suggested.getAttribute('value'), PEOPLE.businessAdmin);
  await page.getByLabel('Person').fill(PEOPLE.businessAdmin);
  await page.getByRole('button', { name: 'Show', exact: true }).click();
  await page.waitForURL(/user=bruno/);
  await page.getByRole('link', { name: 'Clear filters' }).waitFor();
  for (const line of await lines(page)) assert.match(line, /^Bruno Birch /);
  assert.deepEqual(complaints, []);
  await context.close();
});

test('the filter by person accepts a part of a name or an e-mail that no suggestion matches', async () => {
  const { page, context, complaints } = await visitor(browser);
  await signIn(page, demo, PEOPLE.operator, '/operator/audit');
  await page.getByLabel('Person').fill('bruno b');
  await page.getByLabel('Person').press('Enter');
  await page.waitForURL(/user=bruno/);
  await page.getByRole('link', { name: 'Clear filters' }).waitFor();
  const found = await lines(page);
  assert.ok(found.length > 0);
  for (const line of found) assert.match(line, /^Bruno Birch /);
  assert.deepEqual(complaints, []);
  await context.close();
});

test('a long log is shown fifty entries at a time, with details that can be unfolded', async () => {
  const { page, context, complaints } = await visitor(browser);
  await signIn(page, demo, PEOPLE.businessAdmin, '/o/birch-bakery/settings');
  await makeWorkspaces(page, Array.from({ length: 55 }, (_, n) => `Room ${n}`));
  await page.getByLabel('Name of the organisation').fill('Birch & Sons');
  await page.getByRole('button', { name: 'Save name' }).click();
  await page.getByText('The name is saved.').waitFor();
  await page.goto(`${demo.url}${LOG}`);
  await heading(page);
  const first = page.locator('tbody tr').first();
  await first.getByText('Details').click();
  await first.getByRole('definition').getByText('Birch Bakery').waitFor();
  await first.getByText(`${PEOPLE.businessAdmin} from 127.0.0.1`).waitFor();
  assert.equal(await page.locator('tbody tr').count(), 50);
  await page.getByRole('button', { name: 'Show more' }).click();
  await page.waitForFunction(() => document.querySelectorAll('tbody tr').length > 55);
  assert.ok(!(await page.getByRole('button', { name: 'Show more' }).isVisible()));
  assert.deepEqual(complaints, []);
  await context.close();
});

test('an operator sees the log of all organisations, and a member sees none', async () => {
  const { page, context, complaints } = await visitor(browser);
  await signIn(page, demo, PEOPLE.operator, '/operator/organisations');
  await page.getByRole('link', { name: 'Audit log' }).click();
  await page.getByRole('heading', { level: 1, name: 'Audit log' }).waitFor();
  assert.equal(await page.getByLabel('Workspace', { exact: true }).count(), 0);
  await page.getByLabel('Kind').selectOption('SSO connection');
  await page.getByRole('button', { name: 'Show', exact: true }).click();
  const saved = page.locator('tbody tr').filter({ hasText: 'saved the SSO settings' });
  await saved.getByText('Northwind Robotics').waitFor();
  await saved.getByText('The command line', { exact: true }).waitFor();
  assert.deepEqual(complaints, []);
  await signIn(page, demo, PEOPLE.enterpriseMember, '/operator/audit');
  await page.getByRole('alert').waitFor();
  await context.close();
});

test('a bar of the chart opens its day by mouse and keyboard, and quick ranges select several days', async () => {
  const { page, context, complaints } = await visitor(browser);
  await signIn(page, demo, PEOPLE.businessAdmin, LOG);
  const bars = page.getByRole('list', { name: 'Entries per day' }).getByRole('link');
  assert.equal(await bars.count(), 30);
  assert.match(await page.locator('.activity figcaption').innerText(), /^From .+ to .+: \d+ entries, most on /);
  await page.getByLabel('Kind').selectOption('Session');
  await page.getByRole('button', { name: 'Show', exact: true }).click();
  await page.getByRole('link', { name: 'Clear filters' }).waitFor();
  assert.equal(await bars.nth(29).getAttribute('tabindex'), '0');
  await bars.nth(29).focus();
  await page.keyboard.press('ArrowLeft');
  assert.ok(await bars.nth(28).evaluate((bar) => bar === document.activeElement));
  await page.keyboard.press('End');
  assert.ok(await bars.nth(29).evaluate((bar) => bar === document.activeElement));
  await page.keyboard.press('Enter');
  await page.waitForURL(/audit\?resource_type=session&from=(\d{4}-\d\d-\d\d)&to=\1$/);
  await page.getByRole('list', { name: 'Entries per hour' }).waitFor();
  await page.getByRole('navigation', { name: 'Quick ranges' }).getByRole('link', { name: '7 days' }).click();
  await page.getByRole('list', { name: 'Entries per day' }).waitFor();
  assert.equal(await bars.count(), 7);
  assert.match(page.url(), /resource_type=session&from=/);
  assert.equal(await page.getByRole('link', { name: '7 days' }).getAttribute('aria-current'), 'true');
  await bars.nth(6).click();
  await page.getByRole('list', { name: 'Entries per hour' }).waitFor();
  assert.ok((await lines(page)).length > 0);
  assert.deepEqual(complaints, []);
  await context.close();
});
