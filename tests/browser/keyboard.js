/** Using pages only with the keyboard. */

import assert from 'node:assert/strict';

/** More presses of Tab than any page needs. */
const MOST_TABS = 60;

/** The accessible name of the focused element. @param {import('playwright-core').Page} page */
export const focused = (page) => page.evaluate(() => {
  const element = document.activeElement;
  if (!element) return '';
  const label = 'labels' in element ? [...(element.labels ?? [])].map((one) => one.innerText).join(' ') : '';
  return element.getAttribute('aria-label') ?? (label || element.textContent || '').trim();
});

/** How long the focus may take to move, in milliseconds. */
const FOCUS_MS = 5000;

/**
 * Asserts that the element with this name has the focus, or gets it soon: a page moves the focus after it has changed.
 * @param {import('playwright-core').Page} page
 * @param {string} name
 * @param {string} [why]
 */
export async function assertFocused(page, name, why) {
  const end = Date.now() + FOCUS_MS;
  while ((await focused(page)) !== name && Date.now() < end) await page.waitForTimeout(50);
  assert.equal(await focused(page), name, why);
}

/**
 * Presses Tab until an element with this name has the focus.
 * @param {import('playwright-core').Page} page
 * @param {RegExp} name
 */
export async function tabTo(page, name) {
  for (let pressed = 0; pressed < MOST_TABS; pressed += 1) {
    await page.keyboard.press('Tab');
    if (name.test(await focused(page))) return;
  }
  assert.fail(`${name} cannot be reached by Tab`);
}

/**
 * Moves to an element with this name by Tab, and presses a key on it.
 * @param {import('playwright-core').Page} page
 * @param {RegExp} name
 * @param {string} [key]
 */
export async function press(page, name, key = 'Enter') {
  await tabTo(page, name);
  await page.keyboard.press(key);
}

/**
 * Fills in the sign-in form and submits it.
 * @param {import('playwright-core').Page} page on the sign-in page
 * @param {{email: string, password: string}} person
 * @param {string} [code] a recovery code
 */
export async function typeSignIn(page, { email, password }, code) {
  await tabTo(page, /^E-mail$/);
  await page.keyboard.press('Control+A');
  await page.keyboard.type(email);
  await tabTo(page, /^Password$/);
  await page.keyboard.type(password);
  if (code) {
    await press(page, /^Use a recovery code$/);
    await tabTo(page, /^Recovery code$/);
    await page.keyboard.type(code);
  }
  await page.keyboard.press('Enter');
}
