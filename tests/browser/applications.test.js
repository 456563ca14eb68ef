/** Applications: granting hosts, adding and changing them, their requests, who may open them, and the tiles on the home page. */

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { violations } from './axe.js';
import { BINARY, PEOPLE, api, arrival, heading, signIn, visitor } from './demo.js';
import { press, tabTo } from './keyboard.js';
import { browser, demo, runDemo } from './running.js';

runDemo();

/** Removes the application and the host that the demo gives to an organisation. @param {string} organisation */
async function removeApplications(organisation) {
  const run = async (/** @type {string[]} */ ...args) => (await promisify(execFile)(BINARY, [...args, '--data', demo.data])).stdout;
  for (const { id } of JSON.parse(await run('app', 'list', `${organisation}/head-office`, '--json'))) await run('app', 'remove', id);
  await run('org', 'set-hosts', organisation, '--none');
}

const SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"><circle cx="4" cy="4" r="4"/></svg>';

/** A request that a reverse proxy asks about. @param {string} path */
const ask = (path) => fetch(`${demo.url}/auth/check`, {
  redirect: 'manual',
  headers: { 'x-forwarded-method': 'GET', 'x-forwarded-proto': 'https', 'x-forwarded-host': 'wiki.example.com', 'x-forwarded-uri': path },
});

/** The page of the applications of the first workspace of the signed-in person. @param {import('playwright-core').Page} page */
async function listPath(page) {
  const { organisations: [{ workspaces: [{ id }] }] } = await api(page, '/me');
  return `/w/${id}/applications`;
}

/** Asserts that axe finds nothing in light and dark, and that the page fits on a phone. @param {import('playwright-core').Page} page */
async function assertUsable(page) {
  for (const colorScheme of /** @type {const} */ (['light', 'dark'])) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    assert.deepEqual(await violations(page), [], `${page.url()}, ${colorScheme}`);
  }
  await page.setViewportSize({ width: 360, height: 740 });
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth) <= 360, page.url());
  await page.setViewportSize({ width: 1280, height: 800 });
}

