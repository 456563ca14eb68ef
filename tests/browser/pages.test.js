/** Rules that every page must follow. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { violations } from './axe.js';
import { texts } from './catalogue.js';
import { PEOPLE, api, heading, signIn, visitor } from './demo.js';
import { browser, demo, runDemo } from './running.js';

runDemo();

/** The texts of the pages in English. */
const ENGLISH = texts('en');

/** The id of a refused sign-in, which is created if there is none yet. @param {import('playwright-core').Page} page */
async function refusedSignIn(page, t = ENGLISH) {
  const known = (await api(page, '/organisations/northwind-robotics/sso/attempts')).items.find((one) => one.refusal);
  if (known) return known.id;
  await page.goto(`${demo.url}/sso?key=northwind_SSO`);
  await page.getByText(t('practice-faults-open')).click();
  await page.getByLabel(t('practice-fault-email')).check();
  await page.getByRole('button', { name: 'Nils Nansen' }).click();
  await page.waitForURL(/\/login\?error/);
  return refusedSignIn(page, t);
}

/** The id of an application of a workspace, which is created if there is none yet. @param {import('playwright-core').Page} page @param {string} workspace */
async function application(page, workspace) {
  const path = `/workspaces/${workspace}/applications`;
  const known = (await api(page, path)).items[0];
  const body = { kind: 'link', name: 'Calendar', url: 'https://calendar.example.com/', description: 'Meetings and rooms' };
  return (known ?? await api(page, path, { method: 'POST', body })).id;
}

/** The pages of an organisation admin. @param {import('playwright-core').Page} page */
async function adminPages(page, t = ENGLISH) {
  const me = await api(page, '/me');
  const [{ id }] = me.organisations[0].workspaces;
  const attempts = await api(page, '/organisations/northwind-robotics/sso/attempts');
  const base = '/o/northwind-robotics';
  return [
    '/workspaces', `/w/${id}`, `/w/${id}/members`, base, `/w/${id}/members?search=nobody`, `/w/${id}/applications`, `/w/${id}/applications/${await application(page, id)}`, `${base}/people?role=cake`, `${base}/workspaces`, `${base}/people`, `${base}/roles`, `${base}/settings`, `${base}/sso`,
    `${base}/sso?step=test&attempt=${await refusedSignIn(page, t)}`, `${base}/sso?step=activate`, `${base}/sso/attempts`, `${base}/sso/attempts/${attempts.items[0].id}`, `${base}/keys`, `${base}/audit`, `${base}/audit?resource=nothing`, '/account', '/developers', '/nowhere',
  ];
}

/** The pages of the SSO set-up, for an organisation without a connection. */
const SET_UP_PAGES = ['', '?step=copy&provider=google', '?step=copy&provider=keycloak', '?step=paste&provider=okta'].map((step) => `/o/new-works/sso${step}`);

/** Creates an organisation without a connection, as operator, if it does not exist yet. @param {import('playwright-core').Page} page */
const newOrganisation = (page) => page.evaluate((body) => fetch('/api/v1/organisations', {
  method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body),
}).then(({ status }) => status), { name: 'New Works', plan: 'enterprise', admin_email: 'nia@new-works.example' });

/** The links that new people receive: a password link and an invitation. @param {import('playwright-core').Page} page */
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
 * Opens each page as each kind of person, and calls `look`.
 * @param {import('playwright-core').BrowserContextOptions} options
 * @param {(page: import('playwright-core').Page, path: string) => Promise<void>} look
 * @param {ReturnType<typeof texts>} [t] the texts in the language of the browser
 */
async function everyPage(options, look, t = ENGLISH) {
  const { page, context, complaints } = await visitor(browser, options);
  const visit = async (paths) => {
    for (const path of paths) {
      await page.goto(`${demo.url}${path}`);
      await heading(page);
      await look(page, path);
    }
  };
  await visit(OPEN_PAGES);
  await signIn(page, demo, PEOPLE.enterpriseAdmin, '/workspaces', t);
  await visit(await adminPages(page, t));
  await signIn(page, demo, PEOPLE.operator, '/', t);
  await newOrganisation(page);
  await visit([...OPERATOR_PAGES, ...SET_UP_PAGES, ...await links(page), '/login']);
  await context.close();
  assert.deepEqual(complaints, []);
}

