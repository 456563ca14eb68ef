/** Removing operators and their keys, disabling people, and removing members from an organisation. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PEOPLE, api, arrival, fromMore, heading, signIn, visitor } from './demo.js';
import { browser, demo, runDemo } from './running.js';

runDemo();

/** Opens the menu *More* of a member. @param {import('playwright-core').Page} page @param {string} email */
async function openMoreMenu(page, email) {
  const summary = page.getByLabel(`More for ${email}`, { exact: true });
  await summary.focus();
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: `Sessions of ${email}` }).waitFor();
}

/** Signs in with the demo's password. Returns the page. @param {string} email @param {string} [path] */
async function person(email, path) {
  const visit = await visitor(browser);
  await signIn(visit.page, demo, email, path);
  return visit;
}

test('an operator adds another, who signs in with the link, and removes them after a confirmation', async () => {
  const { page, context, complaints } = await person(PEOPLE.operator, '/operator/organisations');
  await page.getByRole('link', { name: 'Operators', exact: true }).click();
  await arrival(page, 'Operators');
  await page.getByLabel('E-mail').fill('oscar@vestibule.example');
  await page.getByRole('button', { name: 'Add operator' }).click();
  const adding = page.getByRole('dialog', { name: 'Add oscar@vestibule.example as operator?' });
  await adding.getByText('has no account yet').waitFor();
  await adding.getByRole('button', { name: 'Add operator' }).click();
  await page.getByText('oscar@vestibule.example is now an operator, and can sign in after setting a password').waitFor();
  const link = await page.locator('[data-value]').innerText();
  await page.getByRole('row').filter({ hasText: 'oscar@vestibule.example' }).getByText('none yet').waitFor();

  const oscar = await visitor(browser);
  await oscar.page.goto(link);
  await oscar.page.getByLabel('New password').fill('marble kettle comet 3');
  await oscar.page.getByRole('button', { name: 'Set password' }).click();
  await oscar.page.getByText('Your password is set.').waitFor();

  // Olivia received Oscar's link, so she may know his password. It cannot be ended when she is removed, because he
  // would be the last operator.
  await page.getByRole('button', { name: `Remove ${PEOPLE.operator}` }).click();
  const removing = page.getByRole('dialog', { name: `Remove ${PEOPLE.operator} as operator?` });
  await removing.getByText('keep working: oscar@vestibule.example (operator)').waitFor();
  assert.equal(await removing.getByRole('checkbox').count(), 0);
  await removing.getByRole('button', { name: 'Cancel' }).click();
  await page.getByRole('button', { name: 'Remove oscar@vestibule.example' }).click();
  await page.getByRole('dialog').getByText('They lose their operator rights').waitFor();
  await page.getByRole('dialog').getByRole('button', { name: 'Remove operator' }).click();
  await page.getByText('oscar@vestibule.example is no longer an operator.').waitFor();
  await page.getByRole('button', { name: `Remove ${PEOPLE.operator}` }).click();
  await page.getByText('This is the last operator who can sign in.').waitFor();
  assert.deepEqual([...complaints, ...oscar.complaints], []);
  await oscar.context.close();
  await context.close();
});

