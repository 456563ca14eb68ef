import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { violations } from './axe.js';
import { BINARY, PEOPLE, api, arrival, fromMore, heading, signIn, visitor } from './demo.js';
import { assertFocused, focused } from './keyboard.js';
import { browser, demo, runDemo } from './running.js';

runDemo();

/**
 * Signs in, and opens the members of a workspace.
 * @param {import('playwright-core').Page} page
 * @param {string} [email]
 * @param {string} [workspace]
 */
async function openMembers(page, email = PEOPLE.businessAdmin, workspace = 'Head office') {
  await signIn(page, demo, email, '/workspaces');
  const me = await api(page, '/me');
  const { id } = me.organisations[0].workspaces.find(({ name }) => name === workspace);
  await page.goto(`${demo.url}/w/${id}/members`);
  await heading(page);
}

/**
 * Invites a person. Returns the link, which the inviter passes on.
 * @param {import('playwright-core').Page} page
 * @param {string} email
 */
async function invite(page, email) {
  await page.getByLabel('E-mail').fill(email);
  await page.getByRole('button', { name: 'Invite', exact: true }).click();
  await page.getByText(`${email} is invited.`).waitFor();
  return page.locator('.once [data-value]').innerText();
}

test('a new person accepts an invitation with a name and a password, and is signed in', async () => {
  const { page, context, complaints } = await visitor(browser);
  await openMembers(page);
  const link = await invite(page, 'nina@birch.example');

  const invited = await visitor(browser);
  await invited.page.goto(link);
  assert.equal(await heading(invited.page), 'Join Birch Bakery');
  assert.equal(new URL(invited.page.url()).search, '', 'the token is not in the address');
  await invited.page.reload();
  await invited.page.getByLabel('Your name').fill('Nina New');
  await invited.page.getByLabel('Choose a password').fill('password1234');
  await invited.page.getByText('add another uncommon word').waitFor();
  await invited.page.getByRole('button', { name: 'Join Birch Bakery' }).click();
  await invited.page.getByText('This password is too easy to guess').waitFor();
  await invited.page.getByLabel('Choose a password').fill('copper walnut tides 9');
  await invited.page.getByRole('button', { name: 'Join Birch Bakery' }).click();
  await invited.page.waitForURL('**/w/*');
  assert.equal(await heading(invited.page), 'Head office');

  await invited.page.goto(link);
  assert.equal(await heading(invited.page), 'This invitation no longer works');
  await invited.page.getByText('You are signed in as nina@birch.example.').waitFor();
  assert.deepEqual(await violations(invited.page), []);
  await invited.page.getByRole('link', { name: 'Continue' }).click();
  await invited.page.waitForURL('**/w/*');
  const later = await visitor(browser);
  await later.page.goto(link);
  await later.page.getByText('If you have already joined with it, sign in.').waitFor();
  await later.page.getByRole('link', { name: 'Sign in', exact: true }).waitFor();
  await later.context.close();
  assert.deepEqual([...complaints, ...invited.complaints], []);
  await invited.context.close();
  await context.close();
});

test('an admin invites a person on the page of all people, to the workspaces that they choose', async () => {
  const { page, context, complaints } = await visitor(browser);
  await signIn(page, demo, PEOPLE.businessAdmin, '/o/birch-bakery/workspaces');
  await page.getByText('use “Invite people” beside a workspace or under People').waitFor();
  await page.getByRole('link', { name: 'People', exact: true }).click();
  await arrival(page, 'People');
  await page.getByRole('link', { name: 'Invite people' }).click();
  await page.waitForFunction(() => document.activeElement?.id === 'email');
  await page.keyboard.type('mia@birch.example');
  await page.getByRole('button', { name: 'Invite', exact: true }).click();
  await page.getByText('Choose at least one workspace.').waitFor();
  assert.equal(await page.evaluate(() => document.activeElement?.getAttribute('name')), 'workspaces');
  const names = (await api(page, '/organisations/birch-bakery/workspaces')).items.map(({ name }) => name);
  const two = names.slice(0, 2);
  const choice = page.getByRole('group', { name: 'Workspaces' });
  for (const name of two) await choice.getByLabel(name, { exact: true }).check();
  assert.deepEqual(await violations(page), []);
  await page.getByRole('button', { name: 'Invite', exact: true }).click();
  await page.getByText(`mia@birch.example is invited to ${two.join(' and ')}.`).waitFor();
  const links = await page.locator('.once [data-value]').allInnerTexts();
  assert.equal(new Set(links).size, 2, 'a link for each workspace');
  await page.getByRole('button', { name: `Copy mia@birch.example, for ${two[1]}` }).waitFor();

  await page.getByLabel('E-mail', { exact: true }).fill('mia@birch.example');
  for (const name of names) await choice.getByLabel(name, { exact: true }).check();
  await page.getByRole('button', { name: 'Invite', exact: true }).click();
  await page.getByText(`For ${names[0]}: This person has been invited already.`).waitFor();
  const invited = await visitor(browser);
  await invited.page.goto(links[1]);
  await invited.page.getByText(two[1]).first().waitFor();
  assert.deepEqual([...complaints, ...invited.complaints], []);
  await invited.context.close();
  await context.close();
});

