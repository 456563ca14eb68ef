/**
 * Organisations of a person to which their session has no access: each page says how to sign in, and the sign-in
 * returns to the page.
 */

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { violations } from './axe.js';
import { BINARY, PEOPLE, api, arrival, heading, signIn, visitor } from './demo.js';
import { browser, demo, runDemo } from './running.js';

runDemo();

const NORA = PEOPLE.enterpriseAdmin;

/** A new browser window, signed in through Northwind's portal. @param {string} path */
async function throughPortal(path) {
  const visit = await visitor(browser);
  await visit.page.goto(`${demo.url}/sso?key=northwind_SSO&return=${encodeURIComponent(path)}`);
  await visit.page.getByRole('button', { name: 'Nora North' }).click();
  await visit.page.waitForURL((url) => url.origin === demo.url && url.pathname !== '/login');
  await heading(visit.page);
  return visit;
}

/** @param {import('playwright-core').Page} page @param {string} path such as `/w/...` */
const waitForPath = (page, path) => page.waitForURL((url) => url.pathname + url.search === path);

/** Turns SAML-only on or off at Northwind. @param {boolean} enabled */
async function setSamlOnly(enabled) {
  const { page, context } = await throughPortal('/workspaces');
  await api(page, '/organisations/northwind-robotics/sso/saml-only', { method: 'PUT', body: { enabled } });
  await context.close();
}

/** Makes Nora a member of Birch Bakery too, and turns SAML-only on at Northwind Robotics. */
async function joinBoth() {
  const birch = await visitor(browser);
  await signIn(birch.page, demo, PEOPLE.businessAdmin, '/workspaces');
  const { organisations: [{ workspaces: [{ id }] }] } = await api(birch.page, '/me');
  const { accept_url: link } = await api(birch.page, `/workspaces/${id}/invitations`, { method: 'POST', body: { email: NORA, role: 'power_user' } });
  const nora = await visitor(browser);
  await signIn(nora.page, demo, NORA, '/workspaces');
  const { organisations } = await api(nora.page, '/me');
  await nora.page.goto(link);
  await nora.page.getByRole('button', { name: 'Join Birch Bakery' }).click();
  await nora.page.waitForURL((url) => url.pathname !== '/invitation');
  for (const { context } of [birch, nora]) await context.close();
  await setSamlOnly(true);
  return { northwind: organisations[0].workspaces[0].id, birch: id };
}

/** @type {ReturnType<typeof joinBoth> | undefined} */
let joined;
/** The paths of a workspace of each of the two organisations, which are prepared at the first call. */
const bothWorkspaces = () => (joined ??= joinBoth());

test('a page of an organisation that requires single sign-on links to its portal, and the sign-in returns to the page', async () => {
  const places = await bothWorkspaces();
  const { page, context, complaints } = await visitor(browser);
  const path = `/w/${places.northwind}/members?search=nils`;
  await signIn(page, demo, NORA, path);
  const alert = page.getByRole('alert');
  await alert.getByText('This session has no access to Northwind Robotics, which needs single sign-on.').waitFor();
  assert.equal(await page.getByRole('link', { name: 'Sign in with your password' }).count(), 0);
  assert.deepEqual(await violations(page), []);
  await alert.getByRole('link', { name: 'Sign in with SSO' }).click();
  await page.getByRole('button', { name: 'Nora North' }).click();
  await waitForPath(page, path);
  await page.getByRole('row').filter({ hasText: 'nils@northwind.example' }).waitFor();
  // The session now has access to both organisations.
  await page.goto(`${demo.url}/w/${places.birch}`);
  assert.equal(await heading(page), 'Head office');
  assert.deepEqual(complaints, []);
  await context.close();
});

