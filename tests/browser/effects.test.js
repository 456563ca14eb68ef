import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PEOPLE, fromMore, signIn, visitor } from './demo.js';
import { browser, demo, runDemo } from './running.js';

runDemo();

const isDryRun = (/** @type {URL} */ url) => url.searchParams.has('dry_run');

test('a dry run that ends sign-ins but no session is described in one sentence', async () => {
  const { page, context, complaints } = await visitor(browser);
  await signIn(page, demo, PEOPLE.enterpriseAdmin, '/o/northwind-robotics/sso');
  const replaceCounts = (/** @type {object} */ counts) => page.route(isDryRun, async (route) => {
    const response = await route.fetch();
    const json = await response.json();
    Object.assign(json.effect.counts, counts);
    await route.fulfill({ response, json });
  });
  await page.getByLabel('Sign on URL').fill('https://idp.northwind.example/moved');
  const dialog = page.getByRole('dialog', { name: 'Save these settings?' });
  for (const [counts, sentence] of /** @type {const} */ ([
    [{ sessions: 0, grants: 1 }, '1 sign-in to this organisation will end. Its session keeps access through another sign-in.'],
    [{ sessions: 0, grants: 3 }, '3 sign-ins to this organisation will end. Their sessions keep access through other sign-ins.'],
    [{ sessions: 2, grants: 0 }, '2 sessions will be signed out.'],
    [{ sessions: 1, grants: 2 }, '1 session will be signed out, and 2 sign-ins to this organisation will end.'],
  ])) {
    await replaceCounts(counts);
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await dialog.getByText(sentence, { exact: true }).waitFor();
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    await page.unroute(isDryRun);
  }
  assert.deepEqual(complaints, []);
  await context.close();
});

test('a change of a connection names who loses access before it is saved, and Cancel saves nothing', async () => {
  const { page, context, complaints } = await visitor(browser);
  await signIn(page, demo, PEOPLE.enterpriseAdmin, '/o/northwind-robotics/sso');
  const url = page.getByLabel('Sign on URL');
  const before = await url.inputValue();
  await url.fill('https://idp.northwind.example/moved');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  const dialog = page.getByRole('dialog', { name: 'Save these settings?' });
  await dialog.getByText('1 person loses access').waitFor();
  await dialog.getByLabel('Lose access').getByText('nell@northwind.example').waitFor();
  await dialog.getByText('nell@northwind.example has no password here yet').waitFor();
  await dialog.getByText('Members can sign in through SAML again after a new test sign-in.').waitFor();
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  await page.goto(page.url());
  assert.equal(await url.inputValue(), before);
  await url.fill('https://idp.northwind.example/moved');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await dialog.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Saved.').waitFor();
  await page.getByText('Draft', { exact: true }).waitFor();
  assert.deepEqual(complaints, []);
  await context.close();
});

test('a plan’s new limit names each organisation that is over it before it is saved', async () => {
  const { page, context, complaints } = await visitor(browser);
  await signIn(page, demo, PEOPLE.operator, '/operator/plans');
  const card = page.getByRole('listitem').filter({ has: page.getByRole('heading', { name: 'Business' }) });
  await card.getByText('Edit plan').click();
  await card.getByLabel('Maximum people').fill('2');
  await card.getByRole('button', { name: 'Preview changes' }).click();
  const dialog = page.getByRole('dialog', { name: 'Edit Business?' });
  await dialog.getByText(/Birch Bakery: \d people, but the Business plan allows 2: they stay, and no others can be added\./).waitFor();
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  await card.getByText('Up to 250 people').waitFor();
  assert.deepEqual(complaints, []);
  await context.close();
});

test('removing an organisation admin first says whether they keep access', async () => {
  const { page, context, complaints } = await visitor(browser);
  await signIn(page, demo, PEOPLE.businessAdmin, '/o/birch-bakery/people');
  await fromMore(page, 'bella@birch.example', 'Make admin: bella@birch.example');
  await page.getByRole('dialog').getByRole('button', { name: 'Make admin' }).click();
  await page.getByText('bella@birch.example is now an organisation admin.').waitFor();
  await fromMore(page, 'bella@birch.example', 'Remove admin: bella@birch.example');
  const dialog = page.getByRole('dialog');
  await dialog.getByText('bella@birch.example keeps access').waitFor();
  await dialog.getByRole('button', { name: 'Remove admin' }).click();
  await page.getByText('bella@birch.example is no longer an organisation admin.').waitFor();
  assert.deepEqual(complaints, []);
  await context.close();
});