test('a person with an account accepts with its password, and then switches organisations', async () => {
  const { page, context } = await visitor(browser);
  await openMembers(page);
  const link = await invite(page, PEOPLE.enterpriseMember);

  const invited = await visitor(browser);
  await invited.page.goto(link);
  await invited.page.getByRole('button', { name: 'I already have an account' }).click();
  await invited.page.getByText('Enter the password of your account').waitFor();
  await invited.page.getByLabel('Current password').fill('not this one');
  await invited.page.getByRole('button', { name: 'Join Birch Bakery' }).click();
  await invited.page.getByText('that is not its password').waitFor();
  await invited.page.getByLabel('Current password').fill(demo.people.find((one) => one.email === PEOPLE.enterpriseMember).password);
  await invited.page.getByRole('button', { name: 'Join Birch Bakery' }).click();
  await invited.page.waitForURL((url) => url.pathname !== '/invitation');
  await invited.page.goto(`${demo.url}/workspaces`);
  await invited.page.getByRole('heading', { name: 'Birch Bakery' }).waitFor();
  await invited.page.locator('.switcher > summary').click();
  await invited.page.getByRole('navigation').getByRole('link', { name: 'Northwind Robotics' }).click();
  await invited.page.getByRole('heading', { level: 1, name: 'Head office' }).waitFor();
  assert.match(await invited.page.locator('.switcher > summary').innerText(), /Northwind Robotics/);
  await invited.context.close();
  await context.close();
});

test('the form for new people asks for the current password if the address has an account', async () => {
  const { page, context } = await visitor(browser);
  await openMembers(page);
  const link = await invite(page, 'nadia@northwind.example');
  const invited = await visitor(browser);
  await invited.page.goto(link);
  await invited.page.getByLabel('Your name').fill('Nadia Novak');
  await invited.page.getByLabel('Choose a password').fill('copper walnut tides 9');
  await invited.page.getByRole('button', { name: 'Join Birch Bakery' }).click();
  await invited.page.getByRole('status').getByText('There is an account for nadia@northwind.example already. Enter its password, not a new one.').waitFor();
  assert.equal(await focused(invited.page), 'Current password');
  assert.deepEqual(await violations(invited.page), []);
  assert.deepEqual(invited.complaints, []);
  for (const one of [context, invited.context]) await one.close();
});

test('a person whose account has no password is shown how to get one, and then accepts the invitation', async () => {
  const { page, context, complaints } = await visitor(browser);
  await openMembers(page);
  const link = await invite(page, 'nell@northwind.example');

  const invited = await visitor(browser);
  await invited.page.goto(`${demo.url}/sso?key=northwind_SSO`);
  await invited.page.getByRole('button', { name: 'Continue as Nell Newman' }).click();
  await invited.page.waitForURL(`${demo.url}/**`);
  await invited.page.goto(link);
  await invited.page.getByText('You are signed in with single sign-on, which gives access only to the organisation that it belongs to.').waitFor();
  await invited.page.getByText('ask the person who invited you to get a password link for nell@northwind.example from an operator').waitFor();
  assert.equal(await invited.page.getByRole('link', { name: /Forgot your password/ }).count(), 0, 'without a mail server there is no link to ask for a password');
  assert.deepEqual(await violations(invited.page), []);

  const operator = await visitor(browser);
  await signIn(operator.page, demo, PEOPLE.operator, '/o/northwind-robotics/people');
  await fromMore(operator.page, 'nell@northwind.example', 'Password link for nell@northwind.example');
  await operator.page.getByRole('dialog').getByRole('button', { name: 'Create link' }).click();
  const set = await context.newPage();
  await set.goto(await operator.page.locator('.once [data-value]').innerText());
  await set.getByLabel('New password').fill('copper walnut tides 9');
  await set.getByRole('button', { name: 'Set password' }).click();
  await set.getByText('Your password is set.').waitFor();
  await invited.page.getByLabel('Current password').fill('copper walnut tides 9');
  await invited.page.getByRole('button', { name: 'Join Birch Bakery' }).click();
  await invited.page.waitForURL((url) => url.pathname !== '/invitation');
  const { organisations } = await api(invited.page, '/me');
  assert.ok(organisations.some(({ name, open }) => name === 'Birch Bakery' && open));
  assert.deepEqual([...complaints, ...invited.complaints, ...operator.complaints], []);
  for (const one of [invited, operator]) await one.context.close();
  await context.close();
});