test('a member becomes an operator with the link and their current password, which they keep', async () => {
  const bella = await person('bella@birch.example');
  const { page, context, complaints } = await person(PEOPLE.operator, '/operator/operators');
  await page.getByLabel('E-mail').fill('nonsense@');
  await page.getByRole('button', { name: 'Add operator' }).click();
  assert.equal(await page.getByRole('dialog').count(), 0, 'an empty field opens no dialog');
  await page.getByLabel('E-mail').fill('bella@birch.example');
  await page.getByRole('button', { name: 'Add operator' }).click();
  const asked = page.getByRole('dialog', { name: 'Add bella@birch.example as operator?' });
  await asked.getByText('keeps password and sessions').waitFor();
  await asked.getByRole('button', { name: 'Add operator' }).click();
  await page.getByText('bella@birch.example becomes an operator once they have opened their link').waitFor();
  await page.getByRole('row').filter({ hasText: 'bella@birch.example' }).getByText('Link not used yet').waitFor();
  const link = await page.locator('[data-value]').innerText();
  await bella.page.goto(link);
  await arrival(bella.page, 'Become an operator');
  assert.match(await bella.page.title(), /^Become an operator ·/);
  // The list does not call them an operator before they have used the link.
  await page.goto(`${demo.url}/operator/audit`);
  await page.getByText(/sent bella@birch\.example a link to become an operator\./).first().waitFor();
  await page.goto(`${demo.url}/account`);
  await page.getByRole('row').filter({ hasText: 'Operator invited' }).filter({ hasText: 'bella@birch.example' }).waitFor();
  const { password } = demo.people.find((one) => one.email === 'bella@birch.example');
  await bella.page.getByLabel('Current password').fill('not the password');
  await bella.page.getByRole('button', { name: 'Become an operator' }).click();
  await bella.page.getByText('That is not your current password.').waitFor();
  await bella.page.getByLabel('Current password').fill(password);
  await bella.page.getByRole('button', { name: 'Become an operator' }).click();
  await bella.page.getByText('You are an operator now.').waitFor();
  await bella.page.goto(`${demo.url}/operator/operators`);
  await arrival(bella.page, 'Operators');
  await page.goto(`${demo.url}/operator/operators`);
  await page.getByRole('button', { name: 'Password link for bella@birch.example' }).click();
  await page.getByRole('dialog').getByText('ends all their sessions').waitFor();
  await page.getByRole('dialog').getByRole('button', { name: 'Create link' }).click();
  await page.getByText('bella@birch.example: sets their password').waitFor();
  await page.getByRole('button', { name: 'Remove bella@birch.example' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Remove operator' }).click();
  await page.getByText('bella@birch.example is no longer an operator.').waitFor();
  assert.deepEqual([...complaints, ...bella.complaints], []);
  await bella.context.close();
  await context.close();
});

test('an operators’ key is created with an expiry, shown once and deleted', async () => {
  const { page, context, complaints } = await person(PEOPLE.operator, '/operator/operators');
  await page.getByText('No key yet.').waitFor();
  await page.getByLabel('Name').fill('Provisioning');
  await page.getByRole('button', { name: 'Create key' }).click();
  await page.getByText('Provisioning is created.').waitFor();
  const key = await page.locator('[data-value]').innerText();
  const ask = () => fetch(`${demo.url}/api/v1/plans`, { headers: { authorization: `Bearer ${key}` } });
  assert.equal((await ask()).status, 200);
  const row = page.getByRole('row').filter({ hasText: 'Provisioning' });
  const in90Days = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium' }).format(Date.now() + 90 * 24 * 3600 * 1000);
  assert.equal(await row.locator('[data-label="Expires"]').innerText(), in90Days);
  const made = await fetch(`${demo.url}/api/v1/organisations/birch-bakery/keys`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'Ovens', scopes: ['read'] }),
  });
  assert.equal(made.status, 201);
  await page.getByRole('button', { name: 'Delete Provisioning' }).click();
  await page.getByRole('dialog').getByText('API keys that it made stop working too: Ovens (of Birch Bakery).').waitFor();
  await page.getByRole('dialog').getByRole('button', { name: 'Delete key' }).click();
  await page.getByText('Provisioning is deleted.').waitFor();
  assert.equal((await ask()).status, 401);
  await page.getByLabel('Name').fill('Nightly');
  await page.getByLabel('Expires after').selectOption('No expiry');
  await page.getByRole('button', { name: 'Create key' }).click();
  await page.getByText('Nightly is created.').waitFor();
  const nightly = page.getByRole('row').filter({ hasText: 'Nightly' });
  assert.equal(await nightly.locator('[data-label="Expires"]').innerText(), 'never');
  assert.deepEqual(complaints, []);
  await context.close();
});

test('deleting a key names the passwords that were set with links that it received, and can end them', async () => {
  const { page, context, complaints } = await person(PEOPLE.operator, '/operator/operators');
  const { key } = await api(page, '/keys', { method: 'POST', body: { name: 'Onboarding' } });
  const { items } = await api(page, '/organisations/birch-bakery/members?search=bea@birch.example');
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
  const made = await fetch(`${demo.url}/api/v1/users/${items[0].user}/reset-link`, { method: 'POST', headers });
  const bea = await visitor(browser);
  await bea.page.goto((await made.json()).reset_url);
  await bea.page.getByLabel('New password').fill('marble kettle comet 3');
  await bea.page.getByRole('button', { name: 'Set password' }).click();
  await bea.page.getByText('Your password is set.').waitFor();
  await page.reload();
  await page.getByRole('button', { name: 'Delete Onboarding' }).click();
  const deleting = page.getByRole('dialog', { name: 'Delete Onboarding?' });
  await deleting.getByText('keep working: bea@birch.example').waitFor();
  await deleting.getByRole('checkbox', { name: 'Also end passwords that were set with links that the key received' }).check();
  await deleting.getByText('must set a new password').waitFor();
  await deleting.getByRole('button', { name: 'Delete key' }).click();
  await page.getByText('Onboarding is deleted.').waitFor();
  await bea.page.goto(`${demo.url}/login`);
  await bea.page.getByLabel('E-mail').fill('bea@birch.example');
  await bea.page.getByLabel('Password').fill('marble kettle comet 3');
  await bea.page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await bea.page.getByText('E-mail or password is wrong.').waitFor();
  assert.deepEqual([...complaints, ...bea.complaints], []);
  await bea.context.close();
  await context.close();
});

