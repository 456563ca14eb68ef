/**
 * Values that are shown only once: they get the focus, and leaving the page before they are copied needs a
 * confirmation.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { violations } from './axe.js';
import { PEOPLE, api, arrival, fromMore, heading, signIn, visitor } from './demo.js';
import { assertFocused } from './keyboard.js';
import { browser, demo, runDemo } from './running.js';

runDemo();

const PHONE = { viewport: { width: 360, height: 740 } };

/** @typedef {import('playwright-core').Page} Page */

/** Asserts that the box with this name has the focus and is visible, completely if it fits. @param {Page} page @param {string} name */
async function assertVisibleWithFocus(page, name) {
  const box = page.getByRole('group', { name, exact: true });
  await box.waitFor();
  await assertFocused(page, name);
  const { y = 0, height = 0 } = (await box.boundingBox()) ?? {};
  const room = page.viewportSize()?.height ?? 0;
  assert.ok(y >= 0 && y + Math.min(height, 200) <= room, `${name} is at ${y}, ${height} high, in ${room}`);
  assert.deepEqual(await violations(page), []);
}

/** @param {Page} page */
const leaveDialog = (page) => page.getByRole('dialog', { name: 'Leave this page?' });

/** Opens the members of the first workspace. @param {Page} page @param {string} email */
async function openMembers(page, email = PEOPLE.businessAdmin) {
  await signIn(page, demo, email, '/workspaces');
  const { organisations: [{ workspaces: [{ id }] }] } = await api(page, '/me');
  await page.goto(`${demo.url}/w/${id}/members`);
  await heading(page);
}

/** @param {Page} page @param {string} email */
async function invite(page, email) {
  await page.getByLabel('E-mail').fill(email);
  await page.getByRole('button', { name: 'Invite', exact: true }).click();
  await page.getByText(`${email} is invited. The link is under “Invite a person”.`).waitFor();
}

