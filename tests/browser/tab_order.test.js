/** Tab reaches all controls of every page in reading order, and the focus is visible. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PEOPLE, api, heading, signIn, visitor } from './demo.js';
import { browser, demo, runDemo } from './running.js';

runDemo();

/** More stops than any page has. */
const MOST_STOPS = 400;

/**
 * Numbers the elements that Tab must reach in document order; returns the number of elements. Of radio buttons with the same name, only one is a stop.
 * @param {import('playwright-core').Page} page
 */
const numberStops = (page) => page.evaluate(() => {
  const all = [...document.querySelectorAll('a[href], button, input:not([type="hidden"]), select, textarea, summary, [tabindex="0"]')];
  const radios = new Set();
  const stops = all.filter((element) => {
    const one = /** @type {HTMLInputElement} */ (element);
    if (!one.checkVisibility({ visibilityProperty: true }) || one.disabled || one.tabIndex < 0) return false;
    if (one.type !== 'radio') return true;
    const name = `${[...document.forms].indexOf(/** @type {any} */ (one.form))} ${one.name}`;
    if (radios.has(name)) return false;
    radios.add(name);
    return true;
  });
  stops.forEach((element, n) => { /** @type {HTMLElement} */ (element).dataset.stop = String(n); });
  return stops.length;
});

/**
 * The focused element: its number, its name, and the fault if its focus is not visible.
 * @param {import('playwright-core').Page} page
 */
const focusedStop = (page) => page.evaluate(() => {
  const element = /** @type {HTMLInputElement} */ (document.activeElement);
  if (!element || element === document.body) return null;
  const radio = element.type === 'radio' ? document.querySelector(`input[type="radio"][name="${CSS.escape(element.name)}"][data-stop]`) : null;
  const number = Number(element.dataset.stop ?? /** @type {HTMLElement | null} */ (radio)?.dataset.stop ?? -1);
  const shown = [element, element.closest('label')].filter((one) => one !== null).some((one) => {
    const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(one);
    return (outlineStyle !== 'none' && parseFloat(outlineWidth) >= 2) || boxShadow !== 'none';
  });
  const { top, bottom, left, right } = element.getBoundingClientRect();
  const inside = bottom > 0 && top < innerHeight && right > 0 && left < innerWidth;
  const what = `${element.tagName.toLowerCase()} “${(element.getAttribute('aria-label') ?? element.id ?? '') || element.textContent?.trim().slice(0, 40)}”`;
  return { number, what, fault: !shown ? 'has no visible focus' : inside ? '' : 'is outside the window' };
});

/**
 * Moves through the page with Tab. Returns the faults.
 * @param {import('playwright-core').Page} page
 */
async function tabThrough(page) {
  const count = await numberStops(page);
  // Starts before the first element and not at the heading, which has the focus.
  await page.evaluate(() => {
    const start = document.createElement('span');
    start.tabIndex = -1;
    document.body.prepend(start);
    start.focus();
  });
  const [faults, reached] = [/** @type {string[]} */ ([]), new Set()];
  let last = -1;
  for (let n = 0; n < MOST_STOPS; n += 1) {
    await page.keyboard.press('Tab');
    const here = await focusedStop(page);
    // A date field has several stops.
    if (!here || (here.number !== last && reached.has(here.number))) break;
    if (here.fault) faults.push(`${here.what} ${here.fault}`);
    if (here.number >= 0 && here.number < last) faults.push(`${here.what} comes out of order`);
    last = Math.max(last, here.number);
    reached.add(here.number);
  }
  const missed = await page.evaluate((known) => [...document.querySelectorAll('[data-stop]')]
    .filter((one) => !known.includes(Number(/** @type {HTMLElement} */ (one).dataset.stop))).map((one) => one.outerHTML.slice(0, 120)), [...reached]);
  return [...faults, ...missed.map((one) => `not reached: ${one}`), ...(count ? [] : ['nothing to reach'])];
}

/** @type {[string, string[]][]} */
const PAGES = [
  ['', ['/login', '/forgot', '/setup?token=none', '/invitation?token=none', '/reset?token=none', '/help']],
  [PEOPLE.enterpriseAdmin, [
    '/workspaces', '/account', '/o/northwind-robotics/workspaces', '/o/northwind-robotics/people', '/o/northwind-robotics/roles', '/o/northwind-robotics/settings', '/o/northwind-robotics/sso',
    '/o/northwind-robotics/sso/attempts', '/o/northwind-robotics/keys', '/o/northwind-robotics/audit',
  ]],
  [PEOPLE.operator, [
    '/operator/organisations', '/operator/operators', '/operator/plans', '/operator/audit', '/operator/mail', '/operator/branding', '/operator/doctor',
    '/o/birch-bakery/sso', '/o/birch-bakery/settings',
  ]],
];

for (const [size, viewport] of Object.entries({ wide: { width: 1280, height: 800 }, narrow: { width: 360, height: 740 } })) {
  test(`Tab reaches every control of every page in reading order, with a visible focus (${size})`, async () => {
    /** @type {Record<string, string[]>} */
    const faults = {};
    for (const [person, paths] of PAGES) {
      const { page, context } = await visitor(browser, { viewport });
      if (person) await signIn(page, demo, person, '/workspaces');
      const me = person ? await api(page, '/me') : null;
      const workspace = me?.organisations[0]?.workspaces[0]?.id;
      for (const path of [...paths, ...(workspace ? [`/w/${workspace}`, `/w/${workspace}/members`, `/w/${workspace}/applications`] : [])]) {
        await page.goto(`${demo.url}${path}`);
        await heading(page);
        const found = await tabThrough(page);
        if (found.length) faults[path] = found;
      }
      await context.close();
    }
    assert.deepEqual(faults, {});
  });
}