/**
 * Pastes a text into the focused element.
 * @param {import('playwright-core').Page} page
 * @param {string} text
 */
async function paste(page, text) {
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.evaluate((copied) => navigator.clipboard.writeText(copied), text);
  await page.keyboard.press('ControlOrMeta+V');
}

/** The addresses whose links are shown. @param {import('playwright-core').Page} page */
const linked = (page) => page.locator('.copy .label').allInnerTexts();

test('three people are invited by one paste from a spreadsheet, also into the field for one person', async () => {
  const { page, context, complaints } = await visitor(browser);
  await openMembers(page);
  await page.getByLabel('E-mail').focus();
  await paste(page, 'Name\tRole\tE-mail\r\nPia Poe\tAdmin\tpia@birch.example\r\n"Paul\nPoe"\t\tpaul@birch.example\r\nPam\tPower User\tpam@birch.example\r\n');
  await page.getByRole('status').getByText('3 people can be invited. Nothing is sent yet.').waitFor();
  await assertFocused(page, 'People', 'the list has the focus');
  const row = page.getByRole('row').filter({ hasText: 'pia@birch.example' });
  assert.match(await row.innerText(), /Pia Poe[^]*Admin[^]*Ready/);
  await page.getByRole('button', { name: 'Invite 3 people' }).click();
  await page.getByRole('status').getByText('3 people are invited.').waitFor();
  assert.deepEqual(await linked(page), ['pia@birch.example', 'paul@birch.example', 'pam@birch.example']);
  await page.getByRole('button', { name: 'Copy all links' }).click();
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  assert.match(copied, /^pia@birch\.example\thttp.*token=.*\npaul@birch\.example\thttp.*\npam@birch\.example\thttp.*$/);
  assert.equal(await page.getByLabel('People').inputValue(), '');
  await page.getByRole('button', { name: 'Resend invitation to pam@birch.example' }).waitFor();
  assert.deepEqual(complaints, []);
  await context.close();
});

test('the check of a list names the fault of each line, and refused lines stay in the list', async () => {
  const { page, context, complaints } = await visitor(browser);
  await openMembers(page);
  await page.getByText('Invite several people at once').click();
  const box = page.getByLabel('People');
  await box.fill('rita@birch.example\nPaul Poe <rob@birch.example>, Admin\nnobody\nown@birch.example, Owner\nbella@birch.example; petra@birch.example power user\n');
  await page.getByRole('button', { name: 'Check the list' }).click();
  await page.getByRole('status').getByText('3 people can be invited. 3 lines cannot be invited').waitFor();
  await page.getByText('Names are shown for checking only and are not stored').waitFor();
  for (const [line, why] of [
    ['nobody', /There is no e-mail address in this line/],
    ['own@birch.example', /“Owner” is not a role here/],
    ['bella@birch.example', /member of the workspace already/],
  ]) assert.match(await page.locator('details').getByRole('row').filter({ hasText: line }).innerText(), why);
  assert.deepEqual(await violations(page), []);
  assert.deepEqual(await linked(page), []);

  // After a change, the list is checked again.
  await box.fill(`${await box.inputValue()}ruth@birch.example`);
  await page.getByRole('button', { name: 'Check the list' }).click();
  await page.getByRole('button', { name: 'Invite 4 people' }).click();
  await page.getByRole('status').getByText('4 people are invited. 3 lines were not invited and are still in the box').waitFor();
  assert.equal(await box.inputValue(), 'nobody\nown@birch.example, Owner\nbella@birch.example');
  const first = ['rita@birch.example', 'rob@birch.example', 'petra@birch.example', 'ruth@birch.example'];
  assert.deepEqual(await linked(page), first);

  await box.fill('rosa@birch.example');
  await page.getByRole('button', { name: 'Check the list' }).click();
  await page.getByRole('button', { name: 'Invite 1 person' }).click();
  await page.getByRole('status').getByText('1 person is invited.').waitFor();
  assert.deepEqual(await linked(page), [...first, 'rosa@birch.example'], 'the links of earlier invitations are kept');
  assert.deepEqual(complaints, []);
  await context.close();
});

