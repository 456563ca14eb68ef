/** Menus, and removing a person from an organisation through them. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { violations } from './axe.js';
import { PEOPLE, api, heading, signIn, visitor } from './demo.js';
import { assertFocused } from './keyboard.js';
import { browser, demo, runDemo } from './running.js';

runDemo();

/** @typedef {import('playwright-core').Page} Page */

/** @param {Page} page @param {string} email */
const menu = (page, email) => page.locator('details.menu', { has: page.getByLabel(`More for ${email}`, { exact: true }) });

/** @param {Page} page @param {string} email */
const isOpen = (page, email) => menu(page, email).evaluate((one) => /** @type {HTMLDetailsElement} */ (one).open);

test('a menu is opened, used and closed with the keyboard, and closes when it loses the focus', async () => {
  const { page, context, complaints } = await visitor(browser);
  await signIn(page, demo, PEOPLE.operator, '/o/birch-bakery/people');
  const email = 'bella@birch.example';
  await page.getByLabel(`More for ${email}`).focus();
  await page.keyboard.press('Enter');
  assert.deepEqual(await violations(page), []);
  await page.keyboard.press('ArrowDown');
  await assertFocused(page, `Make admin: ${email}`);
  for (let n = 0; n < 9; n += 1) await page.keyboard.press('ArrowDown');
  await assertFocused(page, `Disable ${email}`, 'the last button');
  await page.keyboard.press('ArrowUp');
  await assertFocused(page, `Password link for ${email}`);
  await page.keyboard.press('Escape');
  assert.equal(await isOpen(page, email), false);
  await assertFocused(page, `More for ${email}`);
  await page.keyboard.press('Enter');
  assert.equal(await isOpen(page, email), true);
  await page.keyboard.press('Shift+Tab');
  assert.equal(await isOpen(page, email), false);
  assert.deepEqual(complaints, []);
  await context.close();
});

test('a click elsewhere only closes a menu, and on a phone the menu fits on the screen', async () => {
  for (const viewport of [{ width: 1280, height: 800 }, { width: 360, height: 740 }]) {
    const { page, context, complaints } = await visitor(browser, { viewport });
    await signIn(page, demo, PEOPLE.operator, '/o/birch-bakery/people');
    const one = 'bella@birch.example';
    await page.getByLabel(`More for ${one}`).click();
    const { x = 0, width = 0 } = (await menu(page, one).locator('.menu-list').boundingBox()) ?? {};
    assert.ok(x >= 0 && x + width <= viewport.width, `${x} to ${x + width} of ${viewport.width}`);
    const remove = await page.getByRole('button', { name: /^Remove bea@/ }).boundingBox();
    await page.mouse.click((remove?.x ?? 0) + 5, (remove?.y ?? 0) + 5);
    assert.equal(await isOpen(page, one), false);
    await page.waitForTimeout(300);
    assert.equal(await page.getByRole('dialog').count(), 0);
    assert.deepEqual(complaints, []);
    await context.close();
  }
});

test('a person is removed from all workspaces of an organisation in two clicks, after the effect is shown', async () => {
  const bella = await visitor(browser);
  await signIn(bella.page, demo, 'bella@birch.example');
  const { page, context, complaints } = await visitor(browser);
  await signIn(page, demo, PEOPLE.businessAdmin, '/o/birch-bakery/people');
  let clicks = 0;
  const click = (/** @type {import('playwright-core').Locator} */ on) => {
    clicks += 1;
    return on.click();
  };
  await click(page.getByRole('button', { name: 'Remove bella@birch.example from the organisation' }));
  const asked = page.getByRole('dialog', { name: 'Remove bella@birch.example from Birch Bakery?' });
  await asked.getByText('They are removed from Head office and Laboratory, and are no longer a member of Birch Bakery. Their account is kept.').waitFor();
  await asked.getByText('bella@birch.example loses access', { exact: true }).waitFor();
  assert.deepEqual(await violations(page), []);
  await click(asked.getByRole('button', { name: 'Remove from organisation' }));
  await page.getByText('bella@birch.example is no longer a member of Birch Bakery.').waitFor();
  assert.equal(clicks, 2);
  const { items } = await api(page, '/organisations/birch-bakery/members?search=bella');
  assert.deepEqual(items, []);
  await bella.page.goto(`${demo.url}/workspaces`);
  await bella.page.waitForURL('**/login?error=session_over**');
  assert.deepEqual(complaints, []);
  await bella.context.close();
  await context.close();
});

