import assert from 'node:assert/strict';
import { test } from 'node:test';
import { violations } from './axe.js';
import { PEOPLE, arrival, fromMore, heading, setUp, signIn, startEmpty, visitor } from './demo.js';
import { browser, demo, runDemo } from './running.js';

runDemo();

test('the set-up link creates the first operator, who is then signed in', async () => {
  const empty = await startEmpty();
  const { page, context, complaints } = await visitor(browser);
  try {
    await page.goto(empty.setUpLink);
    assert.equal(await heading(page), 'Set up Vestibule');
    assert.equal(new URL(page.url()).search, '', 'the token is not in the address');
    await page.reload();
    await heading(page);
    assert.deepEqual(await violations(page), []);
    await page.getByText('No limits. Members sign in with a password, or through your own identity provider (single sign-on).').waitFor();
    assert.equal(await page.getByRole('radio', { checked: true }).count(), 0, 'no plan is preselected');
    assert.equal(await page.getByRole('radio', { name: /Members sign in/ }).count(), 3, 'each plan says how members sign in');
    await setUp(page, empty);
    await page.getByRole('link', { name: 'Organisations' }).click();
    await page.getByRole('main').getByRole('link', { name: 'Acme', exact: true }).waitFor();
    for (const address of [empty.setUpLink, `${empty.url}/setup`]) {
      await page.goto(address);
      await page.getByText('Vestibule is set up already. Sign in.').waitFor();
    }
    assert.equal(await page.getByLabel('Your name').count(), 0, 'the form is not shown again');
    await page.getByRole('link', { name: 'Sign in' }).click();
    await page.getByText('You are signed in as').waitFor();
    await page.getByRole('link', { name: 'Continue' }).click();
    await page.waitForURL((url) => url.pathname !== '/login');
    assert.deepEqual(complaints, []);
  } finally {
    await context.close();
    await empty.stop();
  }
});

test('an operator creates an organisation, whose admin joins with the link', async () => {
  const { page, context } = await visitor(browser);
  await signIn(page, demo, PEOPLE.operator, '/operator/organisations');
  await page.getByLabel('Name', { exact: true }).fill('Harbour Lights');
  const plans = page.getByRole('group', { name: 'Plan', exact: true });
  assert.equal(await plans.getByRole('radio', { checked: true }).count(), 0, 'no plan is preselected');
  assert.equal(await plans.getByRole('radio', { name: /Members sign in/ }).count(), 3, 'each plan says how members sign in');
  await plans.getByRole('radio', { name: /^Enterprise/ }).check();
  await page.getByLabel('E-mail of its first admin').fill('hana@harbour.example');
  await page.getByRole('button', { name: 'Create organisation' }).click();
  await page.getByText('Harbour Lights is created').waitFor();
  const link = await page.locator('[data-value]').innerText();

  const admin = await visitor(browser);
  await admin.page.goto(link);
  await admin.page.getByLabel('Your name').fill('Hana Hart');
  await admin.page.getByLabel('Choose a password').fill('copper walnut tides 9');
  await admin.page.getByRole('button', { name: 'Join Harbour Lights' }).click();
  await admin.page.waitForURL('**/w/*');
  await admin.page.getByRole('navigation').getByRole('link', { name: 'Single sign-on' }).click();
  await admin.page.getByText('No one signs in through SSO yet.').waitFor();
  await admin.context.close();
  await context.close();
});

test('an operator searches organisations', async () => {
  const { page, context } = await visitor(browser);
  await signIn(page, demo, PEOPLE.operator);
  assert.equal(await heading(page), 'Organisations');
  await page.getByLabel('Search organisations by name').fill('bakery');
  await page.getByRole('button', { name: 'Search' }).click();
  await page.getByRole('link', { name: 'Northwind Robotics', exact: true }).waitFor({ state: 'detached' });
  await page.getByRole('link', { name: 'Birch Bakery', exact: true }).waitFor();
  await page.getByLabel('Search organisations by name').fill('nobody at all');
  await page.getByRole('button', { name: 'Search' }).click();
  await page.getByText('No organisation matches “nobody at all”.').waitFor();
  await context.close();
});

test('a plan is switched only after the effect has named the people who lose access', async () => {
  const { page, context, complaints } = await visitor(browser);
  await signIn(page, demo, PEOPLE.operator, '/o/northwind-robotics/settings');
  await page.getByRole('radio', { name: 'Business' }).check();
  await page.getByText('1 person loses access').waitFor();
  await page.getByLabel('Lose access').getByText('nell@northwind.example').waitFor();
  await page.getByRole('radio', { name: 'Enterprise' }).check();
  await page.getByRole('button', { name: /^Switch to/ }).waitFor({ state: 'detached' });
  await page.getByRole('radio', { name: 'Business' }).check();
  await page.getByRole('button', { name: 'Switch to Business' }).click();
  await page.getByText('Northwind Robotics is now on Business.').waitFor();
  await page.getByRole('link', { name: 'Single sign-on' }).click();
  await page.getByText('This connection is kept but inactive.').waitFor();
  assert.deepEqual(complaints, []);
  await context.close();
});

