/** What must hold on every page. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { violations } from './axe.js';
import { PEOPLE, api, heading, signIn, visitor } from './demo.js';
import { browser, demo, runDemo } from './running.js';

runDemo();

/** A sign-in that was refused, made where there is none yet; gives its id. @param {import('playwright-core').Page} page */
async function refused(page) {
  const known = (await api(page, '/organisations/northwind-robotics/sso/attempts')).items.find((one) => one.refusal);
  if (known) return known.id;
  await page.goto(`${demo.url}/sso?key=northwind_SSO`);
  await page.getByText('Let something go wrong').click();
  await page.getByLabel('No e-mail address').check();
  await page.getByRole('button', { name: 'Nils Nansen' }).click();
  await page.waitForURL(/\/login\?error/);
  return refused(page);
}

/** The pages of an organisation admin. @param {import('playwright-core').Page} page */
async function adminPages(page) {
  const me = await api(page, '/me');
  const [{ id }] = me.organisations[0].workspaces;
  const attempts = await api(page, '/organisations/northwind-robotics/sso/attempts');
  const base = '/o/northwind-robotics';
  return [
    '/workspaces', `/w/${id}`, `/w/${id}/members`, base, `/w/${id}/members?search=nobody`, `${base}/people?role=cake`, `${base}/workspaces`, `${base}/people`, `${base}/settings`, `${base}/sso`,
    `${base}/sso?step=test&attempt=${await refused(page)}`, `${base}/sso?step=activate`, `${base}/sso/attempts`, `${base}/sso/attempts/${attempts.items[0].id}`, `${base}/keys`, `${base}/audit`, `${base}/audit?resource=nothing`, '/account', '/developers', '/nowhere',
  ];
}

/** The set-up of SSO, for an organisation that has none. */
const SET_UP_PAGES = ['', '?step=copy&provider=google', '?step=copy&provider=keycloak', '?step=paste&provider=okta'].map((step) => `/o/new-works/sso${step}`);

/** The operator makes an organisation that has not set SSO up, once. @param {import('playwright-core').Page} page */
const newOrganisation = (page) => page.evaluate((body) => fetch('/api/v1/organisations', {
  method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body),
}).then(({ status }) => status), { name: 'New Works', plan: 'enterprise', admin_email: 'nia@new-works.example' });

/** What new people are sent: a link that sets a password, and an invitation. @param {import('playwright-core').Page} page */
async function links(page) {
  const { items: [{ user, workspaces: [{ id }] }] } = await api(page, '/organisations/northwind-robotics/members?search=nell');
  const { reset_url: reset } = await api(page, `/users/${user}/reset-link`, { method: 'POST' });
  const body = { email: `${Date.now()}@northwind.example`, role: 'power_user' };
  const { accept_url: accept } = await api(page, `/workspaces/${id}/invitations`, { method: 'POST', body });
  return [reset, accept].map((link) => link.slice(demo.url.length));
}

const OPERATOR_PAGES = [
  '/operator/organisations', '/operator/operators', '/operator/plans', '/operator/audit', '/operator/mail', '/operator/doctor', '/o/birch-bakery/sso', '/o/birch-bakery/keys',
  '/o/northwind-robotics/settings', '/o/northwind-robotics/sso', '/o/northwind-robotics/audit',
];
const OPEN_PAGES = ['/login', '/setup?token=none', '/invitation?token=none', '/reset?token=none', '/forgot', '/sso-setup?token=none'];

/**
 * Goes to each page, by each person, and looks at it.
 * @param {import('playwright-core').BrowserContextOptions} options
 * @param {(page: import('playwright-core').Page, path: string) => Promise<void>} look
 */