test('lines that are kept in the list keep their names and roles, and the report has their new line numbers', async () => {
  const { page, context, complaints } = await visitor(browser);
  await openMembers(page);
  await page.getByText('Invite several people at once').click();
  const box = page.getByLabel('People');
  await box.fill('Name;Role;E-mail\nTess Tell;;tess@birch.example\n"Baker; ""Bell"" Bella";Admin;bella@birch.example\nTom;Chief;tom@birch.example\n');
  await page.getByRole('button', { name: 'Check the list' }).click();
  await page.getByRole('button', { name: 'Invite 1 person' }).click();
  await page.getByRole('status').getByText('1 person is invited. 2 lines were not invited').waitFor();
  assert.equal(await box.inputValue(), 'E-mail,Name,Role\nbella@birch.example,"Baker; ""Bell"" Bella",Admin\ntom@birch.example,Tom,Chief');
  const lines = page.locator('details').locator('td[data-label="Line"]');
  assert.deepEqual(await lines.allInnerTexts(), ['2', '3']);
  await page.getByRole('button', { name: 'Check the list' }).click();
  await page.getByRole('status').getByText('2 lines cannot be invited').waitFor();
  assert.deepEqual(await lines.allInnerTexts(), ['2', '3']);
  await page.locator('details').getByRole('row').filter({ hasText: 'bella@birch.example' }).getByText('Baker; "Bell" Bella').waitFor();

  // Two people on one line become two lines, with their names.
  await box.fill('Una Upton <una@birch.example>, Bella Baker <bella@birch.example>\nBob Brewer <bob@birch.example>');
  await page.getByRole('button', { name: 'Check the list' }).click();
  await page.getByRole('button', { name: 'Invite 1 person' }).click();
  await page.getByRole('status').getByText('1 person is invited. 2 lines were not invited').waitFor();
  assert.equal(await box.inputValue(), 'Bella Baker <bella@birch.example>\nBob Brewer <bob@birch.example>');
  assert.deepEqual(await lines.allInnerTexts(), ['1', '2']);
  assert.deepEqual(complaints, []);
  await context.close();
});

test('lines that repeat an invited address are removed from the list', async () => {
  const { page, context, complaints } = await visitor(browser);
  await openMembers(page);
  await page.getByText('Invite several people at once').click();
  const box = page.getByLabel('People');
  await box.fill('zita@birch.example\nnobody\nZITA@birch.example\nbella@birch.example\nbella@birch.example');
  await page.getByRole('button', { name: 'Check the list' }).click();
  await page.getByRole('status').getByText('1 person can be invited. 4 lines cannot be invited').waitFor();
  await page.getByRole('button', { name: 'Invite 1 person' }).click();
  await page.getByRole('status').getByText('1 person is invited. 3 lines were not invited').waitFor();
  assert.equal(await box.inputValue(), 'nobody\nbella@birch.example\nbella@birch.example');
  assert.equal(await page.locator('details').getByRole('row').filter({ hasText: /zita/i }).count(), 0);
  await box.fill('zoe@birch.example\nzoe@birch.example');
  await page.getByRole('button', { name: 'Check the list' }).click();
  await page.getByRole('button', { name: 'Invite 1 person' }).click();
  await page.getByRole('status').getByText('1 person is invited.').waitFor();
  assert.equal(await box.inputValue(), '');
  assert.deepEqual(complaints, []);
  await context.close();
});

test('a list that the server refuses is not changed', async () => {
  const { page, context } = await visitor(browser);
  await openMembers(page);
  await page.getByText('Invite several people at once').click();
  const box = page.getByLabel('People');
  await box.fill('roy@birch.example');
  await page.getByRole('button', { name: 'Check the list' }).click();
  await page.getByRole('button', { name: 'Invite 1 person' }).waitFor();
  await context.setOffline(true);
  await page.getByRole('button', { name: 'Invite 1 person' }).click();
  await page.getByText('The server cannot be reached. Check the connection and try again.').waitFor();
  assert.equal(await box.inputValue(), 'roy@birch.example');
  await context.setOffline(false);
  await page.getByRole('button', { name: 'Invite 1 person' }).click();
  await page.getByRole('status').getByText('1 person is invited.').waitFor();
  await box.fill(Array.from({ length: 501 }, (_, n) => `p${n}@birch.example`).join('\n'));
  await page.getByRole('button', { name: 'Check the list' }).click();
  await page.getByText('People may contain at most 500 people; it has 501. Split it.').waitFor();
  await context.close();
});

