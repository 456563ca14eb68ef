/** Takes a picture of every screen, wide and narrow, light and dark, into the folder given. */

import { mkdir } from 'node:fs/promises';
import { signIn, startBrowser, startDemo, visitor } from './demo.js';

const folder = process.argv[2] ?? 'screens';
const SIZES = { wide: { width: 1280, height: 800 }, narrow: { width: 360, height: 740 } };

/** @param {import('playwright-core').Page} page */
const ready = async (page) => {
  await page.waitForLoadState('load');
  await page.waitForFunction(() => !document.querySelector('[role="status"]'));
};

/** @param {any} demo @param {any} browser @param {string} size @param {'light' | 'dark'} scheme */
async function shoot(demo, browser, size, scheme) {
  const options = { viewport: SIZES[size], colorScheme: scheme };
  const shot = async (page, name) => {
    await ready(page);
    await page.screenshot({ path: `${folder}/${name}-${size}-${scheme}.png`, fullPage: true });
  };
  const { page, context } = await visitor(browser, options);
  await page.goto(`${demo.url}/login`);
  await shot(page, 'login');
  await page.goto(`${demo.url}/sso?key=nobody`);
  await shot(page, 'login-refused');
  await page.goto(`${demo.url}/sso?key=northwind_SSO`);
  await shot(page, 'practice-provider');
  await page.getByRole('button', { name: 'Sam Stranger' }).click();
  await page.waitForURL(/login\?error/);
  await shot(page, 'not-a-member');
  await signIn(page, demo, 'nora@northwind.example');
  await page.goto(`${demo.url}/workspaces`);
  await shot(page, 'home');
  const workspace = await page.evaluate(async () => (await (await fetch('/api/v1/me')).json()).organisations[0].workspaces[0].id);
  const attempt = await page.evaluate(async () => (await (await fetch('/api/v1/organisations/northwind-robotics/sso/attempts')).json()).items[0].id);
  const org = '/o/northwind-robotics';
  const pages = {
    workspace: `/w/${workspace}`, members: `/w/${workspace}/members`, workspaces: `${org}/workspaces`, people: `${org}/people`,
    organisation: `${org}/settings`, sso: `${org}/sso`, attempts: `${org}/sso/attempts`, attempt: `${org}/sso/attempts/${attempt}`,
    account: '/account', missing: '/nowhere',
  };
  for (const [name, path] of Object.entries(pages)) {
    await page.goto(`${demo.url}${path}`);
    await shot(page, name);
  }
  await page.goto(`${demo.url}/w/${workspace}/members`);
  await page.getByRole('button', { name: 'Revoke access of nils@northwind.example' }).click();
  await page.getByRole('dialog').waitFor();
  await shot(page, 'revoke');
  await context.close();
  await shootOperator(demo, browser, options, shot);
}

async function shootOperator(demo, browser, options, shot) {
  const { page, context } = await visitor(browser, options);
  await signIn(page, demo, 'olivia@vestibule.example');
  for (const name of ['organisations', 'plans']) {
    await page.goto(`${demo.url}/operator/${name}`);
    await shot(page, name);
  }
  await page.goto(`${demo.url}/o/birch-bakery/sso`);
  await shot(page, 'upgrade');
  await page.goto(`${demo.url}/o/northwind-robotics/settings`);
  await page.getByLabel('Business').check();
  await page.getByRole('button', { name: 'Switch to Business' }).waitFor();
  await shot(page, 'switch-plan');
  await context.close();
}

await mkdir(folder, { recursive: true });
const demo = await startDemo();
const browser = await startBrowser();
try {
  for (const size of Object.keys(SIZES)) {
    await shoot(demo, browser, size, 'light');
    await shoot(demo, browser, size, 'dark');
  }
} finally {
  await browser.close();
  await demo.stop();
}
