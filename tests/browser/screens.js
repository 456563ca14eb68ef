/**
 * Takes screenshots of all pages, wide and narrow, light and dark: `node screens.js FOLDER [png|webp]`.
 * `node screens.js --docs` saves them to `target/screens`, and copies those that the documents show to `docs/screens`.
 */

import { copyFile, mkdir, rm, writeFile } from 'node:fs/promises';
import { PEOPLE, api, freePort, heading, setUp as setUpByForm, signIn, startBrowser, startDemo, startEmpty, visitor } from './demo.js';
import { SHOWN, shown } from './documented_screens.js';

const SIZES = { wide: { width: 1280, height: 800 }, narrow: { width: 360, height: 740 } };
const SCHEMES = /** @type {const} */ (['light', 'dark']);

/** The WebP quality: text is sharp, at a third of the size of PNG. */
const QUALITY = 50;

const documented = process.argv[2] === '--docs';
const [folder, asked = 'png'] = documented ? [new URL('../../target/screens', import.meta.url).pathname, 'webp'] : process.argv.slice(2);
const format = /** @type {const} */ (['png', 'webp']).find((known) => known === asked);
if (!folder || !format) throw new Error('Usage: node screens.js FOLDER [png|webp], or node screens.js --docs');

/**
 * @param {import('playwright-core').Page} page
 * @param {string} name
 * @param {boolean} whole true for the whole page, false for the part in the window
 */
async function picture(page, name, whole) {
  const chromium = await page.context().newCDPSession(page);
  const { width = 0, height = 0 } = page.viewportSize() ?? {};
  const full = await page.evaluate(() => document.documentElement.scrollHeight);
  const clip = { x: 0, y: 0, width, height: whole ? full : height, scale: 1 };
  const how = { format, quality: QUALITY, captureBeyondViewport: whole, clip };
  const { data } = await chromium.send('Page.captureScreenshot', how);
  await writeFile(`${folder}/${name}.${format}`, data, 'base64');
  await chromium.detach();
}

/**
 * Takes screenshots of a page in each size and colour scheme.
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
      // A dialog covers the window and not the whole length of the page.
      const whole = (await page.getByRole('dialog').count()) === 0;
      await picture(page, `${name}-${size}-${colorScheme}`, whole);
    }
  }
  await page.setViewportSize(SIZES.wide);
}

/**
 * @param {any} demo
 * @param {import('playwright-core').Page} page
 */
async function signInPages(demo, page) {
  await page.goto(`${demo.url}/login`);
  await shoot(page, 'login');
  await page.goto(`${demo.url}/sso?key=nobody`);
  await shoot(page, 'login-refused');
  await page.goto(`${demo.url}/sso?key=northwind_SSO`);
  await shoot(page, 'practice-provider');
  await page.getByRole('button', { name: 'Sam Stranger' }).click();
  await page.waitForURL(/login\?error/);
  await shoot(page, 'not-a-member');
  await page.goto(`${demo.url}/sso?key=northwind_SSO`);
  await page.getByText('Let something go wrong').click();
  await page.getByLabel('An old Callback URL').check();
  await shoot(page, 'practice-provider-faults');
  await page.getByRole('button', { name: 'Nils Nansen' }).click();
  await page.waitForURL(/login\?error/);
  await page.goto(`${demo.url}/reset?token=none`);
  await shoot(page, 'reset-over');
  await page.goto(`${demo.url}/forgot`);
  await shoot(page, 'forgot');
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
    'members-nobody': `/w/${id}/members?search=nobody&role=admin`,
    settings: `${org}/settings`, 'sso-ready': `${org}/sso`, attempts: `${org}/sso/attempts`,
    attempt: `${org}/sso/attempts/${attempts.items.find(({ outcome }) => outcome === 'signed_in').id}`, keys: `${org}/keys`, account: '/account', developers: '/developers', missing: '/nowhere',
  };
  for (const [name, path] of Object.entries(pages)) {
    await page.goto(`${demo.url}${path}`);
    await shoot(page, name);
  }
  await invitations(demo, page, id);
  const refused = attempts.items.find((one) => one.refusal?.code === 'destination');
  await page.goto(`${demo.url}${org}/sso/attempts/${refused.id}`);
  await shoot(page, 'attempt-refused');
  await keys(demo, page);
  await page.goto(`${demo.url}/w/${id}/members`);
  await heading(page);
  await page.setViewportSize(SIZES.narrow);
  await page.getByRole('button', { name: 'Menu' }).click();
  await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
  await picture(page, 'menu-narrow-light', false);
  await page.setViewportSize(SIZES.wide);
  await page.goto(`${demo.url}${org}/sso`);
  await page.locator('details.advanced summary').click();
  await page.getByRole('button', { name: 'Rotate keys' }).click();
  await page.getByText('New keys are published').waitFor();
  await shoot(page, 'sso-rotating');
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
    links.push(await page.locator('.once [data-value]').innerText());
  }
  await shoot(page, 'members-invited');
  await page.getByText('Invite several people at once').click();
  await page.getByLabel('People').fill('Name\tE-mail\tRole\nOda Olsen\toda@northwind.example\tAdmin\nOle\tnobody\t\nOtto\totto@northwind.example\tOwner');
  await page.getByRole('button', { name: 'Check the list' }).click();
  await page.getByRole('button', { name: 'Invite 1 person' }).waitFor();
  await shoot(page, 'members-list-checked');
  for (const [name, link] of [['invitation-new', links[0]], ['invitation-sign-in-first', links[1]]]) {
    await page.goto(link);
    await shoot(page, name);
  }
}