async function everyPage(options, look) {
  const { page, context, complaints } = await visitor(browser, options);
  const visit = async (paths) => {
    for (const path of paths) {
      await page.goto(`${demo.url}${path}`);
      await heading(page);
      await look(page, path);
    }
  };
  await visit(OPEN_PAGES);
  await signIn(page, demo, PEOPLE.enterpriseAdmin, '/workspaces');
  await visit(await adminPages(page));
  await signIn(page, demo, PEOPLE.operator);
  await newOrganisation(page);
  await visit([...OPERATOR_PAGES, ...SET_UP_PAGES, ...await links(page), '/login']);
  await context.close();
  assert.deepEqual(complaints, []);
}

test('each page has a title and one heading, which takes the keyboard, and nothing complains', async () => {
  await everyPage({}, async (page, path) => {
    assert.match(await page.title(), /^.+ · Vestibule$/, path);
    assert.equal(await page.locator('h1').count(), 1, path);
    if (path !== '/login') assert.equal(await page.evaluate(() => document.activeElement?.tagName), 'H1', path);
  });
});

test('no page scrolls sideways on a phone', async () => {
  await everyPage({ viewport: { width: 360, height: 740 } }, async (page, path) => {
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    assert.ok(width <= 360, `${path} is ${width} wide`);
  });
});

/** How far what was on the screen moved by itself: people begin to notice 0.1. Source: web.dev, Cumulative Layout Shift. */
const shifts = () => new Promise((resolve) => {
  const observer = new PerformanceObserver((list) => {
    observer.disconnect();
    resolve(list.getEntries().reduce((sum, { value }) => sum + value, 0));
  });
  observer.observe({ type: 'layout-shift', buffered: true });
  setTimeout(() => resolve(0), 500);
});

test('nothing jumps once it is on the screen', async () => {
  for (const viewport of [{ width: 1280, height: 800 }, { width: 360, height: 740 }]) {
    await everyPage({ viewport }, async (page, path) => {
      const moved = await page.evaluate(shifts);
      assert.ok(moved < 0.02, `${path} at ${viewport.width}: ${moved}`);
    });
  }
});

test('each control has a name', async () => {
  await everyPage({}, async (page, path) => {
    const nameless = await page.evaluate(() => [...document.querySelectorAll('button, a, input:not([type="hidden"], [hidden]), select, textarea')]
      .filter((element) => {
        const labelled = 'labels' in element && element.labels?.length;
        return !labelled && !element.getAttribute('aria-label') && !element.textContent.trim();
      })
      .map((element) => element.outerHTML));
    assert.deepEqual(nameless, [], path);
  });
});

/**
 * What axe-core finds wrong with the page, unfolded.
 * @param {import('playwright-core').Page} page
 */
async function faults(page) {
  await page.evaluate(() => document.querySelectorAll('details').forEach((folded) => { folded.open = true; }));
  return violations(page);
}

for (const colorScheme of /** @type {const} */ (['light', 'dark'])) {
  test(`axe finds nothing on any page, ${colorScheme}`, async () => {
    await everyPage({ colorScheme }, async (page, path) => assert.deepEqual(await faults(page), [], path));
  });
}

/**
 * Loads the page that is shown anew with an empty cache, and counts what comes over the wire.
 * @param {import('playwright-core').Page} page
 */
async function weigh(page) {
  const wire = await page.context().newCDPSession(page);
  let [bytes, requests] = [0, 0];
  /** What only a module's own imports have asked for, once that module was there. @type {string[]} */
  const late = [];
  wire.on('Network.loadingFinished', ({ encodedDataLength }) => { bytes += encodedDataLength; });
  wire.on('Network.requestWillBeSent', ({ request: { url }, initiator }) => {
    requests += 1;
    if (url.endsWith('.js') && initiator.type !== 'parser') late.push(url);
  });
  await wire.send('Network.enable');
  await wire.send('Network.clearBrowserCache');
  await page.reload({ waitUntil: 'networkidle' });
  await heading(page);
  const ready = await page.evaluate(() => performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd);
  await wire.detach();
  return { bytes, requests, late, ready };
}

