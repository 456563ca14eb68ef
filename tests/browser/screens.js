/** Takes a picture of every screen, wide and narrow, light and dark, into the folder given: `node screens.js FOLDER`. */

import { mkdir } from 'node:fs/promises';
import { PEOPLE, api, heading, signIn, startBrowser, startDemo, startEmpty, visitor } from './demo.js';

const SIZES = { wide: { width: 1280, height: 800 }, narrow: { width: 360, height: 740 } };
const SCHEMES = /** @type {const} */ (['light', 'dark']);

const [folder] = process.argv.slice(2);
if (!folder) throw new Error('Say into which folder: node screens.js FOLDER');

/**
 * Pictures whatever a page shows, in every size and scheme.
 * @param {import('playwright-core').Page} page
 * @param {string} name
 */
async function shoot(page, name) {
  await heading(page);
  const dismiss = page.getByRole('button', { name: 'Dismiss' });
  if (await dismiss.isVisible()) await dismiss.click();
  for (const [size, viewport] of Object.entries(SIZES)) {
    await page.setViewportSize(viewport);
    for (const colorScheme of SCHEMES) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await page.evaluate(() => scrollTo(0, 0));
      // A dialog lies over what one sees of the page, not over its whole length.
      const fullPage = (await page.getByRole('dialog').count()) === 0;
      await page.screenshot({ path: `${folder}/${name}-${size}-${colorScheme}.png`, fullPage });
    }
  }
  await page.setViewportSize(SIZES.wide);
}

/**
 * @param {any} demo
 * @param {import('playwright-core').Page} page
 */
async function doors(demo, page) {
  await page.goto(`${demo.url}/login`);
  await shoot(page, 'login');
  await page.goto(`${demo.url}/sso?key=nobody`);
  await shoot(page, 'login-refused');
  await page.goto(`${demo.url}/sso?key=northwind_SSO`);
  await shoot(page, 'practice-provider');
  await page.getByRole('button', { name: 'Sam Stranger' }).click();
  await page.waitForURL(/login\?error/);
  await shoot(page, 'not-a-member');
  await page.goto(`${demo.url}/reset?token=none`);
  await shoot(page, 'reset');
  await page.goto(`${demo.url}/invitation?token=none`);
  await shoot(page, 'invitation-over');
}

/**
 * @param {any} demo
 * @param {import('playwright-core').Page} page
 */
async function admin(demo, page) {
  await signIn(page, demo, PEOPLE.enterpriseAdmin, '/workspaces');
  const me = await api(page, '/me');
  const [{ id }] = me.organisations[0].workspaces;
  const attempts = await api(page, '/organisations/northwind-robotics/sso/attempts');
  const org = '/o/northwind-robotics';
  const pages = {
    chooser: '/workspaces', workspace: `/w/${id}`, members: `/w/${id}/members`, workspaces: `${org}/workspaces`, people: `${org}/people`,
    settings: `${org}/settings`, 'sso-ready': `${org}/sso`, attempts: `${org}/sso/attempts`,
    attempt: `${org}/sso/attempts/${attempts.items[0].id}`, account: '/account', missing: '/nowhere',
  };
  for (const [name, path] of Object.entries(pages)) {
    await page.goto(`${demo.url}${path}`);
    await shoot(page, name);
  }
  await invitations(demo, page, id);
  await page.goto(`${demo.url}/w/${id}/members`);
  await heading(page);
  await page.setViewportSize(SIZES.narrow);
  await page.getByRole('button', { name: 'Menu' }).click();
  await page.screenshot({ path: `${folder}/menu-narrow-light.png` });
  await page.setViewportSize(SIZES.wide);
  await page.goto(`${demo.url}${org}/sso`);
  await page.getByRole('button', { name: 'Remove connection' }).click();
  await page.getByRole('dialog').waitFor();
  await shoot(page, 'sso-remove');
}

/**
 * @param {any} demo
 * @param {import('playwright-core').Page} page
 * @param {string} workspace
 */
async function invitations(demo, page, workspace) {
  const links = [];
  for (const email of ['olaf@northwind.example', PEOPLE.businessMember]) {
    await page.goto(`${demo.url}/w/${workspace}/members`);
    await page.getByLabel('E-mail').fill(email);
    await page.getByRole('button', { name: 'Invite', exact: true }).click();
    await page.getByText(`${email} is invited.`).waitFor();
    links.push(await page.locator('[data-value]').innerText());
  }
  await shoot(page, 'members-invited');
  for (const [name, link] of [['invitation-new', links[0]], ['invitation-sign-in-first', links[1]]]) {
    await page.goto(link);
    await shoot(page, name);
  }
}

/**
 * @param {any} demo
 * @param {import('playwright-core').Page} page
 */
async function operator(demo, page) {
  await signIn(page, demo, PEOPLE.operator);
  for (const name of ['organisations', 'plans']) {
    await page.goto(`${demo.url}/operator/${name}`);
    await shoot(page, name);
  }
  await page.goto(`${demo.url}/o/birch-bakery/sso`);
  await shoot(page, 'sso-upgrade');
  await page.goto(`${demo.url}/o/northwind-robotics/settings`);
  await page.getByRole('radio', { name: 'Business' }).check();
  await page.getByRole('button', { name: 'Switch to Business' }).waitFor();
  await shoot(page, 'switch-plan');
  await page.goto(`${demo.url}/o/birch-bakery/settings`);
  await page.getByRole('radio', { name: 'Enterprise' }).check();
  await page.getByRole('button', { name: 'Switch to Enterprise' }).click();
  await page.getByText('is now on Enterprise').waitFor();
}

/**
 * The set-up of SSO from its beginning; the operator has just put the organisation on the right plan.
 * @param {any} demo
 * @param {import('playwright-core').Page} page
 */
async function setUp(demo, page) {
  await signIn(page, demo, PEOPLE.businessAdmin, '/o/birch-bakery/sso');
  await shoot(page, 'sso');
  for (const [name, provider] of [['okta', 'Okta'], ['entra', 'Microsoft Entra ID'], ['other', 'Other']]) {
    await page.getByRole('radio', { name: provider }).check();
    await shoot(page, `sso-${name}`);
  }
  await page.getByText('Fill the form from the provider’s metadata').click();
  await page.getByLabel('Metadata XML').fill('This is no metadata.');
  await page.getByRole('button', { name: 'Fill the form' }).click();
  await page.locator('#metadata_xml-error').waitFor();
  await shoot(page, 'sso-field-error');
  await page.getByLabel('Metadata XML').fill(await (await fetch(`${demo.idp_url}/metadata`)).text());
  await page.getByRole('button', { name: 'Fill the form' }).click();
  await page.getByText('The form is filled').waitFor();
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.getByText('Saved, but not open to members yet.').waitFor();
  await shoot(page, 'sso-draft');
}

/** @param {import('playwright-core').Page} page */
async function setUpLink(page) {
  const appliance = await startEmpty();
  await page.goto(appliance.setUpLink);
  await shoot(page, 'setup');
  await appliance.stop();
}

await mkdir(folder, { recursive: true });
const demo = await startDemo();
const browser = await startBrowser();
try {
  const { page } = await visitor(browser);
  for (const part of [doors, admin, operator, setUp]) await part(demo, page);
  await setUpLink(page);
} finally {
  await browser.close();
  await demo.stop();
}