/**
 * The API keys, and the audit log with all previous changes.
 * @param {any} demo
 * @param {import('playwright-core').Page} page
 */
async function keys(demo, page) {
  const org = `${demo.url}/o/northwind-robotics`;
  await page.goto(`${org}/keys`);
  await page.getByLabel('Name').fill('Directory sync');
  await page.getByRole('button', { name: 'Create key' }).click();
  await page.getByText('Choose at least one.').waitFor();
  await shoot(page, 'keys-error');
  await page.getByRole('checkbox', { name: 'Manage members' }).check();
  await page.getByRole('button', { name: 'Create key' }).click();
  await page.getByText('Directory sync is created.').waitFor();
  await shoot(page, 'keys-made');
  await page.goto(`${org}/audit`);
  await page.getByText('Details').first().click();
  await shoot(page, 'audit');
  await page.goto(`${org}/audit?resource=nothing`);
  await shoot(page, 'audit-nothing');
}

/**
 * Applications: the roles and their levels, the form for a new application and its page, and a member's tiles.
 * @param {any} demo
 * @param {import('playwright-core').Page} page
 */
async function applications(demo, page) {
  await signIn(page, demo, PEOPLE.enterpriseAdmin, '/workspaces');
  const { organisations: [{ workspaces: [{ id }] }] } = await api(page, '/me');
  await page.goto(`${demo.url}/o/northwind-robotics/roles?workspace=${id}`);
  await page.getByRole('row').filter({ hasText: 'Night shift' }).first().waitFor();
  await shoot(page, 'roles');
  await page.goto(`${demo.url}/w/${id}/applications`);
  await page.getByRole('radio', { name: /^OpenID Connect/ }).check();
  await page.getByRole('textbox', { name: 'Name' }).fill('Notebooks');
  await page.getByRole('textbox', { name: 'Address' }).fill('https://hub.example.com/');
  await page.getByLabel('Redirect URIs', { exact: true }).fill('https://hub.example.com/hub/oauth_callback');
  await shoot(page, 'application-new');
  await page.getByRole('button', { name: 'Add application' }).click();
  await page.getByText('Notebooks is added.').waitFor();
  await shoot(page, 'application-added');
  await signIn(page, demo, PEOPLE.enterpriseMember, '/');
  await page.getByRole('region', { name: 'Applications' }).getByRole('link', { name: /Shift planner/ }).waitFor();
  await shoot(page, 'tiles');
}

/**
 * @param {any} demo
 * @param {import('playwright-core').Page} page
 */
