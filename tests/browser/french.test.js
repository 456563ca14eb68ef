/** The main tasks in French, either by the language of the browser or by the person's choice. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { violations } from './axe.js';
import { textsOnlyIn, texts } from './catalogue.js';
import { PEOPLE, api, heading, signIn as signInTo, visitor } from './demo.js';
import { browser, demo, runDemo } from './running.js';

runDemo();

const t = texts('fr');
const ENGLISH = textsOnlyIn('en', 'fr');

/** A window of a browser that requests French. @param {import('playwright-core').BrowserContextOptions} [options] */
const francophone = (options) => visitor(browser, { locale: 'fr-FR', ...options });

/** Signs in with a password on the French page. @param {import('playwright-core').Page} page @param {string} [path] */
const signIn = (page, email, path = '/') => signInTo(page, demo, email, path, t);

/** Opens a page, and asserts that it is in French after it is loaded. @param {import('playwright-core').Page} page @param {string} path */
async function openInFrench(page, path) {
  await page.goto(`${demo.url}${path}`);
  await heading(page);
  await page.waitForLoadState('networkidle');
  await assertFrench(page);
}

/** Asserts that the page declares French and contains no English text. @param {import('playwright-core').Page} page */
async function assertFrench(page) {
  assert.equal(await page.locator('html').getAttribute('lang'), 'fr', page.url());
  const texts = await page.evaluate(() => {
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const words = [document.title];
    while (walker.nextNode()) {
      if (!walker.currentNode.parentElement?.closest('script, style, [lang="en"]')) words.push(walker.currentNode.textContent ?? '');
    }
    for (const name of ['aria-label', 'placeholder', 'title', 'alt']) {
      for (const element of document.querySelectorAll(`[${name}]`)) words.push(element.getAttribute(name) ?? '');
    }
    return words.map((text) => text.trim()).filter(Boolean);
  });
  assert.ok(texts.length > 5, `${page.url()} is empty`);
  assert.deepEqual(texts.filter((text) => ENGLISH.has(text)), [], `English on ${page.url()}`);
}

test('a member sees a message for a wrong password, signs in with the right one, and signs out', async () => {
  const { page, context, complaints } = await francophone();
  await page.goto(`${demo.url}/login`);
  await assertFrench(page);
  await page.getByLabel(t('login-email')).fill(PEOPLE.businessMember);
  await page.getByLabel(t('login-password')).fill('not the right words 7');
  await page.getByRole('button', { name: t('login-submit'), exact: true }).click();
  await page.getByRole('alert').waitFor();
  await assertFrench(page);
  await signIn(page, PEOPLE.businessMember);
  await assertFrench(page);
  await page.getByRole('button', { name: t('sign-out') }).click();
  await page.waitForURL(/\/login/);
  await assertFrench(page);
  assert.deepEqual(complaints, []);
  await context.close();
});

test('a sign-in through SAML works, and a refused one shows the reason', async () => {
  const { page, context, complaints } = await francophone();
  await page.goto(`${demo.url}/login`);
  await page.getByLabel(t('login-key')).fill('northwind_SSO');
  await page.getByRole('button', { name: t('login-sso') }).click();
  await page.getByRole('heading', { level: 1, name: t('practice-who') }).waitFor();
  await page.getByText(t('practice-faults-open')).click();
  await assertFrench(page);
  await page.locator('button', { hasText: 'Sam Stranger' }).click();
  await page.waitForURL(/login\?error/);
  await page.getByRole('alert').waitFor();
  await assertFrench(page);
  await page.goto(`${demo.url}/sso?key=northwind_SSO&return=/account`);
  await page.locator('button', { hasText: 'Nils Nansen' }).click();
  await page.waitForURL(`${demo.url}/account`);
  await page.getByText(t('account-by-saml')).waitFor();
  await assertFrench(page);
  assert.deepEqual(complaints, []);
  await context.close();
});

test('every page of an organisation admin and of an operator is in French, and axe finds no faults', async () => {
  const { page, context, complaints } = await francophone();
  await signIn(page, PEOPLE.enterpriseAdmin, '/workspaces');
  const [{ id }] = (await api(page, '/me')).organisations[0].workspaces;
  const org = '/o/northwind-robotics';
  const paths = [
    '/workspaces', `/w/${id}`, `/w/${id}/members`, `/w/${id}/applications`, `${org}/workspaces`, `${org}/people`, `${org}/roles`, `${org}/settings`, `${org}/sso`, `${org}/sso/attempts`,
    `${org}/keys`, `${org}/audit`, `${org}/branding`, '/account', '/developers', '/nowhere',
  ];
  for (const path of paths) await openInFrench(page, path);
  assert.deepEqual(await violations(page), []);
  const { items } = await api(page, `/organisations/northwind-robotics/sso/attempts`);
  for (const { id: attempt } of items.slice(0, 3)) await openInFrench(page, `${org}/sso/attempts/${attempt}`);
  await context.clearCookies();
  await signIn(page, PEOPLE.operator, '/operator/organisations');
  for (const path of ['organisations', 'plans', 'operators', 'mail', 'audit', 'doctor', 'branding']) await openInFrench(page, `/operator/${path}`);
  assert.deepEqual(complaints, []);
  await context.close();
});

test('links to the help say that it is in English', async () => {
  const { page, context } = await francophone();
  await page.goto(`${demo.url}/login`);
  await page.getByRole('link', { name: 'Aide à la connexion (en anglais)' }).waitFor();
  await signIn(page, PEOPLE.businessAdmin, '/account');
  await page.getByRole('link', { name: 'Aide (en anglais)', exact: true }).waitFor();
  await page.getByRole('link', { name: 'Aide : votre compte (en anglais, s’ouvre dans un nouvel onglet)' }).waitFor();
  await context.close();
});

