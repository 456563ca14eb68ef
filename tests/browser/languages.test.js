/** The language of a person and of an organisation. */

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { violations } from './axe.js';
import { PEOPLE, arrival, signIn, visitor } from './demo.js';
import { browser, demo, runDemo } from './running.js';

runDemo();

const LOCALES = new URL('../../locales/', import.meta.url);
const TAGS = readdirSync(LOCALES).map((name) => name.replace('.ftl', ''));

/** A text of the catalogue that has no values. @param {string} tag @param {string} key */
function text(tag, key) {
  const line = readFileSync(new URL(`${tag}.ftl`, LOCALES), 'utf8').split('\n').find((one) => one.startsWith(`${key} =`));
  assert.ok(line, `${key} in ${tag}`);
  return line.slice(key.length + 2).trim();
}

const language = (/** @type {import('playwright-core').Page} */ page) => page.evaluate(() => document.documentElement.lang);

test('a person chooses one of the offered languages, and pages are in that language', async () => {
  const { page, context, complaints } = await visitor(browser);
  await signIn(page, demo, PEOPLE.businessMember, '/account');
  await arrival(page, 'Your account');
  const choice = (/** @type {string} */ tag) => page.getByLabel(text(tag, 'language'), { exact: true });
  if (TAGS.length < 2) assert.equal(await choice('en').count(), 0);
  let now = 'en';
  for (const tag of TAGS.length < 2 ? [] : [...TAGS.filter((one) => one !== 'en'), 'en']) {
    await choice(now).selectOption(tag);
    await page.locator('form').filter({ has: page.locator('select[name=language]') }).getByRole('button').click();
    await page.waitForFunction((wanted) => document.documentElement.lang === wanted, tag);
    await choice(tag).waitFor();
    await page.locator('.toast').getByText(text(tag, 'account-saved')).waitFor();
    assert.equal(await choice(tag).inputValue(), tag);
    assert.equal(await choice(tag).locator('option').first().innerText(), text(tag, 'account-language-of-browser'));
    assert.deepEqual(await violations(page), []);
    now = tag;
  }
  await page.reload();
  await arrival(page, 'Your account');
  assert.equal(await page.locator('.toast').innerText(), '', 'the message is shown once');
  assert.deepEqual(complaints, []);
  await context.close();
});

test('an admin chooses the language of the organisation', async () => {
  const { page, context, complaints } = await visitor(browser);
  await signIn(page, demo, PEOPLE.businessAdmin, '/o/birch-bakery/settings');
  await arrival(page, 'Organisation settings');
  const choice = page.getByLabel('Language of the organisation');
  if (TAGS.length < 2) assert.equal(await choice.count(), 0);
  for (const tag of TAGS.length < 2 ? [] : [...TAGS.filter((one) => one !== 'en'), 'en']) {
    await choice.selectOption(tag);
    await page.getByRole('button', { name: 'Save language' }).click();
    await page.getByText('The language is saved.').waitFor();
    await page.reload();
    await choice.waitFor();
    assert.equal(await choice.inputValue(), tag);
  }
  assert.deepEqual(complaints, []);
  await context.close();
});

test('pages are in the language that the browser requests', async () => {
  for (const tag of TAGS) {
    const { page, context, complaints } = await visitor(browser, { locale: tag });
    await page.goto(`${demo.url}/forgot`);
    await page.getByRole('heading', { level: 1 }).waitFor();
    assert.equal(await language(page), tag);
    assert.deepEqual(complaints, []);
    await context.close();
  }
});
