import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { violations } from './axe.js';
import { PEOPLE, api, heading, signIn, visitor } from './demo.js';
import { browser, demo, runDemo } from './running.js';

runDemo();

const KEYS = '/o/birch-bakery/keys';

/** Sends a request to the API with a key. @param {string} key @param {string} [method] @param {string} [path] */
const ask = (key, path, method = 'GET') => fetch(`${demo.url}/api/v1/organisations/birch-bakery${path}`, { method, headers: { authorization: `Bearer ${key}` } });

test('an admin creates a key, which is shown once and has only the chosen scopes, until it is deleted', async () => {
  const { page, context, complaints } = await visitor(browser);
  await signIn(page, demo, PEOPLE.businessAdmin, '/o/birch-bakery/people');
  await page.getByRole('link', { name: 'API keys' }).click();
  await page.getByText('No key yet.').waitFor();
  await page.getByText('SAML-only does not affect API keys').waitFor();

  await page.getByLabel('Name').fill('Payroll');
  await page.getByRole('button', { name: 'Create key' }).click();
  await page.getByText('Choose at least one.').waitFor();
  assert.equal(await page.evaluate(() => /** @type {HTMLInputElement} */ (document.activeElement).value), 'read');
  await page.getByRole('checkbox', { name: 'Read' }).check();
  await page.getByRole('button', { name: 'Create key' }).click();
  await page.getByText('Payroll is created.').waitFor();
  const key = await page.locator('[data-value]').innerText();
  const row = page.getByRole('row').filter({ hasText: 'Payroll' });
  await row.getByText(`created by ${PEOPLE.businessAdmin}`).waitFor();
  assert.equal(await row.locator('[data-label="Last used"]').innerText(), 'never');
  const in90Days = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium' }).format(Date.now() + 90 * 24 * 3600 * 1000);
  assert.equal(await row.locator('[data-label="Expires"]').innerText(), in90Days);

  assert.equal((await ask(key, '/members')).status, 200);
  assert.equal((await ask(key, '/sso', 'DELETE')).status, 403);
  await page.goto(`${demo.url}${KEYS}`);
  await heading(page);
  assert.ok(!(await page.content()).includes(key), 'the key is shown only once');

  await page.getByRole('button', { name: 'Delete Payroll' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Delete key' }).click();
  await page.getByText('Payroll is deleted.').waitFor();
  await page.getByText('No key yet.').waitFor();
  assert.equal((await ask(key, '/members')).status, 401);
  await page.getByRole('link', { name: 'Audit log' }).click();
  const made = page.getByRole('row').filter({ hasText: 'created the API key Payroll' });
  await made.getByText('Details').click();
  assert.deepEqual(await made.locator('dt').allInnerTexts(), ['Expires at', 'Permissions']);
  assert.equal(await made.locator('dd').last().innerText(), 'Read');
  assert.deepEqual(complaints, []);
  await context.close();
});

test('a key can have no expiry, and an expired one is marked', async () => {
  const { page, context, complaints } = await visitor(browser);
  await page.clock.install();
  await signIn(page, demo, PEOPLE.businessAdmin, KEYS);
  for (const [name, lasts] of [['Archive', 'No expiry'], ['Trial', '30 days']]) {
    await page.getByLabel('Name').fill(name);
    await page.getByLabel('Expires after').selectOption(lasts);
    await page.getByRole('checkbox', { name: 'Manage SSO' }).check();
    await page.getByRole('button', { name: 'Create key' }).click();
    await page.getByText(`${name} is created.`).waitFor();
  }
  const expires = (name) => page.getByRole('row').filter({ hasText: name }).locator('[data-label="Expires"]').innerText();
  assert.equal(await expires('Archive'), 'never');
  await page.clock.setFixedTime(Date.now() + 31 * 24 * 3600 * 1000);
  await page.goto(`${demo.url}${KEYS}`);
  await heading(page);
  assert.match(await expires('Trial'), /^Expired/);
  assert.equal(await expires('Archive'), 'never');
  assert.deepEqual(complaints, []);
  await context.close();
});

test('a certificate that an API key adds waits until an admin rejects it', async () => {
  const { page, context, complaints } = await visitor(browser);
  await signIn(page, demo, PEOPLE.enterpriseAdmin, '/o/northwind-robotics/sso');
  const sso = await api(page, '/organisations/northwind-robotics/sso');
  const { key } = await api(page, '/organisations/northwind-robotics/keys', { method: 'POST', body: { name: 'Terraform', scopes: ['manage_sso'] } });
  const { provider, portal_key, sign_on_url, idp_entity_id } = sso;
  const added = await readFile(new URL('../inputs/certificate-bag-attributes.pem', import.meta.url), 'utf8');
  const certificates = [...sso.certificates.map((one) => one.pem), added];
  const saved = await fetch(`${demo.url}/api/v1/organisations/northwind-robotics/sso`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ provider, portal_key, sign_on_url, idp_entity_id, certificates }),
  });
  assert.equal(saved.status, 200);
  await page.reload();
  await page.getByText('A new certificate is waiting for you.').waitFor();
  await page.getByText('Added by Terraform.').waitFor();
  assert.deepEqual(await violations(page), []);

  // While the plan does not include SSO, the certificate can be neither adopted nor rejected.
  const operator = await visitor(browser);
  await signIn(operator.page, demo, PEOPLE.operator, '/workspaces');
  const onPlan = (/** @type {string} */ plan) => api(operator.page, '/organisations/northwind-robotics/plan', { method: 'PUT', body: { plan } });
  await onPlan('business');
  await page.reload();
  await page.getByText('You can adopt or reject it when the plan includes SSO.').waitFor();
  await page.getByText('Added by Terraform.').waitFor();
  assert.equal(await page.getByRole('button', { name: /Adopt|Reject/ }).count(), 0);
  await onPlan('enterprise');
  await operator.context.close();
  await page.reload();
  await page.getByRole('button', { name: 'Reject' }).click();
  await page.getByText('Certificate rejected. It was never in use.').waitFor();
  assert.equal(await page.getByText('A new certificate is waiting for you.').count(), 0);
  const left = await api(page, '/organisations/northwind-robotics/sso');
  assert.deepEqual([left.certificates.length, left.candidates.length, left.status], [sso.certificates.length, 0, 'ready']);
  assert.deepEqual(complaints, []);
  await context.close();
});
