/** Custom roles: adding, giving and removing them, and the levels that they give, each with its effect before the change. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { violations } from './axe.js';
import { PEOPLE, api, arrival, signIn, visitor } from './demo.js';
import { press } from './keyboard.js';
import { browser, demo, runDemo } from './running.js';

runDemo();

const PAGE = '/o/northwind-robotics/roles';

/** Asserts that axe finds nothing in light and dark, and that the page fits on a phone. @param {import('playwright-core').Page} page */
async function assertUsable(page) {
  for (const colorScheme of /** @type {const} */ (['light', 'dark'])) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    assert.deepEqual(await violations(page), [], `${page.url()}, ${colorScheme}`);
  }
  await page.setViewportSize({ width: 360, height: 740 });
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth) <= 360, page.url());
  await page.setViewportSize({ width: 1280, height: 800 });
}

test('the buttons of a role beside two applications are in view', async () => {
  const { page } = await visitor(browser);
  await page.setViewportSize({ width: 1280, height: 800 });
  await signIn(page, demo, PEOPLE.enterpriseAdmin, PAGE);
  await arrival(page, 'Roles');
  const [content, room] = await page.locator('.matrix').evaluate((matrix) => [matrix.scrollWidth, matrix.clientWidth]);
  assert.ok(content <= room, `${content} > ${room}`);
});

test('a role is added, given, changed and removed, and each change shows its effect first', async () => {
  const { page, context } = await visitor(browser);
  await signIn(page, demo, PEOPLE.enterpriseAdmin, PAGE);
  await arrival(page, 'Roles');
  const { organisations: [{ workspaces: [{ id, name: workspace }] }] } = await api(page, '/me');
  const link = { kind: 'link', name: 'Handbook', url: 'https://handbook.example.com' };
  const { id: handbook } = await api(page, `/workspaces/${id}/applications`, { method: 'POST', body: link });
  await page.goto(`${demo.url}${PAGE}?workspace=${id}`);
  await page.getByRole('row').filter({ hasText: 'Power User' }).getByText('Editor').first().waitFor();

  await page.getByRole('textbox', { name: 'Name' }).fill('Admin');
  await page.getByRole('button', { name: 'Add role' }).click();
  await page.locator('[data-field="name"]').getByText('That is the name of a built-in role.').waitFor();
  await page.getByRole('textbox', { name: 'Name' }).fill('Auditor');
  await page.getByRole('combobox', { name: 'Default level', exact: true }).selectOption('Viewer');
  await page.getByRole('button', { name: 'Add role' }).click();
  await page.getByText('The role Auditor is added.').waitFor();
  await page.getByRole('row').filter({ hasText: 'Auditor' }).getByText('auditor', { exact: true }).waitFor();
  await assertUsable(page);

  // The role is given to a member, whose levels change.
  await page.goto(`${demo.url}/w/${id}/members`);
  await arrival(page, 'Members');
  const ofMember = page.getByRole('combobox', { name: `Role of ${PEOPLE.enterpriseMember}` });
  await ofMember.selectOption('Auditor');
  const dialog = page.getByRole('dialog');
  await dialog.getByText('A custom role gives a level in each application').waitFor();
  await dialog.getByRole('listitem').filter({ hasText: `${PEOPLE.enterpriseMember} Handbook: Viewer instead of Editor` }).waitFor();
  await assertUsable(page);
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  assert.equal(await ofMember.inputValue(), 'power_user', 'nothing is changed before the confirmation');
  await ofMember.selectOption('Auditor');
  await dialog.getByRole('button', { name: 'Make Auditor' }).click();
  await page.getByText(' is now Auditor.').waitFor();
  await page.getByRole('combobox', { name: 'Role', exact: true }).first().selectOption('Auditor');
  await page.getByText(PEOPLE.enterpriseMember).first().waitFor();
  await page.goto(`${demo.url}/o/northwind-robotics/people?search=${PEOPLE.enterpriseMember}`);
  await page.getByText(`${workspace} (Auditor)`).waitFor();

  // The level of the role in one application, by the keyboard.
  await page.goto(`${demo.url}${PAGE}?workspace=${id}`);
  const level = page.getByRole('combobox', { name: 'Level of Auditor in Handbook' });
  await level.waitFor();
  await press(page, /^Level of Auditor in Handbook$/, 'ArrowDown');
  await dialog.getByText('The level of 1 person changes').waitFor();
  await dialog.getByText('Handbook: No access instead of Viewer').waitFor();
  await dialog.getByRole('button', { name: 'Change level' }).click();
  await page.getByText('The levels of Auditor are changed.').waitFor();
  assert.equal(await level.inputValue(), 'no_access');
  const [shown] = (await api(page, '/organisations/northwind-robotics/roles')).items;
  assert.deepEqual([shown.levels[handbook], shown.members], ['no_access', 1]);

  await page.getByRole('button', { name: 'Rename Auditor' }).click();
  await page.getByRole('textbox', { name: 'New name' }).fill('Revision');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('The role is renamed.').waitFor();

  // A role with members is removed with a replacement.
  await page.getByRole('button', { name: 'Remove the role Revision' }).click();
  await dialog.getByText('1 member has this role.').waitFor();
  await dialog.getByText('Handbook: Editor instead of No access').waitFor();
  await dialog.getByLabel('Role that its members and invitations get').selectOption('Admin');
  await dialog.getByText('Handbook: Admin instead of No access').waitFor();
  await dialog.getByLabel('Role that its members and invitations get').selectOption('Power User');
  await dialog.getByText('Handbook: Editor instead of No access').waitFor();
  await assertUsable(page);
  await dialog.getByRole('button', { name: 'Remove role' }).click();
  await page.getByText('The role Revision is removed.').waitFor();
  await page.goto(`${demo.url}/o/northwind-robotics/audit?resource_type=role`);
  await page.getByText('removed the role Revision.').waitFor();
  await api(page, `/applications/${handbook}`, { method: 'DELETE' });
  await context.close();
});