test('a file of people is read in the encodings of spreadsheets; for a workbook, the page says to save it as CSV', async () => {
  const { page, context, complaints } = await visitor(browser);
  await openMembers(page);
  await page.getByText('Invite several people at once').click();
  const choose = (name, buffer) => page.getByLabel('Or a file').setInputFiles({ name, mimeType: 'text/plain', buffer });
  await choose('people.xlsx', Buffer.from('PK\u0003\u0004', 'latin1'));
  await page.getByText('people.xlsx is a workbook. Save it as CSV').waitFor();
  await choose('people.txt', Buffer.from('\ufeffRolle\tE-Mail\tName\r\nAdmin\tfile@birch.example\tZo\u00eb\r\n', 'utf16le'));
  await page.getByRole('button', { name: 'Invite 1 person' }).waitFor();
  await page.getByRole('row').filter({ hasText: 'file@birch.example' }).getByText('Zoë').waitFor();
  await choose('people.csv', Buffer.from('Zo\u00eb;file@birch.example;Power User\r\n', 'latin1'));
  await page.getByRole('row').filter({ hasText: 'file@birch.example' }).getByText('Power User').waitFor();
  assert.deepEqual(complaints, []);
  await context.close();
});

test('a refused invitation removes the message of the previous one, and keeps its link', async () => {
  const { page, context } = await visitor(browser);
  await openMembers(page);
  await invite(page, 'ulla@birch.example');
  await page.getByLabel('E-mail').fill('ulla@birch.example');
  await page.getByRole('button', { name: 'Invite', exact: true }).click();
  await page.getByText('This person has been invited already.').waitFor();
  assert.equal(await page.getByText('ulla@birch.example is invited.').count(), 0);
  assert.deepEqual(await linked(page), ['ulla@birch.example'], 'the link is still shown');
  await context.close();
});

test('another signed-in person is warned that accepting an invitation ends their session', async () => {
  const { page, context, complaints } = await visitor(browser);
  await openMembers(page);
  await page.goto(await invite(page, 'vera@birch.example'));
  await page.getByText(`You are signed in as ${PEOPLE.businessAdmin}. Joining signs you out of that account.`).waitFor();
  await page.getByLabel('Your name').fill('Vera Voss');
  await page.getByLabel('Choose a password').fill('copper walnut tides 9');
  await page.getByRole('button', { name: 'Join Birch Bakery' }).click();
  await page.waitForURL('**/w/*');
  assert.equal((await api(page, '/me')).person.email, 'vera@birch.example');
  assert.deepEqual(complaints, []);
  await context.close();
});

test('an invitation is sent again, which ends the old link, and is removed', async () => {
  const { page, context } = await visitor(browser);
  await openMembers(page);
  const first = await invite(page, 'omar@birch.example');
  await page.getByRole('button', { name: 'Resend invitation to omar@birch.example' }).click();
  await page.getByText('omar@birch.example has a new link.').waitFor();
  const second = await page.locator('[data-value]').innerText();
  assert.notEqual(first, second);
  await page.getByRole('button', { name: 'Remove invitation of omar@birch.example' }).click();
  await page.getByText('The invitation of omar@birch.example is removed.').waitFor();
  for (const link of [first, second]) {
    await page.goto(link);
    assert.equal(await heading(page), 'This invitation no longer works');
  }
  await context.close();
});