test('an operator disables another operator and enables them again', async () => {
  const { page, context, complaints } = await person(PEOPLE.operator, '/operator/operators');
  await page.getByLabel('E-mail').fill('otto@vestibule.example');
  await page.getByRole('button', { name: 'Add operator' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Add operator' }).click();
  await page.getByText('otto@vestibule.example is now an operator, and can sign in after setting a password').waitFor();
  const otto = await visitor(browser);
  await otto.page.goto(await page.locator('[data-value]').innerText());
  await otto.page.getByLabel('New password').fill('marble kettle comet 3');
  await otto.page.getByRole('button', { name: 'Set password' }).click();
  await otto.page.getByText('Your password is set.').waitFor();
  const signInAsOtto = async () => {
    await otto.page.goto(`${demo.url}/login`);
    await otto.page.getByLabel('E-mail').fill('otto@vestibule.example');
    await otto.page.getByLabel('Password').fill('marble kettle comet 3');
    await otto.page.getByRole('button', { name: 'Sign in', exact: true }).click();
  };
  await signInAsOtto();
  await heading(otto.page);

  await page.getByRole('button', { name: 'Disable otto@vestibule.example' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Disable' }).click();
  await page.getByText('otto@vestibule.example is disabled.').waitFor();
  const row = page.getByRole('row').filter({ hasText: 'otto@vestibule.example' });
  await row.getByText('Disabled', { exact: true }).waitFor();
  await signInAsOtto();
  await otto.page.getByText('Your account is disabled. Ask an operator to enable it.').waitFor();
  await page.getByRole('button', { name: 'Enable otto@vestibule.example' }).click();
  await page.getByRole('dialog').getByText('otto@vestibule.example is an operator again.').waitFor();
  await page.getByRole('dialog').getByRole('button', { name: 'Enable' }).click();
  await page.getByText('otto@vestibule.example is enabled.').waitFor();
  await signInAsOtto();
  await heading(otto.page);
  assert.deepEqual([...complaints, ...otto.complaints], []);
  await otto.context.close();
  await context.close();
});

test('an operator disables a person after seeing the effect, and enables them again', async () => {
  const bob = await person(PEOPLE.businessMember);
  const { page, context, complaints } = await person(PEOPLE.operator, '/o/birch-bakery/people');
  const press = (/** @type {string} */ verb) => fromMore(page, PEOPLE.businessMember, `${verb} ${PEOPLE.businessMember}`);
  await press('Disable');
  const asked = page.getByRole('dialog', { name: `Disable ${PEOPLE.businessMember} in every organisation?` });
  await asked.getByText(`${PEOPLE.businessMember} loses access`).waitFor();
  await asked.getByText('is disabled; loses access to Birch Bakery').waitFor();
  await asked.getByRole('button', { name: 'Cancel' }).click();
  await bob.page.reload();
  await heading(bob.page);
  await press('Disable');
  await asked.getByRole('button', { name: 'Disable' }).click();
  await page.getByText(`${PEOPLE.businessMember} is disabled.`).waitFor();
  await page.getByRole('row').filter({ hasText: PEOPLE.businessMember }).getByText('Disabled', { exact: true }).waitFor();

  await bob.page.goto(`${demo.url}/workspaces`);
  await bob.page.waitForURL('**/login?*');
  await bob.page.getByLabel('E-mail').fill(PEOPLE.businessMember);
  await bob.page.getByLabel('Password').fill(demo.people.find((one) => one.email === PEOPLE.businessMember).password);
  await bob.page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await bob.page.getByText('Your account is disabled. Ask an operator to enable it.').waitFor();

  await press('Enable');
  await page.getByRole('dialog').getByText('Birch Bakery: signs in with a password').waitFor();
  await page.getByRole('dialog').getByRole('button', { name: 'Enable' }).click();
  await page.getByText(`${PEOPLE.businessMember} is enabled.`).waitFor();
  await signIn(bob.page, demo, PEOPLE.businessMember);
  assert.deepEqual([...complaints, ...bob.complaints], []);
  await bob.context.close();
  await context.close();
});

test('an admin sees and ends a member’s sessions, and removes the member from the organisation', async () => {
  const [bella, elsewhere] = [await person('bella@birch.example'), await person('bella@birch.example')];
  const { page, context, complaints } = await person(PEOPLE.businessAdmin, '/o/birch-bakery/people');
  await openMoreMenu(page, 'bella@birch.example');
  assert.equal(await page.getByRole('button', { name: /^Disable / }).count(), 0, 'only operators can disable people');
  await page.getByRole('button', { name: 'Sessions of bella@birch.example' }).click();
  const asked = page.getByRole('dialog', { name: 'End the sessions of bella@birch.example?' });
  await asked.getByText('Chrome on Linux').first().waitFor();
  await asked.getByText('from 127.0.0.1, by password').first().waitFor();
  const each = asked.getByRole('button', { name: /^End the session in Chrome on Linux, from 127\.0\.0\.1, by password, / });
  const before = await each.count();
  await each.first().click();
  await asked.getByText('The session is ended.').waitFor();
  assert.equal(await each.count(), before > 2 ? before - 1 : 0, 'the last session has no button of its own');
  await page.waitForFunction(() => document.activeElement?.id === 'sessions');
  const isIn = async (/** @type {{page: import('playwright-core').Page}} */ visit) => (await visit.page.request.get(`${demo.url}/api/v1/me`)).ok();
  // Both began within a second, so that either may be the first of the list.
  assert.equal([await isIn(bella), await isIn(elsewhere)].filter(Boolean).length, 1);
  await asked.getByRole('button', { name: /^End \d+ sessions?$/ }).click();
  await page.getByText('bella@birch.example is signed out of Birch Bakery.').waitFor();
  await bella.page.goto(`${demo.url}/workspaces`);
  await bella.page.waitForURL('**/login?*');
  await fromMore(page, 'bella@birch.example', 'Sessions of bella@birch.example');
  await page.getByText('bella@birch.example is not signed in to Birch Bakery.').waitFor();

  await page.getByRole('button', { name: `Remove ${PEOPLE.businessAdmin}` }).click();
  await page.getByText('This is the last organisation admin.').waitFor();
  await page.getByRole('button', { name: `Remove ${PEOPLE.businessMember}` }).click();
  const removing = page.getByRole('dialog', { name: `Remove ${PEOPLE.businessMember} from Birch Bakery?` });
  await removing.getByText(`${PEOPLE.businessMember} loses access`, { exact: true }).waitFor();
  await removing.getByRole('button', { name: 'Remove from organisation' }).click();
  await page.getByText(`${PEOPLE.businessMember} is no longer a member of Birch Bakery.`).waitFor();
  assert.equal(await page.getByRole('button', { name: `Remove ${PEOPLE.businessMember}` }).count(), 0);
  assert.deepEqual([...complaints, ...bella.complaints, ...elsewhere.complaints], []);
  for (const one of [bella.context, elsewhere.context, context]) await one.close();
});

test('removing an admin names the invitation links that stop working, and the list marks those to send again', async () => {
  const { page, context, complaints } = await person(PEOPLE.businessAdmin, '/o/birch-bakery/people');
  await api(page, '/organisations/birch-bakery/admins', { method: 'POST', body: { email: 'bella@birch.example' } });
  const bella = await person('bella@birch.example');
  const { id } = (await api(bella.page, '/me')).organisations[0].workspaces[0];
  await api(bella.page, `/workspaces/${id}/invitations`, { method: 'POST', body: { email: 'ola@birch.example', role: 'power_user' } });
  await page.reload();
  await page.getByRole('button', { name: 'Remove bella@birch.example' }).click();
  const removing = page.getByRole('dialog', { name: 'Remove bella@birch.example from Birch Bakery?' });
  await removing.getByText('The invitation link that they received for ola@birch.example stops working. Send that invitation again.').waitFor();
  await removing.getByRole('button', { name: 'Remove from organisation' }).click();
  await page.getByText('bella@birch.example is no longer a member of Birch Bakery.').waitFor();
  await page.goto(`${demo.url}/w/${id}/members`);
  const invitation = page.getByRole('row').filter({ hasText: 'ola@birch.example' });
  await invitation.getByText('Link ended: its creator can no longer invite people. Send it again').waitFor();
  await page.getByRole('button', { name: 'Resend invitation to ola@birch.example' }).click();
  await invitation.getByText(/^Until /).waitFor();
  assert.deepEqual([...complaints, ...bella.complaints], []);
  await bella.context.close();
  await context.close();
});
