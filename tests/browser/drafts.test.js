/** Unsaved entries are restored after a session has ended. */

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { PEOPLE, api, changeDatabase, heading, signIn, visitor } from './demo.js';
import { browser, demo, runDemo } from './running.js';

runDemo();

/** Deletes all sessions of a person, as if they had expired. @param {string} email */
const endSessions = (email) =>
  changeDatabase(demo, 'DELETE FROM sessions WHERE user_id = (SELECT id FROM users WHERE email = ?)', [email]);

/**
 * Signs in on the sign-in page that is open.
 * @param {import('playwright-core').Page} page
 * @param {string} email
 */
async function signInHere(page, email) {
  await page.getByRole('alert').getByText('Your session has ended').waitFor();
  await page.getByLabel('E-mail').fill(email);
  await page.getByLabel('Password').fill(demo.people.find((one) => one.email === email).password);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.waitForURL((url) => url.pathname !== '/login');
  await heading(page);
}

const RESTORED = 'Your entries have been restored. They are not saved yet.';

/** The session storage of the tab, as text. @param {import('playwright-core').Page} page */
const stored = (page) => page.evaluate(() => JSON.stringify(sessionStorage));

test('a list of people to invite is restored after signing in again, and deleted from the tab after it is sent', async () => {
  const { page, context, complaints } = await visitor(browser);
  await signIn(page, demo, PEOPLE.businessAdmin, '/workspaces');
  const me = await api(page, '/me');
  const members = `${demo.url}/w/${me.organisations[0].workspaces[0].id}/members`;
  await page.goto(members);
  await heading(page);
  await page.getByText('Invite several people at once').click();
  const typed = 'pia@birch.example, Admin\npaul@birch.example';
  await page.getByLabel('People', { exact: true }).fill(typed);
  await page.getByLabel('Role for lines without one').selectOption('Admin');
  await endSessions(PEOPLE.businessAdmin);
  await page.getByRole('button', { name: 'Check the list' }).click();
  await signInHere(page, PEOPLE.businessAdmin);
  assert.equal(page.url(), members);
  await page.getByText(RESTORED).waitFor();
  assert.equal(await page.getByLabel('People', { exact: true }).inputValue(), typed);
  assert.equal(await page.getByLabel('Role for lines without one').inputValue(), 'admin');
  await page.getByRole('button', { name: 'Check the list' }).click();
  await page.getByRole('button', { name: 'Invite 2 people' }).click();
  await page.getByRole('status').getByText('2 people are invited.').waitFor();
  assert.doesNotMatch(await stored(page), /pia@birch/);
  assert.deepEqual(complaints, []);
  await context.close();
});

test('the settings of a connection are restored, with a certificate that was added', async () => {
  const { page, context, complaints } = await visitor(browser);
  await signIn(page, demo, PEOPLE.enterpriseAdmin, '/o/northwind-robotics/sso');
  await page.getByLabel('SSO Portal Key').fill('northwind_2');
  await page.getByRole('button', { name: 'Add another certificate' }).click();
  await page.locator('#certificate-1').fill('another one');
  await endSessions(PEOPLE.enterpriseAdmin);
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await signInHere(page, PEOPLE.enterpriseAdmin);
  await page.getByText(RESTORED).waitFor();
  assert.equal(await page.getByLabel('SSO Portal Key').inputValue(), 'northwind_2');
  assert.equal(await page.locator('#certificate-1').inputValue(), 'another one');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.locator('#certificates-error, #certificate-1-error').first().waitFor();
  assert.deepEqual(complaints, []);
  await context.close();
});

test('passwords and private keys are not kept, and entries are not shown to another person', async () => {
  const { page, context } = await visitor(browser);
  await signIn(page, demo, PEOPLE.businessAdmin, '/account');
  await page.getByLabel('Name', { exact: true }).fill('Bruno the Second');
  await page.getByLabel('Current password').fill('swordfish');
  await page.getByLabel('New password').fill('copper walnut tides 9');
  await endSessions(PEOPLE.businessAdmin);
  await page.getByRole('button', { name: 'Change password' }).click();
  await page.waitForURL('**/login?**');
  const kept = await stored(page);
  assert.match(kept, /Bruno the Second/);
  assert.doesNotMatch(kept, /swordfish|walnut/);
  await signInHere(page, PEOPLE.businessMember);
  assert.equal(await page.getByLabel('Name', { exact: true }).inputValue(), 'Bob Brewer');
  assert.equal(await page.getByText(RESTORED).count(), 0);
  assert.doesNotMatch(await stored(page), /Bruno/);

  await signIn(page, demo, PEOPLE.enterpriseAdmin, '/o/northwind-robotics/sso');
  await page.locator('#certificate-0').fill('-----BEGIN PRIVATE KEY-----\nMIIE');
  await endSessions(PEOPLE.enterpriseAdmin);
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.waitForURL('**/login?**');
  assert.doesNotMatch(await stored(page), /PRIVATE KEY/);
  await context.close();
});