test('a role changes after a confirmation; the last Admin’s role cannot be changed', async () => {
  const { page, context, complaints } = await visitor(browser);
  await openMembers(page);
  const role = page.getByLabel('Role of bea@birch.example');
  await role.selectOption('Admin');
  const asked = page.getByRole('dialog', { name: 'Make Bea Butler Admin of Head office?' });
  await asked.getByText('An Admin can do everything in the workspace.').waitFor();
  await asked.getByRole('button', { name: 'Cancel' }).click();
  await asked.waitFor({ state: 'detached' });
  assert.equal(await role.inputValue(), 'power_user');
  await role.selectOption('Admin');
  await asked.getByRole('button', { name: 'Make Admin' }).click();
  await page.getByText('Bea Butler is now Admin.').waitFor();
  assert.equal(await role.inputValue(), 'admin');
  await role.selectOption('Power User');
  await page.getByRole('dialog').getByText('A Power User can do everything except change settings and members.').waitFor();
  await page.getByRole('button', { name: 'Make Power User' }).click();
  await page.getByText('Bea Butler is now Power User.').waitFor();
  assert.equal(await role.inputValue(), 'power_user');
  const own = page.getByLabel(`Role of ${PEOPLE.businessAdmin}`);
  await own.selectOption('Power User');
  await page.getByText('This is the workspace\'s last Admin.').waitFor();
  assert.equal(await page.getByRole('dialog').count(), 0);
  assert.equal(await own.inputValue(), 'admin');
  assert.deepEqual(complaints, []);
  await context.close();
});

test('an arrow key on a role asks first; Escape keeps the role, and Enter changes it', async () => {
  const { page, context, complaints } = await visitor(browser);
  await openMembers(page);
  const role = page.getByLabel('Role of bea@birch.example');
  const asked = page.getByRole('dialog', { name: 'Make Bea Butler Admin of Head office?' });
  await role.focus();
  await page.keyboard.press('ArrowDown');
  await asked.waitFor();
  await page.keyboard.press('Escape');
  await asked.waitFor({ state: 'detached' });
  assert.equal(await role.inputValue(), 'power_user');
  await assertFocused(page, 'Role of bea@birch.example');
  await page.keyboard.press('ArrowDown');
  await asked.waitFor();
  await assertFocused(page, 'Make Admin');
  await page.keyboard.press('Enter');
  await page.getByText('Bea Butler is now Admin.').waitFor();
  assert.equal(await role.inputValue(), 'admin');
  await role.focus();
  await page.keyboard.press('ArrowUp');
  await page.getByRole('dialog', { name: 'Make Bea Butler Power User of Head office?' }).waitFor();
  await page.keyboard.press('Enter');
  await page.getByText('Bea Butler is now Power User.').waitFor();
  assert.deepEqual(complaints, []);
  await context.close();
});

/**
 * The sentence in the dialog about the access that a person loses.
 * @param {import('playwright-core').Page} page
 * @param {string} email
 */
async function accessSentence(page, email) {
  await page.getByRole('button', { name: `Revoke access of ${email}` }).click();
  const text = await page.getByRole('dialog').getByRole('paragraph').first().innerText();
  await page.getByRole('button', { name: 'Cancel' }).click();
  return text;
}

test('revoking names the workspace that is lost and the access that is kept', async () => {
  const { page, context, complaints } = await visitor(browser);
  await openMembers(page);
  assert.equal(await accessSentence(page, 'bella@birch.example'), 'Bella Baker loses access to Head office and stays in Laboratory.');
  assert.equal(await accessSentence(page, 'bea@birch.example'), 'Bea Butler loses access to Head office and to everything else in Birch Bakery.');
  await page.getByRole('button', { name: `Revoke access of ${PEOPLE.businessAdmin}` }).click();
  await page.getByText('This is the workspace\'s last Admin.').waitFor();

  const bella = await visitor(browser);
  await openMembers(bella.page, 'bella@birch.example', 'Laboratory');
  assert.equal(await accessSentence(bella.page, 'bella@birch.example'), 'You lose access to Laboratory and stay in Head office.');
  assert.equal(await accessSentence(bella.page, PEOPLE.businessAdmin), 'Bruno Birch loses access to Laboratory and stays an organisation admin. They keep their other workspaces.');
  await openMembers(page, PEOPLE.businessAdmin, 'Laboratory');
  assert.equal(await accessSentence(page, PEOPLE.businessAdmin), 'You lose access to Laboratory, stay in Head office and stay an organisation admin.');
  assert.deepEqual([...complaints, ...bella.complaints], []);
  await bella.context.close();
  await context.close();
});

