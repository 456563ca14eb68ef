/** The card before SAML-only, which shows who has and who has not used SSO, and sends reminders. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connected, signIn as comeThrough } from '../idps/providers.js';
import { PEOPLE, signIn, visitor } from './demo.js';
import { startMailServer } from './mail_server.js';
import { browser, demo, runDemo } from './running.js';

runDemo();

const SSO = '/o/northwind-robotics/sso';

test('the card counts and names the people who have not used SSO, and has a text to send if there is no mail server', async () => {
  const { page, context, complaints } = await visitor(browser);
  await signIn(page, demo, PEOPLE.enterpriseAdmin, SSO);
  await page.getByText('1 of 5 people have signed in through SSO').waitFor();
  await page.getByText('Have not used SSO yet (4)').waitFor();
  await page.getByRole('button', { name: 'Copy Text for your people' }).waitFor();
  await page.getByText('Northwind Robotics is moving to single sign-on.').waitFor();
  assert.equal(await page.getByRole('button', { name: /^Remind/ }).count(), 0);

  const member = await visitor(browser);
  await member.page.goto(`${demo.url}/sso?key=northwind_SSO`);
  await member.page.getByRole('button', { name: 'Nils Nansen' }).click();
  await member.page.waitForURL((url) => url.origin === demo.url && url.pathname !== '/sso');
  await page.reload();
  await page.getByText('2 of 5 people have signed in through SSO').waitFor();
  await page.getByRole('link', { name: 'See them under People' }).click();
  await page.getByText('3 people', { exact: true }).waitFor();
  assert.deepEqual(complaints, []);
  for (const one of [context, member.context]) await one.close();
});

test('with a mail server, one button reminds the people who have not used SSO, at most once a day', async (t) => {
  const mailServer = await startMailServer();
  t.after(mailServer.stop);
  const { appliance, alice, portal, workspace, stop } = await connected('samlify', 'assertion', { flags: ['--smtp-url', mailServer.url] });
  t.after(stop);
  await comeThrough(alice, `${portal}&test=1`, 'alice');
  await alice.api('POST', `/workspaces/${workspace}/invitations`, { email: 'bob@acme.test', role: 'power_user' });
  const token = new URL(await mailServer.link('bob@acme.test')).searchParams.get('token');
  await alice.api('POST', '/invitations/accept', { token, name: 'Bob', password: 'copper walnut tides 9' });

  const { page, context, complaints } = await visitor(browser);
  await signIn(page, appliance, 'alice@acme.test', '/o/acme/sso');
  await page.getByText('1 of 2 people have signed in through SSO').waitFor();
  await page.getByRole('button', { name: 'Remind bob@acme.test' }).click();
  await page.getByText('bob@acme.test is reminded by mail.').waitFor();
  assert.ok((await mailServer.email('bob@acme.test')).includes(portal), 'the e-mail has the portal URL');
  await page.getByRole('button', { name: 'Remind them' }).click();
  await page.getByText('1 person was reminded within the last day already.').waitFor();
  assert.deepEqual(complaints, []);
  await context.close();
});