test('a proxy application is added after its host is granted, shows its requests and who may open it, and is deleted', async () => {
  const [admin, operator, member] = [await visitor(browser), await visitor(browser), await visitor(browser, { viewport: { width: 360, height: 740 } })];
  const { page } = admin;
  await removeApplications('northwind-robotics');
  await signIn(page, demo, PEOPLE.enterpriseAdmin, '/workspaces');
  await page.getByText('There is no application that you can open yet.').waitFor();
  const path = await listPath(page);
  await page.goto(`${demo.url}${path.replace('/applications', '')}`);
  await page.getByRole('navigation').getByRole('link', { name: 'Applications' }).click();
  await arrival(page, 'Applications');
  await page.getByText('No application yet.').waitFor();

  await page.getByRole('radio', { name: /^Behind a reverse proxy/ }).check();
  await page.getByText('No host is granted to this organisation yet. Ask an operator').waitFor();
  await page.getByRole('textbox', { name: 'Name' }).fill('Wiki');
  await page.getByRole('textbox', { name: 'Address' }).fill('https://wiki.example.com/start');
  assert.equal(await page.getByLabel('Hosts').inputValue(), 'wiki.example.com', 'the host follows the address');
  await page.getByLabel('Icon (optional)').setInputFiles({ name: 'wiki.svg', mimeType: 'image/svg+xml', buffer: Buffer.from(SVG) });
  await page.getByRole('button', { name: 'Add application' }).click();
  const hosts = page.locator('[data-field="hosts"]');
  await hosts.getByText('The host wiki.example.com is not granted to this organisation. Ask an operator to grant it.').waitFor();
  assert.equal(await page.evaluate(() => document.activeElement?.id), 'hosts');
  await assertUsable(page);

  await signIn(operator.page, demo, PEOPLE.operator, '/o/northwind-robotics/settings');
  await operator.page.getByLabel('Granted hosts').fill('wiki.example.com/start');
  await operator.page.getByRole('button', { name: 'Save hosts' }).click();
  await operator.page.locator('[data-field="hosts"]').getByText('must be a host name without a port').waitFor();
  await operator.page.getByLabel('Granted hosts').fill('wiki.example.com\n*.apps.example.com');
  await operator.page.getByRole('button', { name: 'Save hosts' }).click();
  await operator.page.getByText('The hosts are saved.').waitFor();
  await operator.context.close();

  // The first rule must be moved below the other one to be the second.
  for (const [n, [rulePath, methods, require]] of [['/', '', 'Admin'], ['/static', 'get, options', 'Everyone, without sign-in']].entries()) {
    await page.getByRole('button', { name: 'Add rule' }).click();
    const rule = page.getByRole('group', { name: `Rule ${n + 1}` });
    await rule.getByLabel('Path').fill(rulePath);
    await rule.getByLabel('Methods').fill(methods);
    await rule.getByLabel('Who may open it').selectOption(require);
  }
  await page.getByRole('button', { name: 'Add rule' }).click();
  await page.getByRole('group', { name: 'Rule 3' }).getByLabel('Path').fill('nothing');
  await page.getByRole('button', { name: 'Add application' }).click();
  const third = page.getByRole('group', { name: 'Rule 3' });
  assert.ok(await third.locator('.error').innerText());
  await page.getByRole('button', { name: 'Move up rule 2' }).click();
  await page.getByRole('button', { name: 'Remove rule 3' }).click();
  await page.getByRole('button', { name: 'Add application' }).click();
  await arrival(page, 'Wiki');
  await page.getByText('Waiting for the first request').waitFor();
  assert.equal(await page.getByRole('link', { name: 'Configurations of nginx' }).getAttribute('href'), '/help/proxies');
  const [one] = (await api(page, path.replace('/w/', '/workspaces/'))).items;
  assert.deepEqual(one.rules, [{ path: '/static', methods: ['GET', 'OPTIONS'], require: 'public' }, { path: '/', require: 'admin' }]);
  assert.match(one.icon, /^data:image\/svg\+xml;base64,/);

  assert.equal((await ask('/static')).status, 200);
  assert.notEqual((await ask('/')).status, 200);
  await page.getByText('Requests arrive from the reverse proxy.').waitFor();
  await page.getByRole('row').filter({ hasText: 'GET /static' }).getByText('Allowed').waitFor();
  await assertUsable(page);

  await page.getByLabel('E-mail of the person').fill('stranger@northwind.example');
  await page.getByRole('button', { name: 'Check' }).click();
  await page.getByText('Nobody with this address is found.').waitFor();
  await page.getByLabel('E-mail of the person').fill(PEOPLE.enterpriseMember);
  await page.getByRole('button', { name: 'Check' }).click();
  await page.getByText(`${PEOPLE.enterpriseMember} may open this application, with the level Editor.`).waitFor();
  await page.getByRole('textbox', { name: 'Description' }).fill('All that we know');
  await page.getByRole('button', { name: 'Remove icon' }).click();
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Saved.').waitFor();
  const changed = await api(page, `/applications/${one.id}`);
  assert.deepEqual([changed.description, changed.icon, changed.rules], ['All that we know', null, one.rules]);

  await signIn(member.page, demo, PEOPLE.enterpriseMember, '/workspaces');
  const tile = member.page.getByRole('region', { name: 'Applications' }).getByRole('link', { name: /^W?\s*Wiki/ });
  assert.equal(await tile.getAttribute('href'), 'https://wiki.example.com/start');
  await tile.getByText('All that we know').waitFor();
  await assertUsable(member.page);
  await member.page.goto(`${demo.url}${path}`);
  await member.page.getByRole('link', { name: 'Open Wiki' }).waitFor();
  assert.equal(await member.page.getByRole('button', { name: 'Add application' }).count(), 0);
  await assertUsable(member.page);
  await member.page.goto(`${demo.url}${path.replace('/applications', '')}`);
  await tile.waitFor();

  await page.getByRole('button', { name: 'Delete application' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText(PEOPLE.enterpriseMember).waitFor();
  await dialog.getByRole('button', { name: 'Delete application' }).click();
  await page.getByText('Wiki is deleted.').waitFor();
  await page.getByText('No application yet.').waitFor();
  await page.goto(`${demo.url}/o/northwind-robotics/settings`);
  await page.locator('#hosts').getByText('*.apps.example.com').waitFor();
  assert.equal(await page.getByLabel('Granted hosts').count(), 0, 'organisation admins only see the granted hosts');
  assert.deepEqual([...admin.complaints, ...operator.complaints, ...member.complaints], []);
  await admin.context.close();
  await member.context.close();
});

test('a link is added only with the keyboard, and an icon of another kind is refused', async () => {
  const { page, context, complaints } = await visitor(browser);
  await signIn(page, demo, PEOPLE.businessAdmin, '/workspaces');
  await page.goto(`${demo.url}${await listPath(page)}`);
  await heading(page);
  await page.getByLabel('Icon (optional)').setInputFiles({ name: 'notes.txt', mimeType: 'text/plain', buffer: Buffer.from('notes') });
  await page.getByText('notes.txt is not a PNG, a WebP or an SVG.').waitFor();
  await page.getByRole('radio', { name: /^Link/ }).focus();
  await tabTo(page, /^Name$/);
  await page.keyboard.type('Calendar');
  await tabTo(page, /^Address$/);
  await page.keyboard.type('https://calendar.example.com');
  await press(page, /^Add application$/);
  await arrival(page, 'Calendar');
  assert.equal(await page.getByRole('heading', { name: 'Last requests' }).count(), 0);
  await assertUsable(page);
  await press(page, /^Applications$/);
  await page.getByRole('row').filter({ hasText: 'https://calendar.example.com/' }).getByText('Link').waitFor();
  await assertUsable(page);
  assert.deepEqual(complaints, []);
  await context.close();
});

test('an OpenID Connect application is added; its values, program and secret are copied, and the secret is replaced by a second one', async () => {
  const { page, context, complaints } = await visitor(browser);
  await signIn(page, demo, PEOPLE.businessAdmin, '/workspaces');
  const path = await listPath(page);
  await page.goto(`${demo.url}${path}`);
  await page.getByRole('radio', { name: /^OpenID Connect/ }).check();
  await page.getByRole('textbox', { name: 'Name' }).fill('Notebooks');
  await page.getByRole('textbox', { name: 'Address' }).fill('https://hub.example.com/');
  await page.getByLabel('Redirect URIs', { exact: true }).fill('http://hub.example.com/hub/oauth_callback');
  await page.getByRole('button', { name: 'Add application' }).click();
  await page.locator('[data-field="redirect_uris"]').getByText('https').last().waitFor();
  await assertUsable(page);
  await page.getByLabel('Redirect URIs', { exact: true }).fill('https://hub.example.com/hub/oauth_callback');
  await page.getByRole('button', { name: 'Add application' }).click();
  await page.getByText('Notebooks is added. Enter the values of this page in the application.').waitFor();
  const first = (await page.getByText(/^vcs_/).first().innerText()).trim();
  const id = new URL(page.url()).pathname.split('/').pop() ?? '';
  await page.getByText(id, { exact: true }).waitFor();
  assert.ok((await page.locator('pre').innerText()).includes(id), 'the program has the client ID');
  await page.getByText('Waiting for the first request from the application').waitFor();
  await assertUsable(page);

  const asked = new URL(`${demo.url}/oauth2/authorize`);
  asked.search = new URLSearchParams({
    response_type: 'code', client_id: id, redirect_uri: 'https://hub.example.com/hub/oauth_callback', scope: 'openid', state: 's',
    code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM', code_challenge_method: 'S256', prompt: 'none',
  }).toString();
  assert.equal((await page.request.get(asked.href, { maxRedirects: 0 })).status(), 303);
  await page.getByText('Requests arrive from the application.').waitFor();

  await page.reload();
  await page.getByRole('heading', { name: 'Secrets' }).waitFor();
  assert.equal(await page.getByText(first).count(), 0, 'the secret is shown once');
  await page.getByRole('button', { name: 'Create a second secret' }).click();
  await page.getByText(/^vcs_/).first().waitFor();
  await page.getByRole('button', { name: /^Delete the secret of/ }).first().click();
  await page.getByRole('dialog').getByRole('button', { name: 'Delete secret' }).click();
  await page.getByText('The secret is deleted.').waitFor();
  await page.getByText('the only one').waitFor();
  assert.deepEqual(complaints, []);
  await context.close();
});

test('hosts are taken from an organisation only after its operator has seen which applications and people lose them', async () => {
  const { page, context, complaints } = await visitor(browser);
  await signIn(page, demo, PEOPLE.operator, '/o/birch-bakery/settings');
  const path = '/organisations/birch-bakery/application-hosts';
  const { hosts } = await api(page, path);
  assert.ok(hosts.length, 'the demo grants a host');
  const take = async () => {
    await page.getByLabel('Granted hosts').fill('new.birch.example');
    await page.getByRole('button', { name: 'Save hosts' }).click();
  };
  await take();
  const asked = page.getByRole('dialog', { name: 'Change the hosts of Birch Bakery?' });
  await asked.getByText(`Hosts that are no longer granted: ${hosts.join(', ')}.`).waitFor();
  await asked.getByText(/^Applications that people lose: /).waitFor();
  await asked.getByLabel('Lose access').getByText(PEOPLE.businessMember).waitFor();
  await assertUsable(page);
  await asked.getByRole('button', { name: 'Cancel' }).click();
  assert.deepEqual((await api(page, path)).hosts, hosts, 'nothing has changed');
  await take();
  await asked.getByRole('button', { name: 'Change hosts' }).click();
  await page.getByText('The hosts are saved.').waitFor();
  assert.deepEqual((await api(page, path)).hosts, ['new.birch.example']);
  await page.getByLabel('Granted hosts').fill(['new.birch.example', ...hosts].join(' '));
  await page.getByRole('button', { name: 'Save hosts' }).click();
  await page.getByText('The hosts are saved.').waitFor();
  assert.equal(await page.getByRole('dialog').count(), 0, 'nobody loses anything');
  assert.deepEqual(complaints, []);
  await context.close();
});
