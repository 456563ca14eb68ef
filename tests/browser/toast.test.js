/** Messages: how long they are shown, how they are dismissed, and that they cover nothing. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { violations } from './axe.js';
import { PEOPLE, signIn, visitor } from './demo.js';
import { assertFocused, tabTo } from './keyboard.js';
import { browser, demo, runDemo } from './running.js';

runDemo();

const SETTINGS = '/o/birch-bakery/settings';
const SAVED = 'The name is saved.';
/** Longer than any message of these tests is shown, in milliseconds. */
const LONG = 60_000;

/** @typedef {import('playwright-core').Page} Page */

/** @param {Page} page @param {string} [text] */
const toast = (page, text = SAVED) => page.locator('.toast .notice', { hasText: text });

/** An admin's settings page, with a clock that the test controls. @param {import('playwright-core').BrowserContextOptions} [options] */
async function admin(options) {
  const window = await visitor(browser, options);
  await window.page.clock.install();
  await signIn(window.page, demo, PEOPLE.businessAdmin, SETTINGS);
  return window;
}

/** Saves the name, which shows a message of success. @param {Page} page */
async function save(page) {
  await page.getByRole('button', { name: 'Save name' }).click();
  await toast(page).waitFor();
}

/** Saves an empty name, which is refused. @param {Page} page */
async function fail(page) {
  await page.context().setOffline(true);
  await page.getByRole('button', { name: 'Save name' }).click();
  await toast(page, 'The server cannot be reached.').waitFor();
  await page.context().setOffline(false);
}

test('a message fades after ten seconds or more, without motion if the person prefers reduced motion', async () => {
  for (const reducedMotion of /** @type {const} */ (['no-preference', 'reduce'])) {
    const { page, context, complaints } = await admin({ reducedMotion });
    await save(page);
    assert.equal(await toast(page).evaluate((one) => getComputedStyle(one).transitionDuration), reducedMotion === 'reduce' ? '0s' : '0.4s');
    await page.mouse.move(5, 5);
    await page.clock.runFor(7_000);
    assert.equal(await toast(page).count(), 1, 'the message can still be read');
    await page.clock.runFor(LONG);
    await toast(page).waitFor({ state: 'detached' });
    assert.deepEqual(complaints, []);
    await context.close();
  }
});

test('an error is shown until it is dismissed', async () => {
  const { page, context } = await admin();
  await fail(page);
  await page.clock.runFor(10 * LONG);
  assert.equal(await toast(page, 'The server cannot be reached.').count(), 1);
  assert.deepEqual(await violations(page), []);
  await page.getByRole('button', { name: 'Dismiss' }).click();
  await toast(page, 'The server cannot be reached.').waitFor({ state: 'detached' });
  await context.close();
});

test('a message is shown as long as the pointer or the focus is in it, or another tab is in front', async () => {
  const { page, context, complaints } = await admin();
  await save(page);
  await toast(page).hover();
  await page.clock.runFor(LONG);
  assert.equal(await toast(page).count(), 1, 'shown while the pointer is over it');
  await page.mouse.move(5, 5);
  await tabTo(page, /^Dismiss$/);
  await page.clock.runFor(LONG);
  assert.equal(await toast(page).count(), 1, 'shown while it has the focus');
  await page.keyboard.press('Shift+Tab');
  await page.clock.runFor(LONG);
  await toast(page).waitFor({ state: 'detached' });

  await save(page);
  await page.mouse.move(5, 5);
  const setHidden = (/** @type {boolean} */ away) => page.evaluate((hidden) => {
    Object.defineProperty(document, 'hidden', { configurable: true, value: hidden });
    document.dispatchEvent(new Event('visibilitychange'));
  }, away);
  await setHidden(true);
  await page.clock.runFor(LONG);
  assert.equal(await toast(page).count(), 1, 'shown while another tab is in front');
  await setHidden(false);
  await page.clock.runFor(LONG);
  await toast(page).waitFor({ state: 'detached' });
  assert.deepEqual(complaints, []);
  await context.close();
});

test('Escape dismisses a message, and its button restores the focus', async () => {
  const { page, context, complaints } = await admin();
  await save(page);
  await page.keyboard.press('Escape');
  await toast(page).waitFor({ state: 'detached' });
  await assertFocused(page, 'Save name');
  await save(page);
  await page.locator('.toast button').focus();
  await page.keyboard.press('Enter');
  await toast(page).waitFor({ state: 'detached' });
  await assertFocused(page, 'Save name');
  assert.deepEqual(complaints, []);
  await context.close();
});

test('messages are shown until they are dismissed if the person has chosen that', async () => {
  const { page, context, complaints } = await admin();
  await page.goto(`${demo.url}/account`);
  await page.getByLabel('Keep messages until I dismiss them').check();
  await page.goto(`${demo.url}${SETTINGS}`);
  await save(page);
  await page.mouse.move(5, 5);
  await page.clock.runFor(10 * LONG);
  assert.equal(await toast(page).count(), 1);
  await page.goto(`${demo.url}/account`);
  assert.equal(await page.getByLabel('Keep messages until I dismiss them').isChecked(), true);
  assert.deepEqual(complaints, []);
  await context.close();
});

test('a message covers nothing: the page ends above it, and the focused element is visible', async () => {
  for (const viewport of [{ width: 1280, height: 800 }, { width: 1280, height: 300 }, { width: 360, height: 740 }]) {
    const { page, context, complaints } = await admin({ viewport });
    await save(page);
    const top = (await page.locator('.toast').boundingBox())?.y ?? 0;
    const bottom = async (/** @type {import('playwright-core').Locator} */ of) => {
      const { y = 0, height = 0 } = (await of.boundingBox()) ?? {};
      return y + height;
    };
    assert.ok(top > 0 && top < viewport.height);
    assert.ok(await bottom(page.getByRole('button', { name: 'Save name' })) <= top, 'the pressed button is above the message');
    if (viewport.width > 900) {
      const signOut = page.getByRole('button', { name: 'Sign out' });
      await signOut.scrollIntoViewIfNeeded(); // In a low window, the sidebar scrolls.
      assert.ok(await bottom(signOut) <= top, 'the button Sign out is above the message');
    }
    await page.evaluate(() => scrollTo(0, document.documentElement.scrollHeight));
    assert.ok(await bottom(page.getByRole('main')) <= top + 1, 'the page ends above the message');
    assert.deepEqual(await violations(page), []);
    const before = await page.evaluate(() => document.documentElement.scrollHeight);
    await page.keyboard.press('Escape');
    await toast(page).waitFor({ state: 'detached' });
    assert.ok(await page.evaluate(() => document.documentElement.scrollHeight) < before, 'the page has its former length again');
    assert.deepEqual(complaints, []);
    await context.close();
  }
});