test('each page has a title and one heading, which has the focus, and the browser reports no errors', async () => {
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

/** The cumulative layout shift of a page. People notice values from 0.1. Source: web.dev, Cumulative Layout Shift. */
const shifts = () => new Promise((resolve) => {
  const observer = new PerformanceObserver((list) => {
    observer.disconnect();
    resolve(list.getEntries().reduce((sum, { value }) => sum + value, 0));
  });
  observer.observe({ type: 'layout-shift', buffered: true });
  setTimeout(() => resolve(0), 500);
});

test('the layout does not shift while a page loads', async () => {
  for (const viewport of [{ width: 1280, height: 800 }, { width: 360, height: 740 }]) {
    await everyPage({ viewport }, async (page, path) => {
      const moved = await page.evaluate(shifts);
      assert.ok(moved < 0.02, `${path} at ${viewport.width}: ${moved}`);
    });
  }
});

test('each control has an accessible name', async () => {
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
 * The faults that axe-core finds on the page with all sections unfolded.
 * @param {import('playwright-core').Page} page
 */
async function faults(page) {
  await page.evaluate(() => document.querySelectorAll('details').forEach((folded) => { folded.open = true; }));
  return violations(page);
}

for (const colorScheme of /** @type {const} */ (['light', 'dark'])) {
  test(`axe finds no faults on any page, ${colorScheme}`, async () => {
    await everyPage({ colorScheme }, async (page, path) => assert.deepEqual(await faults(page), [], path));
  });
}

/**
 * Reloads the page with an empty cache, and measures what is transferred.
 * @param {import('playwright-core').Page} page
 */
async function weigh(page) {
  const wire = await page.context().newCDPSession(page);
  let [bytes, requests] = [0, 0];
  /** The modules that the document did not preload, so that they were requested only after the module that imports them. @type {string[]} */
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

for (const [language, locale] of [['en', 'en-GB'], ['fr', 'fr-FR']]) {
  test(`every page sends at most 150 kB over the wire, the sign-in page 30 kB, and all modules are preloaded, ${language}`, async () => {
    await everyPage({ locale }, async (page, path) => {
      assert.equal(await page.locator('html').getAttribute('lang'), language, path);
      const { bytes, requests, late, ready } = await weigh(page);
      if (process.env.SHOW_WEIGHTS) console.log(`${path}, ${language}: ${bytes} bytes, ${requests} requests, ready after ${Math.round(ready)} ms`);
      assert.ok(bytes <= (path === '/login' ? 30_000 : 150_000), `${path} weighs ${bytes} bytes`);
      // The module that shows the API's description is loaded together with the description, and only on its page.
      const lazy = path === '/developers' ? ['operations.js', 'shapes.js'] : [];
      assert.deepEqual(late.map((url) => url.split('/').pop()), lazy, path);
    }, texts(language));
  });
}

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

test('a person without the right to a page sees a message', async () => {
  const { page, context } = await visitor(browser);
  await signIn(page, demo, PEOPLE.enterpriseMember, '/workspaces');
  assert.equal(await page.getByRole('link', { name: 'Single sign-on' }).count(), 0);
  await page.goto(`${demo.url}/o/northwind-robotics/sso`);
  assert.ok((await page.getByRole('alert').innerText()).length > 10);
  await page.goto(`${demo.url}/o/birch-bakery/sso`);
  await page.getByRole('alert').waitFor();
  await context.close();
});

test('a page that cannot be loaded shows a message, and can be loaded by trying again', async () => {
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

test('a request that a busy server refuses is sent again, and shown as an error if the server stays busy', async () => {
  const { page, context, complaints } = await visitor(browser);
  await signIn(page, demo, PEOPLE.enterpriseAdmin, '/o/northwind-robotics/people');
  const people = /\/organisations\/[^/]+\/workspaces\?/;
  const busy = { status: 429, headers: { 'retry-after': '1' }, json: { error: { code: 'throttled', message: 'Too many requests.' } } };
  let busyAnswers = 0;
  /** @param {import('playwright-core').Route} route */
  const refuseBusy = (route) => { busyAnswers += 1; return route.fulfill(busy); };
  await page.route(people, refuseBusy, { times: 2 });
  await page.getByLabel('Main').getByRole('link', { name: 'Workspaces', exact: true }).click();
  await page.getByRole('heading', { level: 1, name: 'Workspaces' }).waitFor();
  assert.equal(busyAnswers, 2);
  await page.route(people, refuseBusy);
  await page.reload();
  await page.getByText('Too many requests.').waitFor();
  assert.equal(busyAnswers, 6, 'the request is sent four times');
  await page.unroute(people);
  await page.route(people, (route) => { busyAnswers += 1; return route.fulfill({ ...busy, headers: { 'retry-after': '60' } }); });
  await page.getByRole('button', { name: 'Try again' }).click();
  await page.getByText('Too many requests.').waitFor();
  await page.waitForTimeout(1500);
  assert.equal(busyAnswers, 7, 'a request with a longer Retry-After is not sent again');
  assert.deepEqual(complaints, []);
  await context.close();
});

test('the whole document is loaded again if a page’s modules are missing, as after an upgrade', async () => {
  const { page, context } = await visitor(browser);
  await signIn(page, demo, PEOPLE.enterpriseAdmin, '/o/northwind-robotics/people');
  await page.evaluate(() => Object.assign(window, { before: true }));
  await page.route('**/pages/keys.js', (route) => route.abort(), { times: 1 });
  await page.getByRole('link', { name: 'API keys' }).click();
  await page.getByRole('heading', { level: 1, name: 'API keys' }).waitFor();
  assert.equal(await page.evaluate(() => 'before' in window), false, 'the document was reloaded');
  await context.close();
});

test('a late response does not change a page that was opened meanwhile', async () => {
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
  assert.equal(await page.locator('[aria-invalid="true"]').count(), 0, 'no field of this page has an error');

  await page.goto(`${demo.url}/o/northwind-robotics/workspaces`);
  await name.waitFor();
  // The workspaces are requested again before the response with the people arrives; their response arrives later.
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

test('a person whose session has ended signs in again and returns to the page', async () => {
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