test('an operator creates a password link for a member who has no password', async () => {
  const { page, context } = await visitor(browser);
  await signIn(page, demo, PEOPLE.operator, '/o/northwind-robotics/people');
  await fromMore(page, 'nell@northwind.example', 'Password link for nell@northwind.example');
  const asked = page.getByRole('dialog', { name: 'Create a password link for nell@northwind.example?' });
  await asked.getByText('nell@northwind.example has no password yet. The link sets their first one.').waitFor();
  await asked.getByText('ends all their sessions').waitFor();
  assert.equal(await page.locator('[data-value]').count(), 0, 'there is no link yet');
  await asked.getByRole('button', { name: 'Create link' }).click();
  const link = await page.locator('[data-value]').innerText();
  const member = await visitor(browser);
  await member.page.goto(link);
  await member.page.getByText('You have no password yet. This link sets your first one.').waitFor();
  await member.page.getByText('Choose a new password for nell@northwind.example').waitFor();
  assert.equal(new URL(member.page.url()).search, '', 'the token is not in the address');
  await member.page.getByLabel('New password').fill('northwind robotics 1');
  await member.page.getByText('add another uncommon word').waitFor();
  const late = await visitor(browser);
  await late.page.goto(link);
  await late.page.getByLabel('New password').fill('orange tractor lagoon 4');
  await member.page.getByLabel('New password').fill('marble kettle comet 3');
  await member.page.getByRole('button', { name: 'Set password' }).click();
  await member.page.getByText('Your password is set.').waitFor();
  await late.page.getByRole('button', { name: 'Set password' }).click();
  await late.page.getByText('This link was used or has expired.').waitFor();
  await late.context.close();
  await member.page.goto(link);
  await member.page.getByText('This link was used or has expired.').waitFor();
  await member.page.getByRole('link', { name: 'Ask for a new link' }).click();
  await arrival(member.page, 'Forgot your password?');
  await member.context.close();
  await context.close();
});

test('an admin sets shorter lifetimes of sessions and invitations, and sees an error beside a value that is too long', async () => {
  const { page, context, complaints } = await visitor(browser);
  await signIn(page, demo, PEOPLE.businessAdmin, '/o/birch-bakery/settings');
  await page.getByLabel('Invitations last (hours)').fill('48');
  await page.getByRole('button', { name: 'Save lifetimes' }).click();
  await page.getByText('must be 1 to 24 hours').waitFor();
  await page.getByLabel('Invitations last (hours)').fill('2');
  await page.getByLabel('All sign-ins end after (days)').fill('1');
  await page.getByRole('button', { name: 'Save lifetimes' }).click();
  await page.getByText('The lifetimes are saved.').waitFor();
  await page.reload();
  assert.equal(await page.getByLabel('Invitations last (hours)').inputValue(), '2');
  await page.getByLabel('Invitations last (hours)').fill('');
  await page.getByLabel('All sign-ins end after (days)').fill('');
  await page.getByRole('button', { name: 'Save lifetimes' }).click();
  await page.getByText('The lifetimes are saved.').waitFor();
  assert.deepEqual(complaints.filter((text) => !text.includes('422')), []);
  await context.close();
});

test('after deleting an organisation, an operator sees the list of organisations', async () => {
  const { page, context, complaints } = await visitor(browser);
  await signIn(page, demo, PEOPLE.operator, '/o/birch-bakery/settings');
  await page.getByRole('button', { name: 'Delete organisation' }).click();
  const dialog = page.getByRole('dialog', { name: 'Delete Birch Bakery?' });
  await dialog.getByText('Workspaces that end: Head office, Laboratory.').waitFor();
  await dialog.getByText(PEOPLE.businessAdmin, { exact: true }).waitFor();
  await dialog.getByRole('button', { name: 'Delete organisation' }).click();
  await dialog.getByRole('alert').getByText('Type the name of the organisation to confirm: Birch Bakery.').waitFor();
  await dialog.getByLabel('Type the name to confirm: Birch Bakery').fill('Birch Bakery');
  await dialog.getByRole('button', { name: 'Delete organisation' }).click();
  await page.waitForURL('**/operator/organisations');
  await page.getByRole('link', { name: 'Northwind Robotics', exact: true }).waitFor();
  assert.equal(await page.getByRole('link', { name: 'Birch Bakery', exact: true }).count(), 0);
  assert.deepEqual(complaints, []);
  await context.close();
});