test('every page comes over the wire in 150 kB at most, the sign-in page in 30 kB, and without a chain of imports', async () => {
  await everyPage({}, async (page, path) => {
    const { bytes, requests, late, ready } = await weigh(page);
    if (process.env.SHOW_WEIGHTS) console.log(`${path}: ${bytes} bytes, ${requests} requests, ready after ${Math.round(ready)} ms`);
    assert.ok(bytes <= (path === '/login' ? 30_000 : 150_000), `${path} weighs ${bytes} bytes`);
    // What shows the API's description comes with it, and only there.
    const lazy = path === '/developers' ? ['operations.js', 'shapes.js'] : [];
    assert.deepEqual(late.map((url) => url.split('/').pop()), lazy, path);
  });
});

test('very long names stay inside the page', async () => {
  const { page, context } = await visitor(browser, { viewport: { width: 360, height: 740 } });
  await signIn(page, demo, PEOPLE.businessAdmin, '/o/birch-bakery/settings');
  await page.getByLabel('Name of the organisation').fill('Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft'.slice(0, 80));
  await page.getByRole('button', { name: 'Save name' }).click();
  await page.getByText('The name is saved.').waitFor();
  for (const path of ['/workspaces', '/o/birch-bakery/settings', '/o/birch-bakery/sso', '/o/birch-bakery/people', '/o/birch-bakery/audit']) {
    await page.goto(`${demo.url}${path}`);
    await heading(page);
    await page.getByRole('button', { name: 'Menu' }).click();
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    assert.ok(width <= 360, `${path} is ${width} wide`);
  }
  await context.close();
});

test('a person with too little right is told so in words', async () => {
  const { page, context } = await visitor(browser);
  await signIn(page, demo, PEOPLE.enterpriseMember, '/workspaces');
  assert.equal(await page.getByRole('link', { name: 'Single sign-on' }).count(), 0);
  await page.goto(`${demo.url}/o/northwind-robotics/sso`);
  assert.ok((await page.getByRole('alert').innerText()).length > 10);
  await page.goto(`${demo.url}/o/birch-bakery/sso`);
  await page.getByRole('alert').waitFor();
  await context.close();
});

test('a page that cannot be loaded says so, and is there after another try', async () => {
  const { page, context } = await visitor(browser);
  await signIn(page, demo, PEOPLE.enterpriseAdmin, '/workspaces');
  await context.setOffline(true);
  await page.getByRole('link', { name: 'People', exact: true }).click();
  await page.getByText('The server cannot be reached. Check the connection and try again.').waitFor();
  assert.equal(await heading(page), 'Page not loaded');
  await context.setOffline(false);
  await page.getByRole('button', { name: 'Try again' }).click();
  await page.getByRole('heading', { level: 1, name: 'People' }).waitFor();
  await page.getByText('nell@northwind.example').waitFor();
  await context.close();
});

test('what the busy server turns away is sent again, and shown as a fault when it stays busy', async () => {
  const { page, context, complaints } = await visitor(browser);
  await signIn(page, demo, PEOPLE.enterpriseAdmin, '/o/northwind-robotics/people');
  const people = /\/organisations\/[^/]+\/workspaces\?/;
  const busy = { status: 429, headers: { 'retry-after': '1' }, json: { error: { code: 'throttled', message: 'Too many requests.' } } };
  let turnedAway = 0;
  /** @param {import('playwright-core').Route} route */
  const turnAway = (route) => { turnedAway += 1; return route.fulfill(busy); };
  await page.route(people, turnAway, { times: 2 });
  await page.getByRole('link', { name: 'Workspaces', exact: true }).click();
  await page.getByRole('heading', { level: 1, name: 'Workspaces' }).waitFor();
  assert.equal(turnedAway, 2);
  await page.route(people, turnAway);
  await page.reload();
  await page.getByText('Too many requests.').waitFor();
  assert.equal(turnedAway, 6, 'it is sent four times');
  await page.unroute(people);
  await page.route(people, (route) => { turnedAway += 1; return route.fulfill({ ...busy, headers: { 'retry-after': '60' } }); });
  await page.getByRole('button', { name: 'Try again' }).click();
  await page.getByText('Too many requests.').waitFor();
  await page.waitForTimeout(1500);
  assert.equal(turnedAway, 7, 'a longer wait is left to the person');
  assert.deepEqual(complaints, []);
  await context.close();
});