test('the page of the API says that its operations are described in English', async () => {
  const { page, context } = await francophone();
  await signIn(page, PEOPLE.businessAdmin, '/developers');
  await page.getByText(t('developers-in-english')).waitFor();
  await context.close();
});

test('an admin invites a person, who accepts the invitation', async () => {
  const { page, context, complaints } = await francophone();
  await signIn(page, PEOPLE.businessAdmin, '/workspaces');
  const [{ id }] = (await api(page, '/me')).organisations[0].workspaces;
  await page.goto(`${demo.url}/w/${id}/members`);
  await page.getByLabel(t('email'), { exact: true }).fill('lea@birch.example');
  await page.getByRole('button', { name: t('invite'), exact: true }).click();
  await page.getByText(t('invitation-sent', { email: 'lea@birch.example' })).waitFor();
  await assertFrench(page);
  const link = await page.locator('.once [data-value]').innerText();
  await page.getByLabel(t('email'), { exact: true }).fill('luc@birch.example');
  await page.getByRole('button', { name: t('invite'), exact: true }).click();
  const all = page.getByRole('button', { name: t('copy-all-named', { name: t('links-copy-all') }), exact: true });
  await all.waitFor();
  assert.ok((await all.getAttribute('aria-label'))?.startsWith((await all.innerText()).trim()), 'the accessible name begins with the visible text');
  const other = await francophone();
  await other.page.goto(link);
  await heading(other.page);
  await assertFrench(other.page);
  await other.page.getByLabel(t('your-name')).fill('Léa Leroux');
  await other.page.getByLabel(t('accept-choose-password'), { exact: true }).fill('motdepasse');
  await other.page.getByRole('button', { name: t('accept-join', { organisation: 'Birch Bakery' }) }).click();
  await other.page.getByText('Ce mot de passe doit comporter au moins 12 caractères').waitFor();
  await other.page.getByLabel(t('accept-choose-password'), { exact: true }).fill('lanterne verger canal 42');
  await other.page.getByRole('button', { name: t('accept-join', { organisation: 'Birch Bakery' }) }).click();
  await other.page.waitForURL(/\/w\//);
  await heading(other.page);
  await assertFrench(other.page);
  assert.deepEqual([...complaints, ...other.complaints], []);
  await context.close();
  await other.context.close();
});

test('an operator switches a plan after the dry run, and an admin sets up single sign-on', async () => {
  const operator = await francophone();
  await signIn(operator.page, PEOPLE.operator, '/o/birch-bakery/settings');
  await operator.page.getByRole('radio', { name: 'Enterprise' }).check();
  const button = operator.page.getByRole('button', { name: t('organisation-switch-to', { plan: 'Enterprise' }) });
  await button.waitFor();
  await assertFrench(operator.page);
  await button.click();
  await operator.page.getByText(t('organisation-switched', { name: 'Birch Bakery', plan: 'Enterprise' })).waitFor();
  await assertFrench(operator.page);
  await operator.context.close();

  const { page, context, complaints } = await francophone();
  await signIn(page, PEOPLE.businessAdmin, '/o/birch-bakery/sso');
  await assertFrench(page);
  await page.getByRole('link', { name: /^Keycloak/ }).click();
  await page.waitForURL(/step=copy/);
  await assertFrench(page);
  await page.getByRole('link', { name: t('continue') }).click();
  await page.waitForURL(/step=paste/);
  await page.getByLabel(t('metadata-url')).fill(`${demo.idp_url}/metadata`);
  await page.getByRole('button', { name: t('metadata-load') }).click();
  await page.getByRole('button', { name: t('step-save') }).click();
  await page.waitForURL(/step=test/);
  await assertFrench(page);
  await page.getByRole('link', { name: t('test-sign-in') }).or(page.getByRole('button', { name: t('test-sign-in') })).first().click();
  await page.locator('button', { hasText: 'Bruno' }).click();
  await page.waitForURL(/step=activate/);
  await page.getByText(t('activated')).first().waitFor();
  await assertFrench(page);
  assert.deepEqual(complaints, []);
  await context.close();
});

test('a fault that the server finds names its field in a sentence, without a colon', async () => {
  const { page, context, complaints } = await francophone();
  await signIn(page, PEOPLE.businessAdmin, '/o/birch-bakery/workspaces');
  const name = page.getByLabel(t('name'), { exact: true });
  const error = page.locator('#name-error');
  await name.fill('x'.repeat(101));
  await page.getByRole('button', { name: t('workspaces-create') }).click();
  await error.waitFor();
  assert.equal(await error.innerText(), '«\u00a0Nom\u00a0» ne doit pas dépasser 100 caractères.');
  await assertFrench(page);
  assert.deepEqual(complaints, []);
  await context.close();
});

test('a person’s own choice of language overrides the browser’s', async () => {
  const { page, context, complaints } = await visitor(browser);
  const en = texts('en');
  await signInTo(page, demo, PEOPLE.businessMember, '/account');
  await page.getByLabel(en('language'), { exact: true }).selectOption('fr');
  await page.getByRole('button', { name: en('save'), exact: true }).first().click();
  await page.locator('html[lang=fr]').waitFor();
  await page.goto(`${demo.url}/workspaces`);
  await heading(page);
  await assertFrench(page);
  assert.deepEqual(complaints, []);
  await context.close();
});