test('a person whose last organisation needs another sign-in is not redirected to another one, and can open its portal from the list', async () => {
  const { northwind: last } = await bothWorkspaces();
  const { page, context, complaints } = await visitor(browser);
  const there = await throughPortal(`/w/${last}`);
  await there.context.close();
  // Northwind is the organisation that Nora opened last.
  await signIn(page, demo, NORA, '/');
  const northwind = page.getByRole('region', { name: 'Northwind Robotics', exact: true });
  await northwind.getByText('which needs single sign-on').waitFor();
  await page.getByRole('region', { name: 'Birch Bakery', exact: true }).getByRole('link', { name: 'Head office' }).waitFor();
  assert.deepEqual(await violations(page), []);
  await northwind.getByRole('link', { name: 'Sign in with SSO' }).click();
  await page.getByRole('button', { name: 'Nora North' }).click();
  await waitForPath(page, '/workspaces');
  await northwind.getByRole('link', { name: 'Manage organisation' }).waitFor();
  assert.deepEqual(complaints, []);
  await context.close();
});

test('when an organisation starts to require single sign-on while a form is open, the page links to its portal and the entries are restored', async () => {
  await bothWorkspaces();
  await setSamlOnly(false);
  const { page, context, complaints } = await visitor(browser);
  await signIn(page, demo, NORA, '/o/northwind-robotics/settings');
  await page.getByLabel('Name of the organisation').fill('Northwind Automata');
  await setSamlOnly(true);
  await page.getByRole('button', { name: 'Save name' }).click();
  await page.getByRole('alert').getByRole('link', { name: 'Sign in with SSO' }).click();
  await page.getByRole('button', { name: 'Nora North' }).click();
  await waitForPath(page, '/o/northwind-robotics/settings');
  await page.getByText('Your entries have been restored. They are not saved yet.').waitFor();
  assert.equal(await page.getByLabel('Name of the organisation').inputValue(), 'Northwind Automata');
  assert.deepEqual(complaints, []);
  await context.close();
});

test('a page of an organisation to which the current single sign-on session has no access links to the sign-in page, which returns to it', async () => {
  const { birch } = await bothWorkspaces();
  const { page, context, complaints } = await throughPortal(`/w/${birch}`);
  await page.getByText('You signed in through single sign-on, which gives access only to the organisation that it belongs to.').waitFor();
  assert.deepEqual(await violations(page), []);
  await page.getByRole('link', { name: 'sign in to that organisation' }).click();
  await page.getByLabel('E-mail').fill(NORA);
  await page.getByLabel('Password').fill(demo.people.find((one) => one.email === NORA).password);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await arrival(page, 'Head office');
  await waitForPath(page, `/w/${birch}`);
  assert.deepEqual(complaints, []);
  await context.close();
});

test('Your account offers no password sign-in to a person whose organisation refuses passwords', async () => {
  await bothWorkspaces();
  const { page, context, complaints } = await throughPortal('/account');
  await page.getByText('Northwind Robotics does not accept it, so you cannot change them here').waitFor();
  assert.equal(await page.getByRole('link', { name: 'Sign in with your password' }).count(), 0, 'the sign-in page would redirect back here');
  assert.deepEqual(await violations(page), []);
  await setSamlOnly(false);
  await page.reload();
  await page.getByRole('link', { name: 'Sign in with your password' }).waitFor();
  assert.deepEqual(complaints, []);
  await context.close();
});

test('a password link of a member under SAML-only says that a password does not give access, and links to the portal', async () => {
  await bothWorkspaces();
  await setSamlOnly(true);
  const { stdout } = await promisify(execFile)(BINARY, ['user', 'reset-link', PEOPLE.enterpriseMember, '--data', demo.data]);
  const { page, context, complaints } = await visitor(browser);
  await page.goto(/http\S+token=\S+/.exec(stdout)?.[0] ?? '');
  await page.getByText('Northwind Robotics requires single sign-on. A password on its own does not give access to it.').waitFor();
  assert.equal(await page.getByText('recovery code').count(), 0, 'only admins have recovery codes');
  assert.deepEqual(await violations(page), []);
  await page.getByLabel('New password').fill('marble kettle comet 3');
  await page.getByRole('button', { name: 'Set password' }).click();
  await page.getByText('Your password is set.').waitFor();
  assert.equal(await page.getByRole('link', { name: 'Sign in', exact: true }).count(), 0);
  await page.getByRole('link', { name: 'Sign in to Northwind Robotics with SSO' }).click();
  await page.getByRole('button', { name: 'Nils Nansen' }).waitFor();
  assert.deepEqual(complaints, []);
  await context.close();
});