test('a page whose parts do not come, as after an upgrade, is loaded again as a whole', async () => {
  const { page, context } = await visitor(browser);
  await signIn(page, demo, PEOPLE.enterpriseAdmin, '/o/northwind-robotics/people');
  await page.evaluate(() => Object.assign(window, { before: true }));
  await page.route('**/pages/keys.js', (route) => route.abort(), { times: 1 });
  await page.getByRole('link', { name: 'API keys' }).click();
  await page.getByRole('heading', { level: 1, name: 'API keys' }).waitFor();
  assert.equal(await page.evaluate(() => 'before' in window), false, 'it is another document');
  await context.close();
});

test('what comes late is not taken for the page that is there by then', async () => {
  const { page, context, complaints } = await visitor(browser);
  await signIn(page, demo, PEOPLE.enterpriseAdmin, '/o/northwind-robotics/workspaces');
  /** @param {RegExp} address @param {(method: string) => number} ms */
  const slow = (address, ms) => page.route(address, async (route) => {
    await new Promise((resolve) => setTimeout(resolve, ms(route.request().method())));
    await route.continue();
  });
  await slow(/\/organisations\/[^/]+\/workspaces$/, () => 1000);
  const name = page.getByRole('textbox', { name: 'Name' });
  await name.fill('x'.repeat(500));
  await page.getByRole('button', { name: 'Create workspace' }).click();
  await page.getByRole('link', { name: 'API keys' }).click();
  await page.getByRole('heading', { level: 1, name: 'API keys' }).waitFor();
  await page.getByText('Name must be at most 100 characters.').waitFor();
  assert.equal(await page.locator('[aria-invalid="true"]').count(), 0, 'no field of this page is at fault');

  await page.goto(`${demo.url}/o/northwind-robotics/workspaces`);
  await name.waitFor();
  // The workspaces are asked for again before the people have come, and come after them.
  await slow(/\/organisations\/[^/]+\/workspaces(\?|$)/, (method) => (method === 'POST' ? 300 : 3000));
  await slow(/\/organisations\/[^/]+\/members/, () => 1500);
  const late = page.waitForResponse((answer) => answer.request().method() === 'GET' && answer.url().includes('/workspaces?'));
  await name.fill('Late workspace');
  await page.getByRole('button', { name: 'Create workspace' }).click();
  await page.getByRole('link', { name: 'People', exact: true }).click();
  await page.getByRole('heading', { level: 1, name: 'People' }).waitFor();
  await (await late).finished();
  await page.waitForTimeout(300);
  await page.getByLabel('Name or address').fill('nell');
  await page.getByText('nell@northwind.example').waitFor();
  assert.deepEqual(complaints, []);
  await context.close();
});

test('a person whose session has ended signs in again and comes back', async () => {
  const { page, context } = await visitor(browser);
  await signIn(page, demo, PEOPLE.enterpriseAdmin, '/account');
  await context.clearCookies();
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.waitForURL('**/login?error=session_over&return=%2Faccount');
  await page.getByRole('alert').getByText('Your session has ended').waitFor();
  await signIn(page, demo, PEOPLE.enterpriseAdmin, '/account');
  await context.clearCookies();
  await page.getByRole('link', { name: 'People', exact: true }).click();
  await page.waitForURL('**/login?error=session_over&return=%2Fo%2Fnorthwind-robotics%2Fpeople');
  await context.close();
});
