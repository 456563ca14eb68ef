/** A walk with Tab through every page: each thing that can be used is reached, in the order in which it is read, and is seen to have the keyboard. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PEOPLE, api, heading, signIn, visitor } from './demo.js';
import { browser, demo, runDemo } from './running.js';

runDemo();

/** More than any page has. */
const MOST_STOPS = 400;

/**
 * Marks what takes part in the walk, in the order of the document; gives how many there are. Of radio buttons of one name only one is a stop.
 * @param {import('playwright-core').Page} page
 */
const mark = (page) => page.evaluate(() => {
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
 * What has the keyboard: its number, what to call it, and what is wrong with how it is seen.
 * @param {import('playwright-core').Page} page
 */
const stop = (page) => page.evaluate(() => {
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
 * Walks through the page that is there; gives what is wrong.
 * @param {import('playwright-core').Page} page
 */
async function walk(page) {
  const count = await mark(page);
  // The walk begins before everything, not at the heading, which has the keyboard.
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
    const here = await stop(page);
    // A date has several stops of its own.
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
    '/workspaces', '/account', '/o/northwind-robotics/workspaces', '/o/northwind-robotics/people', '/o/northwind-robotics/settings', '/o/northwind-robotics/sso',
    '/o/northwind-robotics/sso/attempts', '/o/northwind-robotics/keys', '/o/northwind-robotics/audit',
  ]],
  [PEOPLE.operator, [
    '/operator/organisations', '/operator/operators', '/operator/plans', '/operator/audit', '/operator/mail', '/operator/branding', '/operator/doctor',
    '/o/birch-bakery/sso', '/o/birch-bakery/settings',
  ]],
];

for (const [size, viewport] of Object.entries({ wide: { width: 1280, height: 800 }, narrow: { width: 360, height: 740 } })) {
  test(`Tab reaches everything on every page in the order of reading, and shows where it is (${size})`, async () => {
    /** @type {Record<string, string[]>} */
    const faults = {};
    for (const [person, paths] of PAGES) {
      const { page, context } = await visitor(browser, { viewport });
      if (person) await signIn(page, demo, person, '/workspaces');
      const me = person ? await api(page, '/me') : null;
      const workspace = me?.organisations[0]?.workspaces[0]?.id;
      for (const path of [...paths, ...(workspace ? [`/w/${workspace}`, `/w/${workspace}/members`] : [])]) {
        await page.goto(`${demo.url}${path}`);
        await heading(page);
        const found = await walk(page);
        if (found.length) faults[path] = found;
      }
      await context.close();
    }
    assert.deepEqual(faults, {});
  });
}
