import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PEOPLE, api, heading, signIn, visitor } from './demo.js';
import { browser, demo, runDemo } from './running.js';

runDemo();

/** Without a clipboard, as on plain http, and with one to which the person has denied access. */
const WITHOUT = {
  absent: () => Object.defineProperty(navigator, 'clipboard', { value: undefined }),
  denied: () => { navigator.clipboard.writeText = () => Promise.reject(new DOMException('denied', 'NotAllowedError')); },
};

for (const [kind, take] of Object.entries(WITHOUT)) {
  test(`without the clipboard (${kind}) a copy button selects its value and says which keys to press`, async () => {
    const { page, context, complaints } = await visitor(browser);
    await page.addInitScript(take);
    await signIn(page, demo, PEOPLE.operator, '/workspaces');
    const { items } = await api(page, '/organisations/northwind-robotics/workspaces');
    for (const [path, button] of /** @type {[string, string][]} */ ([
      [`/w/${items[0].id}/members`, 'Copy the name in commands'],
      ['/o/northwind-robotics/sso', 'Copy Callback URL'],
      ['/developers', 'Copy the first command'],
    ])) {
      await page.goto(`${demo.url}${path}`);
      await heading(page);
      const copy = page.getByRole('button', { name: button, exact: true });
      await copy.click();
      await copy.getByText('Selected: press Ctrl-C').waitFor();
      assert.match(await page.locator('#announcer').innerText(), /is selected: press Ctrl-C to copy it$/);
      const [selected, shown] = await copy.evaluate((element) => [
        String(getSelection()).trim(), element.parentElement?.querySelector('[data-value], code, pre')?.textContent?.trim(),
      ]);
      assert.equal(selected, shown, path);
      assert.ok(selected.length > 5, selected);
    }
    assert.deepEqual(complaints, []);
    await context.close();
  });
}