async function operator(demo, page) {
  await signIn(page, demo, PEOPLE.operator);
  for (const name of ['organisations', 'operators', 'plans', 'audit', 'mail', 'branding', 'doctor']) {
    await page.goto(`${demo.url}/operator/${name}`);
    await shoot(page, name === 'audit' ? 'operator-audit' : name);
  }
  const { items: [{ user }] } = await api(page, '/organisations/northwind-robotics/members?search=nell');
  await page.goto((await api(page, `/users/${user}/reset-link`, { method: 'POST' })).reset_url);
  await page.getByLabel('New password').fill('nell@northwind.example');
  await page.getByText('add another uncommon word').waitFor();
  await shoot(page, 'reset');
  await page.goto(`${demo.url}/login`);
  await shoot(page, 'login-signed-in');
  await page.goto(`${demo.url}/operator/plans`);
  const enterprise = page.getByRole('listitem').filter({ has: page.getByRole('heading', { name: 'Enterprise' }) });
  await enterprise.getByText('Edit plan').click();
  await enterprise.getByLabel('Members sign in by').selectOption('Password');
  await enterprise.getByRole('button', { name: 'Preview changes' }).click();
  await page.getByRole('dialog').waitFor();
  await shoot(page, 'plan-change');
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
 * The set-up of SSO from its first step; the operator has just switched the organisation to a plan with SSO.
 * @param {any} demo
 * @param {import('playwright-core').Page} page
 */
async function setUp(demo, page) {
  await signIn(page, demo, PEOPLE.businessAdmin, '/o/birch-bakery/sso');
  await shoot(page, 'sso');
  await setUpByLink(demo, page);
  for (const step of ['copy&provider=google', 'copy&provider=okta', 'copy&provider=entra', 'paste&provider=other']) {
    await page.goto(`${demo.url}/o/birch-bakery/sso?step=${step}`);
    await shoot(page, `sso-${step.replace('&provider=', '-')}`);
  }
  await page.getByText('Paste its text instead').click();
  await page.getByLabel('Metadata XML').fill('This is no metadata.');
  await page.getByRole('button', { name: 'Fill the form' }).click();
  await page.locator('#metadata_xml-error').waitFor();
  await shoot(page, 'sso-field-error');
  await page.getByLabel('Metadata XML').fill(await (await fetch(`${demo.idp_url}/metadata`)).text());
  await page.getByRole('button', { name: 'Fill the form' }).click();
  await page.getByText('The form is filled').waitFor();
  await page.getByRole('button', { name: 'Save and continue' }).click();
  await page.getByText('Saved, but members cannot use it yet.').waitFor();
  await shoot(page, 'sso-draft');
  await page.getByRole('link', { name: 'Test sign-in' }).click();
  await page.getByText('Let something go wrong').click();
  await page.getByLabel('Another application’s Entity ID').check();
  await page.getByRole('button', { name: 'Bruno Birch' }).click();
  await page.getByRole('link', { name: 'Test again' }).waitFor();
  await shoot(page, 'sso-test-refused');
  await page.getByRole('link', { name: 'Test again' }).click();
  await page.getByRole('button', { name: 'Bruno Birch' }).click();
  await page.getByText('Tell your members where to sign in').waitFor();
  await shoot(page, 'sso-activated');
}

/**
 * The SSO set-up through a set-up link, by a person without an account.
 * @param {any} demo
 * @param {import('playwright-core').Page} page
 */
async function setUpByLink(demo, page) {
  await page.getByText('Send this to your IT admin').click();
  await page.getByLabel('Recipient').fill('Ida of IT');
  await page.getByRole('button', { name: 'Create link' }).click();
  await page.getByText('It will not be shown again.').waitFor();
  await shoot(page, 'setup-link-made');
  const link = await page.locator('[data-value]', { hasText: '/sso-setup?token=' }).innerText();
  await page.goto(link);
  await shoot(page, 'sso-setup');
  await page.goto(`${demo.url}/sso-setup?token=none`);
  await shoot(page, 'sso-setup-over');
  await page.goto(`${demo.url}/o/birch-bakery/sso`);
  await heading(page);
}

/**
 * A page that the person may not open, and pages with names of the maximum length. These are last, because the names are not changed back.
 * @param {any} demo
 * @param {import('playwright-core').Page} page
 */
async function extremes(demo, page) {
  await signIn(page, demo, PEOPLE.businessMember);
  await page.goto(`${demo.url}/o/birch-bakery/people`);
  await shoot(page, 'no-rights');
  await signIn(page, demo, PEOPLE.businessAdmin, '/account');
  const long = 'Rhabarberbarbarabarbarbarenbartbarbierbier & Söhne von und zu Obertupfing'.slice(0, 100);
  await api(page, '/me', { method: 'PATCH', body: { name: long } });
  await api(page, '/organisations/birch-bakery', { method: 'PATCH', body: { name: long } });
  const { organisations: [{ workspaces: [{ id }] }] } = await api(page, '/me');
  await api(page, `/workspaces/${id}`, { method: 'PATCH', body: { name: long } });
  for (const [name, path] of [['chooser', '/workspaces'], ['members', `/w/${id}/members`], ['sso', '/o/birch-bakery/sso']]) {
    await page.goto(`${demo.url}${path}`);
    await shoot(page, `long-names-${name}`);
  }
}

/**
 * A new appliance, whose mail server does not answer: its set-up and its operator's pages.
 * @param {import('playwright-core').Page} page
 */
async function setUpLink(page) {
  const appliance = await startEmpty(['--smtp-url', `smtp://127.0.0.1:${await freePort()}`]);
  await page.goto(appliance.setUpLink);
  await shoot(page, 'setup');
  await setUpByForm(page, appliance);
  await shoot(page, 'next-steps');
  await page.goto(`${appliance.url}/operator/organisations`);
  await page.getByLabel('Name', { exact: true }).fill('Harbour Lights');
  await page.getByRole('radio', { name: 'Starter' }).check();
  await page.getByLabel('E-mail of its first admin').fill('hana@harbour.example');
  await page.getByRole('button', { name: 'Create organisation' }).click();
  await page.getByText('We have mailed the invitation to').waitFor();
  await shoot(page, 'organisations-mailed');
  await page.goto(`${appliance.url}/operator/mail`);
  await shoot(page, 'mail-waiting');
  await page.goto(appliance.setUpLink);
  await shoot(page, 'setup-over');
  await appliance.stop();
}

await mkdir(folder, { recursive: true });
const demo = await startDemo();
const browser = await startBrowser();
try {
  const { page } = await visitor(browser);
  for (const part of [signInPages, applications, admin, operator, setUp, extremes]) await part(demo, page);
  await setUpLink(page);
} finally {
  await browser.close();
  await demo.stop();
}
if (documented) {
  await rm(SHOWN, { recursive: true, force: true });
  await mkdir(SHOWN, { recursive: true });
  for (const name of await shown()) await copyFile(`${folder}/${name}`, new URL(name, SHOWN));
}