test('revoking shows the effect first, and ends the member’s session at once', async () => {
  const member = await visitor(browser);
  await signIn(member.page, demo, PEOPLE.businessMember);
  const { page, context } = await visitor(browser);
  await openMembers(page);
  await page.getByRole('button', { name: `Revoke access of ${PEOPLE.businessMember}` }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText(`${PEOPLE.businessMember} loses access`).waitFor();
  assert.doesNotMatch(await dialog.innerText(), /Nobody/, '“Nobody keeps access” would read as if it were about everyone');
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  await page.getByLabel(`Role of ${PEOPLE.businessMember}`).waitFor();
  await page.getByRole('button', { name: `Revoke access of ${PEOPLE.businessMember}` }).click();
  await dialog.getByRole('button', { name: 'Revoke access' }).click();
  await page.getByText(`${PEOPLE.businessMember} is no longer a member of Head office.`).waitFor();

  await member.page.goto(`${demo.url}/workspaces`);
  await member.page.waitForURL('**/login?error=session_over&return=%2Fworkspaces');
  await member.context.close();
  await context.close();
});

test('the members page says that accounts are not created automatically', async () => {
  const { page, context } = await visitor(browser);
  await openMembers(page);
  await page.getByText('Does Vestibule create accounts automatically on first SSO sign-in?').click();
  await page.getByText('No. There is no just-in-time provisioning.').waitFor();
  await context.close();
});

test('an admin creates, renames and deletes a workspace, and adds another organisation admin', async () => {
  const { page, context, complaints } = await visitor(browser);
  await signIn(page, demo, PEOPLE.businessAdmin, '/o/birch-bakery/workspaces');
  await page.getByLabel('Name', { exact: true }).fill('Night shift');
  await page.getByRole('button', { name: 'Create workspace' }).click();
  await page.getByText('Night shift is created.').waitFor();
  // A link on the page leads directly to the form for invitations to the workspace.
  await page.getByRole('link', { name: 'Invite people to Night shift' }).click();
  await arrival(page, 'Members');
  await page.waitForFunction(() => document.activeElement?.id === 'email');
  await page.goBack();
  await arrival(page, 'Workspaces');
  await page.getByRole('button', { name: 'Rename Night shift' }).click();
  await page.getByLabel('New name').fill('Early shift');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('button', { name: 'Delete Early shift' }).click();
  const deletion = page.getByRole('dialog', { name: 'Delete Early shift?' });
  await deletion.getByText('keeps access to Birch Bakery: Head office').waitFor();
  await deletion.getByRole('button', { name: 'Delete workspace' }).click();
  await page.getByText('Early shift is deleted.').waitFor();

  await page.getByRole('link', { name: 'People', exact: true }).click();
  await page.getByLabel('More for bella@birch.example').focus();
  for (const key of ['Enter', 'ArrowDown', 'Enter']) await page.keyboard.press(key);
  const asked = page.getByRole('dialog', { name: 'Make Bella Baker organisation admin of Birch Bakery?' });
  await asked.getByText('Organisation admins create workspaces and manage people, single sign-on and security.').waitFor();
  await page.keyboard.press('Escape');
  await asked.waitFor({ state: 'detached' });
  await assertFocused(page, 'More for bella@birch.example');
  await fromMore(page, 'bella@birch.example', 'Make admin: bella@birch.example');
  await asked.getByRole('button', { name: 'Make admin' }).click();
  await page.getByText('bella@birch.example is now an organisation admin.').waitFor();
  await fromMore(page, 'bella@birch.example', 'Remove admin: bella@birch.example');
  await page.getByRole('dialog').getByRole('button', { name: 'Remove admin' }).click();
  await page.getByText('bella@birch.example is no longer an organisation admin.').waitFor();
  assert.deepEqual(complaints, []);
  await context.close();
});

test('a person changes name and password, and ends another of their sessions', async () => {
  const elsewhere = await visitor(browser);
  await signIn(elsewhere.page, demo, PEOPLE.enterpriseAdmin);
  const { page, context, complaints } = await visitor(browser);
  await signIn(page, demo, PEOPLE.enterpriseAdmin, '/account');
  await page.getByLabel('Name', { exact: true }).fill('Nora Nordström');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.getByText('Your settings are saved.').waitFor();
  await page.getByRole('button', { name: /^End the session that began/ }).first().click();
  await page.getByText('The session is ended.').waitFor();
  await elsewhere.page.goto(`${demo.url}/account`);
  await elsewhere.page.waitForURL('**/login?error=session_over&return=%2Faccount');

  await page.getByLabel('Current password').fill('wrong words here 1');
  await page.getByLabel('New password').fill('marble kettle comet 3');
  await page.getByRole('button', { name: 'Change password' }).click();
  await page.getByText('That is not your current password.').waitFor();
  const own = demo.people.find((one) => one.email === PEOPLE.enterpriseAdmin);
  await page.getByLabel('Current password').fill(own.password);
  await page.getByRole('button', { name: 'Change password' }).click();
  await page.getByText('Your password is changed.').waitFor();
  own.password = 'marble kettle comet 3';
  assert.deepEqual(complaints, []);
  await elsewhere.context.close();
  await context.close();
});

test('a person chooses light or dark for their browser, which also applies to the sign-in page', async () => {
  const { page, context, complaints } = await visitor(browser, { colorScheme: 'light' });
  await signIn(page, demo, PEOPLE.operator, '/account');
  const background = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const light = await background();
  await page.getByLabel('Colours').selectOption('Dark');
  const dark = await background();
  assert.notEqual(dark, light);
  await page.goto(`${demo.url}/login`);
  assert.equal(await background(), dark);
  await page.goto(`${demo.url}/account`);
  await heading(page);
  assert.equal(await page.getByLabel('Colours').inputValue(), 'dark');
  await page.getByLabel('Colours').selectOption('Match system');
  assert.equal(await background(), light);
  assert.deepEqual(complaints, []);
  await context.close();
});

test('a tab of the previous person reloads and changes nothing for the current person', async () => {
  const { page, context } = await visitor(browser);
  await signIn(page, demo, PEOPLE.businessAdmin, '/account');
  const other = await context.newPage();
  await signIn(other, demo, PEOPLE.operator, '/account');
  await page.bringToFront();
  await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')));
  await page.getByText(PEOPLE.operator).first().waitFor();
  assert.equal(await page.getByText(PEOPLE.businessAdmin).count(), 0);
  await context.close();
});

test('the members page shows organisation admins the name of the workspace in commands', async () => {
  const { page, context, complaints } = await visitor(browser, { permissions: ['clipboard-read', 'clipboard-write'] });
  await openMembers(page, PEOPLE.enterpriseAdmin);
  await page.getByRole('button', { name: 'Copy the name in commands' }).click();
  await page.getByRole('button', { name: 'Copy the name in commands' }).getByText('Copied').waitFor();
  const name = await page.evaluate(() => navigator.clipboard.readText());
  assert.equal(name, 'northwind-robotics/head-office');
  const { stdout } = await promisify(execFile)(BINARY, ['workspace', 'show', name, '--json', '--data', demo.data]);
  assert.equal(JSON.parse(stdout).name, 'Head office');
  assert.deepEqual(complaints, []);
  await context.close();
});

test('an invitation that is accepted through SSO as another person shows who signed in, and that the invitation is still pending', async () => {
  const { page, context, complaints } = await visitor(browser);
  await openMembers(page, PEOPLE.enterpriseAdmin);
  const link = await invite(page, 'zoe@northwind.example');
  const other = await visitor(browser);
  await other.page.goto(link);
  await other.page.getByRole('link', { name: 'Continue with SSO' }).click();
  await other.page.getByRole('button', { name: 'Nils Nansen' }).click();
  await other.page.getByText(`You signed in as ${PEOPLE.enterpriseMember}. The invitation is for zoe@northwind.example and is still open.`).waitFor();
  assert.equal(await heading(other.page), 'Join Northwind Robotics');
  assert.deepEqual(await violations(other.page), []);
  await other.page.getByRole('link', { name: `Continue as ${PEOPLE.enterpriseMember}` }).click();
  await other.page.waitForURL((url) => url.pathname !== '/invitation');

  // The invited person opens the start page.
  const { organisations: [{ id: organisation }] } = await api(page, '/me');
  const { id } = await api(page, `/organisations/${organisation}/workspaces`, { method: 'POST', body: { name: 'Night shift' } });
  const { accept_url: own } = await api(page, `/workspaces/${id}/invitations`, { method: 'POST', body: { email: PEOPLE.enterpriseMember, role: 'power_user' } });
  await other.page.goto(own);
  await other.page.goto(`${demo.url}/sso?key=northwind_SSO&return=${encodeURIComponent('/invitation?sso=1')}`);
  await other.page.getByRole('button', { name: 'Nils Nansen' }).click();
  await other.page.waitForURL((url) => url.origin === demo.url && !['/invitation', '/sso/finish'].includes(url.pathname));
  const { organisations } = await api(other.page, '/me');
  assert.ok(organisations.some(({ workspaces }) => workspaces.some(({ name }) => name === 'Night shift')));
  assert.deepEqual([...complaints, ...other.complaints], []);
  await other.context.close();
  await context.close();
});