test('each new link, key and code gets the focus and is visible, also on a phone', async () => {
  for (const options of [{}, PHONE]) {
    const { page, context, complaints } = await visitor(browser, { ...options, permissions: ['clipboard-read', 'clipboard-write'] });
    const tag = options === PHONE ? 'phone' : 'wide';
    await openMembers(page);
    await invite(page, `${tag}@birch.example`);
    await assertVisibleWithFocus(page, 'Invitation link');
    await page.getByRole('button', { name: `Resend invitation to ${tag}@birch.example` }).click();
    await page.getByText(`${tag}@birch.example has a new link. The old one no longer works. The link is under “Invite a person”.`).waitFor();
    await assertVisibleWithFocus(page, 'Invitation link');

    await page.goto(`${demo.url}/o/birch-bakery/keys`);
    await page.getByLabel('Name').fill(`Key of ${tag}`);
    await page.getByRole('checkbox', { name: 'Read' }).check();
    await page.getByRole('button', { name: 'Create key' }).click();
    await page.getByText(`Key of ${tag} is created. The key is under “New key”`).waitFor();
    await assertVisibleWithFocus(page, 'API key');

    await signIn(page, demo, PEOPLE.operator, '/operator/operators');
    await page.getByLabel('E-mail').fill(`${tag}@vestibule.example`);
    await page.getByRole('button', { name: 'Add operator' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Add operator' }).click();
    await page.getByText('The link to pass on is under “New operator”.').waitFor();
    await assertVisibleWithFocus(page, 'One-time link for an operator');

    await page.goto(`${demo.url}/operator/organisations`);
    await page.getByLabel('Name', { exact: true }).fill(`Works of ${tag}`);
    await page.getByRole('radio', { name: /^Enterprise/ }).check();
    await page.getByLabel('E-mail of its first admin').fill(`${tag}@works.example`);
    await page.getByRole('button', { name: 'Create organisation' }).click();
    await page.getByText('The link is under “New organisation”.').waitFor();
    await assertVisibleWithFocus(page, 'Invitation link');

    await page.goto(`${demo.url}/o/works-of-${tag}/sso`);
    await page.getByText('Send this to your IT admin').click();
    await page.getByRole('button', { name: 'Create link' }).click();
    await page.getByText('It is under “Send this to your IT admin”').waitFor();
    await assertVisibleWithFocus(page, 'Set-up link');

    await page.goto(`${demo.url}/o/northwind-robotics/people`);
    await heading(page);
    await fromMore(page, 'nils@northwind.example', 'Password link for nils@northwind.example');
    await page.getByRole('dialog').getByRole('button', { name: 'Create link' }).click();
    await page.getByText('is at the top of this page.').waitFor();
    await assertVisibleWithFocus(page, 'Password link');
    assert.deepEqual(complaints, []);
    await context.close();
  }
});

test('leaving a page needs a confirmation while a link is not copied, and none after it was copied', async () => {
  const { page, context, complaints } = await visitor(browser, { permissions: ['clipboard-read', 'clipboard-write'] });
  await openMembers(page);
  await invite(page, 'ida@birch.example');
  const members = page.url();
  await page.getByRole('link', { name: 'Audit log' }).click();
  await leaveDialog(page).getByText('Invitation link', { exact: true }).waitFor();
  await assertFocused(page, 'Stay', 'Enter keeps the page');
  assert.deepEqual(await violations(page), []);
  await leaveDialog(page).getByRole('button', { name: 'Stay' }).click();
  assert.equal(page.url(), members);
  await assertVisibleWithFocus(page, 'Invitation link');

  await page.getByRole('button', { name: 'Copy ida@birch.example' }).click();
  assert.match(await page.evaluate(() => navigator.clipboard.readText()), /\/invitation\?token=/);
  await page.getByRole('link', { name: 'Audit log' }).click();
  await arrival(page, 'Audit log');
  assert.deepEqual(complaints, []);
  await context.close();
});

test('the browser’s back button needs the confirmation too, and goes back after it', async () => {
  const { page, context, complaints } = await visitor(browser);
  await openMembers(page);
  const members = page.url();
  await page.getByRole('link', { name: 'API keys' }).click();
  await arrival(page, 'API keys');
  await page.getByLabel('Name').fill('Left behind');
  await page.getByRole('checkbox', { name: 'Read' }).check();
  await page.getByRole('button', { name: 'Create key' }).click();
  await page.getByText('Left behind is created.').waitFor();
  await page.goBack();
  await leaveDialog(page).waitFor();
  assert.equal(new URL(page.url()).pathname, '/o/birch-bakery/keys');
  await page.keyboard.press('Escape');
  await leaveDialog(page).waitFor({ state: 'detached' });
  await assertVisibleWithFocus(page, 'API key');
  await page.goBack();
  await leaveDialog(page).getByRole('button', { name: 'Leave', exact: true }).click();
  await arrival(page, 'Members');
  assert.equal(page.url(), members);
  assert.deepEqual(complaints, []);
  await context.close();
});

test('when the session ends while a link is not copied, the page says so and still shows the link', async () => {
  const { page, context, complaints } = await visitor(browser, { permissions: ['clipboard-read', 'clipboard-write'] });
  await openMembers(page);
  await invite(page, 'late@birch.example');
  const link = await page.locator('.once [data-value]').innerText();
  await context.clearCookies();
  const resend = page.getByRole('button', { name: 'Resend invitation to late@birch.example' });
  await resend.click();
  const ended = page.getByRole('dialog', { name: 'Your session has ended' });
  await ended.getByText('Invitation link', { exact: true }).waitFor();
  assert.deepEqual(await violations(page), []);
  await ended.getByRole('button', { name: 'Stay' }).click();
  await assertVisibleWithFocus(page, 'Invitation link');
  await page.getByRole('button', { name: 'Copy late@birch.example' }).click();
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), link);
  await resend.click();
  await page.waitForURL(/login\?error=session_over&return=%2Fw%2F/);
  assert.deepEqual(complaints, []);
  await context.close();
});

