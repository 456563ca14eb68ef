/** Links sent by e-mail, and the mail queue of operators. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { FIRST, PEOPLE, arrival, freePort, fromMore, setUp, signIn, startBrowser, startDemo, startEmpty, visitor } from './demo.js';
import { startMailServer } from './mail_server.js';

let browser;

before(async () => { browser = await startBrowser(); });
after(() => browser.close());

/**
 * Requests a password link from the sign-in page. Returns the message that is shown.
 * @param {import('playwright-core').Page} page
 * @param {string} url
 * @param {string} email
 * @param {string} [path] the page that the person wanted
 */
async function requestLink(page, url, email, path = '') {
  await page.goto(path ? `${url}/login?${new URLSearchParams({ return: path })}` : `${url}/login`);
  await page.getByLabel('E-mail', { exact: true }).fill('typed@birch.example');
  await page.getByRole('link', { name: 'Forgot your password?' }).click();
  await arrival(page, 'Forgot your password?');
  assert.equal(await page.getByLabel('E-mail', { exact: true }).inputValue(), 'typed@birch.example');
  assert.ok(!page.url().includes('typed'), page.url());
  await page.getByLabel('E-mail').fill(email);
  await page.getByRole('button', { name: 'Send the link' }).click();
  return page.getByRole('status').filter({ hasText: '.' }).innerText();
}

test('with a mail server, invitations and password links are sent by e-mail', async () => {
  const mailServer = await startMailServer();
  const appliance = await startEmpty(['--smtp-url', mailServer.url]);
  const { page, context, complaints } = await visitor(browser);
  try {
    // The first form shows all errors at once, both those that the browser finds and those that the server finds.
    await page.goto(appliance.setUpLink);
    await page.getByRole('button', { name: 'Set up' }).click();
    const errors = page.locator('.error');
    await errors.first().waitFor();
    assert.deepEqual(await errors.allInnerTexts(), [...Array(4).fill('Fill in this field.'), 'Choose one.']);
    assert.equal(await page.evaluate(() => document.activeElement?.id), 'name');
    await page.getByLabel('Your name').fill('Ada\u2028Adams');
    await page.getByLabel('E-mail').fill('ada@acme..example');
    await page.getByLabel('Password', { exact: true }).fill('short');
    await page.getByLabel('Organisation', { exact: true }).fill('x'.repeat(101));
    await page.getByRole('radio', { name: /^Starter/ }).check();
    await page.getByLabel('E-mail').evaluate((input) => { input.type = 'text'; });
    await page.getByRole('button', { name: 'Set up' }).click();
    await page.waitForFunction(() => document.querySelectorAll('.error').length === 4 && !document.body.innerText.includes('Fill in'));
    for (const name of ['name', 'email', 'password', 'organisation']) assert.equal(await page.locator(`#${name}`).getAttribute('aria-invalid'), 'true', name);
    await setUp(page, appliance);
    await page.getByRole('link', { name: 'Organisations' }).click();
    await page.getByLabel('Name', { exact: true }).fill('Harbour Lights');
    await page.getByRole('radio', { name: 'Starter' }).check();
    await page.getByLabel('E-mail of its first admin').fill('hana@harbour.example');
    await page.getByRole('button', { name: 'Create organisation' }).click();
    await page.getByText('We have mailed the invitation to hana@harbour.example.').waitFor();
    assert.equal(await page.locator('[data-value]').count(), 0);

    const hana = await visitor(browser);
    await hana.page.goto(await mailServer.link('hana@harbour.example'));
    await hana.page.getByLabel('Your name').fill('Hana Hart');
    await hana.page.getByLabel('Choose a password').fill('copper walnut tides 9');
    await hana.page.getByRole('button', { name: 'Join Harbour Lights' }).click();
    await hana.page.waitForURL('**/w/*');

    const told = await requestLink(hana.page, appliance.url, 'hana@harbour.example', '/account?from=letter');
    assert.equal(told, 'If an account has this address, a link is on its way. It works for 24 hours. If your organisation requires single sign-on, the e-mail says where to sign in.');
    assert.equal(await requestLink(hana.page, appliance.url, 'nobody@harbour.example'), told);
    await hana.page.goto(await mailServer.link('hana@harbour.example'));
    await hana.page.getByLabel('New password').fill('marble kettle comet 3');
    await hana.page.getByRole('button', { name: 'Set password' }).click();
    await hana.page.getByText('Your password is set.').waitFor();
    await hana.page.getByRole('link', { name: 'Sign in', exact: true }).click();
    await hana.page.getByLabel('E-mail').fill('hana@harbour.example');
    await hana.page.getByLabel('Password').fill('marble kettle comet 3');
    await hana.page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await hana.page.waitForURL(`${appliance.url}/account?from=letter`);

    await page.goto(`${appliance.url}/o/harbour-lights/people`);
    await fromMore(page, 'hana@harbour.example', 'Password link for hana@harbour.example');
    await page.getByRole('dialog').getByRole('button', { name: 'Create link' }).click();
    await page.getByText('We have mailed a password link to hana@harbour.example.').waitFor();
    assert.equal(await page.locator('[data-value]').count(), 0);
    await mailServer.link('hana@harbour.example');
    await page.getByRole('link', { name: 'Mail', exact: true }).click();
    await page.getByText('No e-mail is waiting.').waitFor();
    await page.getByRole('button', { name: 'Send a test e-mail' }).click();
    await page.getByText('The mail server accepted the e-mail.').waitFor();
    await mailServer.email(FIRST.email, 'Test of the mail from Vestibule');
    assert.deepEqual([...complaints, ...hana.complaints], []);
    await hana.context.close();
  } finally {
    await context.close();
    await appliance.stop();
    await mailServer.stop();
  }
});

