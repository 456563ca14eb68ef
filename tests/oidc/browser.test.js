/** The documented page with oidc-client-ts, a public client, in Chromium. */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { after, before, describe, test } from 'node:test';
import { startBrowser, visitor } from '../browser/demo.js';
import { ALICE, startVestibule } from './appliance.js';

const LIBRARY = new URL('node_modules/oidc-client-ts/dist/browser/oidc-client-ts.min.js', import.meta.url);

/** A page that signs in with a popup, and is the page to which the popup returns. */
const popup = (id, home, issuer) => `<!doctype html><title>Popup</title><button>Sign in</button><p id="person"></p><script src="/oidc-client-ts.min.js"></script><script>
  const manager = new oidc.UserManager({ authority: "${issuer}", client_id: "${id}", redirect_uri: "${home}popup", scope: "openid email" });
  const show = (text) => { document.getElementById("person").textContent = text; };
  if (location.search) manager.signinPopupCallback();
  else document.addEventListener("click", () => manager.signinPopup().then((user) => show(user.profile.email), (error) => show(error.message)));
</script>`;

describe('the documented page in Chromium', () => {
  let vestibule, browser, server, home, application;
  /** What the page's own server answers. */
  let page = '';

  before(async () => {
    vestibule = await startVestibule();
    browser = await startBrowser();
    const library = await readFile(LIBRARY);
    server = createServer((request, response) => {
      const script = request.url === '/oidc-client-ts.min.js';
      const text = request.url.startsWith('/popup') ? popup(application.id, home, vestibule.issuer) : page;
      response.setHeader('content-type', script ? 'text/javascript' : 'text/html; charset=utf-8').end(script ? library : text);
    }).listen(0, '127.0.0.2');
    await once(server, 'listening');
    home = `http://127.0.0.2:${server.address().port}/`;
    const { alice, workspace } = vestibule;
    application = await alice.api('POST', `/workspaces/${workspace}/applications`, {
      kind: 'oidc', name: 'Board', url: home, client_type: 'public', redirect_uris: [`${home}callback`, `${home}popup`], post_logout_redirect_uris: [home],
    });
    const { items } = await alice.api('GET', `/applications/${application.id}/snippets`);
    page = items.find((one) => one.name === 'browser').text;
  });

  after(async () => {
    await browser?.close();
    server?.close();
    server?.closeAllConnections();
    await vestibule?.stop();
  });

  /** Signs in at Vestibule's page. */
  const identify = async (tab) => {
    await tab.waitForURL((url) => url.origin === vestibule.issuer && url.pathname === '/login');
    await tab.locator('input[name=email]').fill(ALICE.email);
    await tab.locator('input[name=password]').fill(ALICE.password);
    await tab.locator('input[name=password]').press('Enter');
  };

  /** A tab in which Alice is signed in at the application. */
  const signedIn = async () => {
    const { page: tab, context, complaints } = await visitor(browser);
    await tab.goto(home);
    assert.equal(await tab.locator('#person').innerText(), 'Not signed in.');
    await tab.getByRole('button', { name: 'Sign in' }).click();
    await identify(tab);
    await tab.waitForURL(home);
    await tab.getByText(ALICE.email).waitFor();
    return { tab, context, complaints };
  };

  const stored = (tab) => tab.evaluate(() => JSON.parse(Object.entries(sessionStorage).find(([name]) => name.startsWith('oidc.user:'))[1]));

  test('a person signs in, the tokens are renewed without a page, and a sign-out returns to the page', async () => {
    const { tab, context, complaints } = await signedIn();
    const person = JSON.parse(await tab.locator('#person').innerText());
    assert.deepEqual([person.email, person.name, person.groups[0]], [ALICE.email, 'Alice', 'acme']);
    const first = await stored(tab);
    await tab.getByRole('button', { name: 'Refresh' }).click();
    await tab.waitForFunction((old) => !JSON.stringify(sessionStorage).includes(old), first.refresh_token);
    const second = await stored(tab);
    assert.ok(second.refresh_token !== first.refresh_token && second.access_token !== first.access_token);
    assert.equal(JSON.parse(await tab.locator('#person').innerText()).sub, person.sub);
    await tab.getByRole('button', { name: 'Sign out' }).click();
    await tab.waitForURL((url) => url.origin === new URL(home).origin);
    await tab.getByText('Not signed in.', { exact: true }).waitFor();
    await tab.getByRole('button', { name: 'Sign in' }).click();
    await tab.waitForURL((url) => url.pathname === '/login');
    assert.deepEqual(complaints, []);
    await context.close();
  });

  test('a session that has ended ends the application’s tokens at the next refresh, in words', async () => {
    const { tab, context } = await signedIn();
    const { items } = await vestibule.alice.api('GET', `/applications/${application.id}/sessions`);
    assert.ok(items.length >= 1);
    const other = await context.newPage();
    await other.goto(`${vestibule.issuer}/oauth2/logout`);
    await other.locator('form button, form input[type=submit]').last().click();
    await other.waitForLoadState();
    await tab.getByRole('button', { name: 'Refresh' }).click();
    await tab.getByText('Not signed in: invalid_grant').waitFor();
    await context.close();
  });

  test('a sign-in in a popup reaches the page that opened it, although Vestibule’s pages have no opener', async () => {
    const { page: tab, context } = await visitor(browser);
    await tab.goto(`${home}popup`);
    const opened = context.waitForEvent('page');
    await tab.getByRole('button', { name: 'Sign in' }).click();
    await identify(await opened);
    await tab.getByText(ALICE.email).waitFor();
    await context.close();
  });
});
