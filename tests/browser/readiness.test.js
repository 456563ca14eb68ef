/** Who has come through SSO, who has not, and a word to those, before SAML-only. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PEOPLE, signIn, visitor } from './demo.js';
import { browser, demo, runDemo } from './running.js';

runDemo();

const SSO = '/o/northwind-robotics/sso';

test('the card counts and names who has not come through SSO, and has a text to send where no mail is sent', async () => {
  const { page, context, complaints } = await visitor(browser);
  await signIn(page, demo, PEOPLE.enterpriseAdmin, SSO);
  await page.getByText('1 of 5 people have signed in through SSO').waitFor();
  await page.getByText('Not yet through SSO (4)').waitFor();
  await page.getByRole('button', { name: 'Copy Text for your people' }).waitFor();
  assert.equal(await page.getByRole('button', { name: /^Remind/ }).count(), 0);

  const member = await visitor(browser);
  await member.page.goto(`${demo.url}/sso?key=northwind_SSO`);
  await member.page.getByRole('button', { name: 'Nils Nansen' }).click();
  await member.page.waitForURL((url) => url.origin === demo.url && url.pathname !== '/sso');
  await page.reload();
  await page.getByText('2 of 5 people have signed in through SSO').waitFor();
  await page.getByRole('link', { name: 'See them among the people' }).click();
  await page.getByText('3 people', { exact: true }).waitFor();
  assert.deepEqual(complaints, []);
  for (const one of [context, member.context]) await one.close();
});