test('the members of a workspace offer organisation admins, and not workspace Admins, to remove a person from the organisation', async () => {
  const { page, context, complaints } = await visitor(browser);
  await signIn(page, demo, PEOPLE.businessAdmin, '/workspaces');
  const me = await api(page, '/me');
  const { id } = me.organisations[0].workspaces.find((/** @type {{name: string}} */ { name }) => name === 'Head office');
  await page.goto(`${demo.url}/w/${id}/members`);
  await heading(page);
  await page.getByLabel('Role of bea@birch.example').selectOption('Admin');
  await page.getByRole('button', { name: 'Make Admin' }).click();
  await page.getByText('Bea Butler is now Admin.').waitFor();
  const bea = await visitor(browser);
  await signIn(bea.page, demo, 'bea@birch.example', `/w/${id}/members`);
  await bea.page.getByRole('button', { name: `Revoke access of ${PEOPLE.businessMember}` }).waitFor();
  assert.equal(await bea.page.getByText('Remove from organisation').count(), 0);

  await page.getByLabel(`More for ${PEOPLE.businessMember}`).click();
  await page.getByRole('button', { name: `Remove from organisation: ${PEOPLE.businessMember}` }).click();
  const asked = page.getByRole('dialog', { name: `Remove ${PEOPLE.businessMember} from Birch Bakery?` });
  await asked.getByRole('button', { name: 'Cancel' }).click();
  await assertFocused(page, `More for ${PEOPLE.businessMember}`);
  await page.getByLabel(`More for ${PEOPLE.businessMember}`).click();
  await page.getByRole('button', { name: `Remove from organisation: ${PEOPLE.businessMember}` }).click();
  await asked.getByRole('button', { name: 'Remove from organisation' }).click();
  await page.getByText(`${PEOPLE.businessMember} is no longer a member of Birch Bakery.`).waitFor();
  assert.deepEqual([...complaints, ...bea.complaints], []);
  await bea.context.close();
  await context.close();
});

test('the side menu of an operator who is also an admin scrolls, and shows by a shadow that it continues', async () => {
  const { page, context, complaints } = await visitor(browser);
  await signIn(page, demo, PEOPLE.operator, '/o/birch-bakery/people');
  const nav = page.locator('.side nav');
  await page.setViewportSize({ width: 1280, height: 560 });
  const endOfMenu = async () => {
    const { x, width } = /** @type {{x: number, width: number}} */ (await nav.boundingBox());
    const who = /** @type {{y: number}} */ (await page.locator('.who').boundingBox());
    // The pixels at the end of the menu, between the icons and its right edge.
    const image = await page.screenshot({ clip: { x: x + width - 24, y: who.y - 4, width: 4, height: 3 } });
    return image.toString('base64');
  };
  for (const theme of /** @type {const} */ (['light', 'dark'])) {
    await page.emulateMedia({ colorScheme: theme });
    await nav.evaluate((element) => element.scrollTo(0, 0));
    assert.ok(await nav.evaluate((element) => element.scrollHeight > element.clientHeight), 'the menu does not fit');
    const more = await endOfMenu();
    await nav.evaluate((element) => element.scrollTo(0, element.scrollHeight));
    assert.notEqual(await endOfMenu(), more, `the shadow disappears at the end of the menu (${theme})`);
  }
  // The last link can be reached and is not covered.
  await page.getByRole('link', { name: 'Doctor', exact: true }).click();
  await page.waitForURL('**/operator/doctor');
  assert.deepEqual(complaints, []);
  await context.close();
});
