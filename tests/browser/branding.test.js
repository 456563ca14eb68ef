/** The name and logo of an organisation and of the appliance. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { violations } from './axe.js';
import { PEOPLE, api, heading, signIn, visitor } from './demo.js';
import { browser, demo, runDemo } from './running.js';

runDemo();

const logo = (colour) => Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 20"><rect width="40" height="20" rx="4" fill="${colour}"/></svg>`);

/** Whether the logo of a brand is loaded and has a size. @param {import('playwright-core').Locator} brand */
const isDrawn = (brand) => brand.locator('img.logo').evaluate(async (/** @type {HTMLImageElement} */ image) => {
  await image.decode();
  return image.naturalWidth > 0;
});

test('an organisation admin sets a logo and sees a preview in light and dark; members see it in the console', async () => {
  const { page, context, complaints } = await visitor(browser);
  await signIn(page, demo, PEOPLE.businessAdmin, '/o/birch-bakery/settings');
  const file = page.getByLabel('Logo', { exact: true });
  await file.setInputFiles({ name: 'logo.gif', mimeType: 'image/gif', buffer: Buffer.from('GIF89a') });
  await page.getByText('logo.gif is not a PNG or an SVG').waitFor();
  await page.getByLabel('Name beside the logo').fill('Birch & Sons');
  await page.getByRole('button', { name: 'Save branding' }).click();
  await page.getByText('logo.gif cannot be used, so nothing is saved yet.').waitFor();
  assert.deepEqual(await api(page, '/organisations/birch-bakery/branding'), { name: null, logo: null });
  assert.deepEqual(await violations(page), []);
  await page.getByRole('button', { name: 'Remove logo.gif' }).click();
  await page.getByRole('button', { name: 'Save branding' }).click();
  await page.getByText('The name and logo are saved.').waitFor();
  await page.getByLabel('Name beside the logo').fill('');
  // Saving the branding leaves the entries of other forms on the page.
  await page.getByLabel('Name of the organisation').fill('Birch Bakery & Sons');
  await file.setInputFiles({ name: 'bad.svg', mimeType: 'image/svg+xml', buffer: Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"><script>alert(1)</script></svg>') });
  // A logo that could not be saved is refused when it is chosen, and is not shown in the preview.
  await page.getByText('has <script>, which a logo may not have').waitFor();
  assert.equal(await page.getByRole('group', { name: 'Preview' }).locator('img').count(), 0);

  await file.setInputFiles({ name: 'logo.svg', mimeType: 'image/svg+xml', buffer: logo('#c33') });
  const previews = page.getByRole('group', { name: 'Preview' });
  await page.getByText('Screen readers say “Birch Bakery” for the logo.').waitFor();
  assert.equal(await previews.getByRole('img', { name: 'Birch Bakery' }).count(), 2);
  assert.deepEqual(await violations(page), []);
  await page.getByRole('button', { name: 'Save branding' }).click();
  const head = page.getByRole('banner').getByRole('link', { name: 'Birch Bakery' });
  await head.waitFor();
  assert.ok(await isDrawn(head));
  await page.getByText('The name and logo are saved.').waitFor();
  assert.equal(await page.getByLabel('Name of the organisation').inputValue(), 'Birch Bakery & Sons');
  await page.getByLabel('Name beside the logo').fill('Birch');
  assert.equal(await previews.getByText('Birch', { exact: true }).count(), 2);
  await page.getByRole('button', { name: 'Save branding' }).click();
  await page.getByRole('banner').getByRole('link', { name: 'Birch', exact: true }).waitFor();

  const me = await api(page, '/me');
  const { accept_url: link } = await api(page, `/workspaces/${me.organisations[0].workspaces[0].id}/invitations`, {
    method: 'POST', body: { email: 'brand@birch.example', role: 'admin' },
  });
  const invited = await visitor(browser);
  await invited.page.goto(link);
  await heading(invited.page);
  assert.equal((await invited.page.locator('.brand').innerText()).trim(), 'Birch');
  assert.ok(await isDrawn(invited.page.locator('.brand')));
  await invited.context.close();

  const stranger = await visitor(browser);
  await signIn(stranger.page, demo, PEOPLE.enterpriseAdmin, '/workspaces');
  assert.equal(await stranger.page.locator('.brand').innerText(), 'Vestibule');
  await stranger.context.close();

  await page.getByRole('button', { name: 'Remove branding' }).click();
  const removal = page.getByRole('dialog', { name: 'Remove the name and logo?' });
  await removal.getByText('Members then see the name and logo of this installation.').waitFor();
  await removal.getByRole('button', { name: 'Cancel' }).click();
  assert.equal((await api(page, '/organisations/birch-bakery/branding')).name, 'Birch');
  await page.getByRole('button', { name: 'Remove branding' }).click();
  await removal.getByRole('button', { name: 'Remove branding' }).click();
  await page.getByText('The name and logo are removed.').waitFor();
  await page.getByRole('banner').getByRole('link', { name: 'Vestibule' }).waitFor();
  assert.equal(await page.getByLabel('Name beside the logo').inputValue(), '');
  assert.deepEqual(complaints, []);
  await context.close();
});

test('an operator sets the name of the appliance, which the sign-in page and its title show', async () => {
  const { page, context, complaints } = await visitor(browser);
  await signIn(page, demo, demo.people.find((one) => one.operator)?.email ?? PEOPLE.operator, '/operator/branding');
  assert.equal(await heading(page), 'Branding');
  await page.getByLabel('Name beside the logo').fill('Front Desk');
  await page.getByLabel('Logo', { exact: true }).setInputFiles({ name: 'logo.svg', mimeType: 'image/svg+xml', buffer: logo('#36c') });
  assert.deepEqual(await violations(page), []);
  await page.getByRole('button', { name: 'Save branding' }).click();
  await page.getByRole('banner').getByRole('link', { name: 'Front Desk' }).waitFor();
  assert.equal(await page.title(), 'Branding · Front Desk');
  const anybody = await visitor(browser);
  await anybody.page.goto(`${demo.url}/login`);
  assert.equal(await anybody.page.title(), 'Sign in · Front Desk');
  assert.ok(await isDrawn(anybody.page.locator('.brand')));
  assert.deepEqual(await violations(anybody.page), []);
  await anybody.context.close();
  await page.getByRole('button', { name: 'Remove branding' }).click();
  const removal = page.getByRole('dialog', { name: 'Remove the name and logo?' });
  await removal.getByText('then show the name Vestibule').waitFor();
  await removal.getByRole('button', { name: 'Remove branding' }).click();
  await page.getByRole('banner').getByRole('link', { name: 'Vestibule' }).waitFor();
  assert.deepEqual(complaints, []);
  await context.close();
});