test('e-mail that the mail server does not accept waits, and can be retried or discarded', async () => {
  const appliance = await startEmpty(['--smtp-url', `smtp://127.0.0.1:${await freePort()}`]);
  const { page, context, complaints } = await visitor(browser);
  try {
    await setUp(page, appliance);
    const elsewhere = await visitor(browser);
    await requestLink(elsewhere.page, appliance.url, FIRST.email);
    await elsewhere.context.close();
    await page.getByRole('link', { name: 'Mail', exact: true }).click();
    const row = page.getByRole('row').filter({ hasText: FIRST.email });
    await row.getByText('Forgotten password').waitFor();
    while (!(await row.innerText()).includes('tried 1 time')) await page.getByRole('button', { name: 'Refresh' }).click();
    await page.getByRole('button', { name: `Retry mail to ${FIRST.email} now` }).click();
    await page.getByText(`Retrying the e-mail to ${FIRST.email} now.`).waitFor();
    while (!(await row.innerText()).includes('tried 2 times')) await page.getByRole('button', { name: 'Refresh' }).click();
    await page.getByRole('button', { name: `Discard mail to ${FIRST.email}` }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Discard mail' }).click();
    await page.getByText('No e-mail is waiting.').waitFor();
    await page.getByRole('button', { name: 'Send a test e-mail' }).click();
    await page.getByText('The e-mail was not sent.').waitFor();
    await page.getByText('nothing listens at 127.0.0.1').waitFor();
    await page.getByText('What to do. Check host and port in --smtp-url').waitFor();
    assert.deepEqual(complaints, []);
  } finally {
    await context.close();
    await appliance.stop();
  }
});

test('without a mail server the pages say so, and whom to ask', async () => {
  const demo = await startDemo();
  const { page, context, complaints } = await visitor(browser);
  try {
    await page.goto(`${demo.url}/forgot`);
    await page.getByText('This installation sends no e-mail. Ask an operator').waitFor();
    assert.equal(await page.getByLabel('E-mail').count(), 0, 'no field for an address that could not be used');
    await signIn(page, demo, PEOPLE.operator, '/operator/mail');
    await page.getByText('No mail server is set').waitFor();
    await page.getByText('--smtp-url').waitFor();
    await page.getByText('No e-mail is waiting.').waitFor();
    await signIn(page, demo, PEOPLE.businessAdmin, '/operator/mail');
    await page.getByRole('alert').waitFor();
    assert.deepEqual(complaints, []);
  } finally {
    await context.close();
    await demo.stop();
  }
});