test('an unsaved name and logo are restored', async () => {
  const { page, context, complaints } = await visitor(browser);
  await signIn(page, demo, PEOPLE.businessAdmin, '/o/birch-bakery/settings');
  await page.getByLabel('Name beside the logo').fill('Birch & Sons');
  const drawing = '<svg xmlns="http://www.w3.org/2000/svg" width="10" height="10"><rect width="10" height="10"/></svg>';
  await page.locator('#logo-file').setInputFiles({ name: 'logo.svg', mimeType: 'image/svg+xml', buffer: Buffer.from(drawing) });
  await page.getByRole('button', { name: 'Remove logo' }).waitFor();
  await endSessions(PEOPLE.businessAdmin);
  await page.getByRole('button', { name: 'Save branding' }).click();
  await signInHere(page, PEOPLE.businessAdmin);
  await page.getByText(RESTORED).waitFor();
  assert.equal(await page.getByLabel('Name beside the logo').inputValue(), 'Birch & Sons');
  await page.getByRole('button', { name: 'Remove logo' }).waitFor();
  assert.deepEqual(complaints, []);
  await context.close();
});

test('the text of a metadata file and of a certificate file is restored in the text fields', async () => {
  const { page, context, complaints } = await visitor(browser);
  await signIn(page, demo, PEOPLE.enterpriseAdmin, '/o/northwind-robotics/sso');
  const file = await readFile(new URL('../inputs/metadata-good-twin.xml', import.meta.url));
  const certificate = await readFile(new URL('../inputs/certificate-bag-attributes.pem', import.meta.url));
  await page.locator('#certificate-file').setInputFiles({ name: 'next.pem', mimeType: 'text/plain', buffer: certificate });
  await page.getByText('next.pem was added.').waitFor();
  await endSessions(PEOPLE.enterpriseAdmin);
  await page.locator('#metadata-file').setInputFiles({ name: 'idp.xml', mimeType: 'text/xml', buffer: file });
  await signInHere(page, PEOPLE.enterpriseAdmin);
  await page.getByText(RESTORED).waitFor();
  assert.equal(await page.getByLabel('Metadata XML').inputValue(), file.toString());
  assert.match(await page.locator('#certificate-1').inputValue(), /BEGIN CERTIFICATE/);
  await page.getByRole('button', { name: 'Fill the form' }).click();
  await page.getByText('The form is filled from the metadata.').waitFor();
  assert.equal(await page.locator('#idp_entity_id').inputValue(), 'https://idp.example.com/e');
  assert.deepEqual(complaints, []);
  await context.close();
});

test('the text of a file of people is restored', async () => {
  const { page, context, complaints } = await visitor(browser);
  await signIn(page, demo, PEOPLE.businessAdmin, '/workspaces');
  const me = await api(page, '/me');
  await page.goto(`${demo.url}/w/${me.organisations[0].workspaces[0].id}/members`);
  await heading(page);
  await page.getByText('Invite several people at once').click();
  await endSessions(PEOPLE.businessAdmin);
  const people = 'name,email\nRita Reed,rita@birch.example';
  await page.locator('#people-file').setInputFiles({ name: 'people.csv', mimeType: 'text/csv', buffer: Buffer.from(people) });
  await signInHere(page, PEOPLE.businessAdmin);
  await page.getByText(RESTORED).waitFor();
  assert.equal(await page.getByLabel('People', { exact: true }).inputValue(), people);
  assert.deepEqual(complaints, []);
  await context.close();
});

test('a file that cannot be kept is named, with the advice to choose it again', async () => {
  const { page, context, complaints } = await visitor(browser);
  await signIn(page, demo, PEOPLE.businessAdmin, '/o/birch-bakery/settings');
  const drawing = '<svg xmlns="http://www.w3.org/2000/svg" width="10" height="10"><rect width="10" height="10"/></svg>';
  const logo = { name: 'birch.svg', mimeType: 'image/svg+xml', buffer: Buffer.from(drawing) };
  await endSessions(PEOPLE.businessAdmin);
  await page.locator('#logo-file').setInputFiles(logo);
  await signInHere(page, PEOPLE.businessAdmin);
  await page.locator('.toast').getByText('Choose birch.svg again.').waitFor();
  await page.getByText('Your session ended before birch.svg was read. Choose it again.').waitFor();
  assert.match(await page.locator('#logo-file').getAttribute('aria-describedby'), /logo-file-again/);
  await page.locator('#logo-file').setInputFiles(logo);
  await page.getByRole('button', { name: 'Remove logo' }).waitFor();
  assert.equal(await page.getByText('Your session ended before').count(), 0);
  assert.deepEqual(complaints, []);
  await context.close();
});