test('closing the tab needs a confirmation while a link is not copied', async () => {
  const { page, context } = await visitor(browser, { permissions: ['clipboard-read', 'clipboard-write'] });
  /** @type {string[]} */
  const questions = [];
  page.on('dialog', (dialog) => {
    questions.push(dialog.type());
    dialog.dismiss();
  });
  await openMembers(page);
  await invite(page, 'ivo@birch.example');
  await Promise.all([page.waitForEvent('dialog'), page.close({ runBeforeUnload: true })]);
  await Promise.all([page.waitForEvent('dialog'), page.getByRole('button', { name: 'Sign out' }).click()]);
  assert.deepEqual(questions, ['beforeunload', 'beforeunload']);
  await page.getByRole('button', { name: 'Copy ivo@birch.example' }).click();
  await page.getByText('ivo@birch.example copied').waitFor({ state: 'attached' });
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.waitForURL('**/login**');
  assert.equal(questions.length, 2);
  await context.close();
});

test('leaving needs a confirmation until each of several links was copied, by its button or by selecting it', async () => {
  const { page, context, complaints } = await visitor(browser, { permissions: ['clipboard-read', 'clipboard-write'] });
  await openMembers(page);
  await invite(page, 'first@birch.example');
  await invite(page, 'second@birch.example');
  await assertVisibleWithFocus(page, 'Invitation links');
  assert.deepEqual(await page.locator('.once .label').allInnerTexts(), ['first@birch.example', 'second@birch.example']);
  await page.getByRole('button', { name: 'Copy first@birch.example' }).click();
  await page.getByRole('link', { name: 'Audit log' }).click();
  await leaveDialog(page).getByRole('button', { name: 'Stay' }).click();
  await page.evaluate(() => getSelection()?.selectAllChildren(/** @type {Element} */ (document.querySelectorAll('.once [data-value]')[1])));
  await page.keyboard.press('ControlOrMeta+C');
  await page.getByRole('link', { name: 'Audit log' }).click();
  await arrival(page, 'Audit log');
  assert.deepEqual(complaints, []);
  await context.close();
});

test('leaving needs no confirmation for the link of an invitation that was removed', async () => {
  const { page, context } = await visitor(browser);
  await openMembers(page);
  await invite(page, 'gone@birch.example');
  await page.getByRole('button', { name: 'Remove invitation of gone@birch.example' }).click();
  await page.getByText('The invitation of gone@birch.example is removed.').waitFor();
  await page.getByRole('link', { name: 'Audit log' }).click();
  await arrival(page, 'Audit log');
  await context.close();
});

/** The number of pages of a PDF. @param {Buffer} pdf */
const pages = (pdf) => pdf.toString('latin1').match(/\/Type\s*\/Page\b/g)?.length;

test('leaving uncopied recovery codes needs a confirmation, and only the codes and their heading are printed', async () => {
  const { page, context, complaints } = await visitor(browser, { colorScheme: 'dark' });
  await signIn(page, demo, PEOPLE.enterpriseAdmin, '/o/northwind-robotics/sso');
  await page.getByRole('link', { name: 'Test sign-in' }).click();
  await page.getByRole('button', { name: 'Nora North' }).click();
  await page.getByRole('button', { name: 'Enable SAML-only authentication' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Enable SAML-only' }).click();
  await page.getByText('The recovery codes are under “SAML-only authentication”').waitFor();
  await assertVisibleWithFocus(page, 'Recovery codes');
  const codes = await page.locator('.codes code').allInnerTexts();

  await page.emulateMedia({ media: 'print' });
  const today = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium' }).format();
  const printed = await page.evaluate(() => document.body.innerText);
  const [title, where, what, ...rest] = printed.split('\n').filter((line) => line.trim());
  assert.equal(title, 'Recovery codes of Northwind Robotics');
  assert.equal(where, `For ${demo.url}, made on ${today}.`);
  assert.match(what, /^Each code lets an organisation admin sign in once/);
  assert.deepEqual(rest, codes, 'only the codes');
  assert.equal(await page.evaluate(() => getComputedStyle(document.body).backgroundColor), 'rgb(246, 247, 245)', 'the print has the light theme');
  assert.equal(pages(await page.pdf({ format: 'A4' })), 1);
  await page.emulateMedia({ media: 'screen' });

  await page.getByRole('link', { name: 'Audit log' }).click();
  await leaveDialog(page).getByText('Recovery codes', { exact: true }).waitFor();
  await page.keyboard.press('Escape');
  await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'Download as text' }).click()]);
  await page.getByRole('link', { name: 'Audit log' }).click();
  await arrival(page, 'Audit log');
  assert.deepEqual(complaints, []);
  await context.close();
});
