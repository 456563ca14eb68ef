/** The appliance with an application, and the documented programs as processes, for the clients that are not written in JavaScript. */

import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { answers, startAppliance } from '../idps/appliance.js';
import { Browser } from '../idps/browser.js';

/** @param {string} name a program of the Python packages that the tests install */
export const python = (name) => new URL(`.venv/bin/${name}`, import.meta.url).pathname;

/** The members of the workspace, and a person of another organisation. All have the same password. */
export const BOB = 'bob@acme.test';
export const CARLA = 'carla@acme.test';
export const GIL = 'gil@globex.test';
const PASSWORD = 'violet tractor lagoon';

/** @typedef {Awaited<ReturnType<typeof startWorld>>} World */

/**
 * The appliance with people and a client.
 * @param {string} home the address of the application @param {string} callback its redirect URI @param {object} [settings] further settings of the client
 */
export async function startWorld(home, callback, settings = {}) {
  const appliance = await startAppliance(['--application-private-hosts', '127.0.0.1']);
  const { url, alice } = appliance;
  const folder = await mkdtemp(join(tmpdir(), 'vestibule-oidc-'));
  /** @type {(() => Promise<unknown>)[]} */
  const endings = [() => rm(folder, { recursive: true, force: true }), appliance.stop];
  const [workspace] = (await alice.api('GET', '/organisations/acme/workspaces')).items;
  const accept = (invitation, name) => new Browser(url).api('POST', '/invitations/accept', {
    token: new URL(invitation.accept_url).hash.replace(/^#(token=)?/, '') || new URL(invitation.accept_url).searchParams.get('token'),
    name,
    password: PASSWORD,
  });
  const invite = (email, role) => alice.api('POST', `/workspaces/${workspace.id}/invitations`, { email, role });
  await accept(await invite(BOB, 'power_user'), 'Bob Müller');
  await accept(await invite(CARLA, 'admin'), 'Carla');
  await accept((await alice.api('POST', '/organisations', { name: 'Globex', plan: 'business', admin_email: GIL })).invitation, 'Gil');
  const application = await alice.api('POST', `/workspaces/${workspace.id}/applications`, {
    kind: 'oidc', name: 'Wiki', url: home, redirect_uris: [callback], post_logout_redirect_uris: [home], ...settings,
  });
  const { items } = await alice.api('GET', `/applications/${application.id}/snippets`);
  return {
    appliance, url, alice, workspace, application, folder, secret: application.client_secret,
    /** The text that the appliance shows. @param {string} name */
    snippet: (name) => items.find((one) => one.name === name).text,
    /**
     * Starts a program, and waits until it answers at `address`.
     * @param {string} command @param {string[]} args @param {Record<string, string>} environment @param {string} address
     */
    run: async (command, args, environment, address) => {
      const ended = start(command, args, { cwd: folder, env: { ...process.env, ...environment } });
      endings.unshift(ended.stop);
      await Promise.race([answers(address), ended.early]);
    },
    stop: async () => {
      for (const end of endings) await end();
    },
  };
}

/** A browser that says what its requests are for, as real ones do and `fetch` cannot, and follows the pages that lead on. */
export class Navigator extends Browser {
  /** @param {string} address @param {{method?: string, body?: URLSearchParams | string, headers?: Record<string, string>, crossSite?: boolean}} [options] */
  async send(address, { method = 'GET', body, headers = {}, crossSite = false } = {}) {
    const url = new URL(address, this.home);
    const jar = this.jars.get(url.host) ?? new Map();
    this.jars.set(url.host, jar);
    const form = body instanceof URLSearchParams ? { 'content-type': 'application/x-www-form-urlencoded' } : {};
    const sent = request(url, {
      method,
      headers: {
        accept: 'text/html,application/xhtml+xml,*/*;q=0.8', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document',
        'sec-fetch-site': crossSite ? 'cross-site' : 'same-origin',
        ...(jar.size && !crossSite ? { cookie: [...jar].map(([name, value]) => `${name}=${value}`).join('; ') } : {}),
        ...form, ...headers,
      },
    });
    sent.end(body?.toString());
    const response = await new Promise((resolve, reject) => sent.on('response', resolve).on('error', reject));
    for (const cookie of response.headers['set-cookie'] ?? []) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(cookie);
      if (!value || /max-age=0|expires=thu, 01.jan.1970/i.test(cookie)) jar.delete(name);
      else jar.set(name, value);
    }
    let text = '';
    for await (const part of response.setEncoding('utf8')) text += part;
    const [, leads] = /<meta http-equiv="refresh" content="0;url=([^"]*)"/.exec(text) ?? [];
    const location = response.headers.location ?? leads?.replaceAll('&amp;', '&');
    return { url, status: response.statusCode, location: location ? new URL(location, url) : null, body: text };
  }
}

/**
 * Starts a program whose output is shown only if it ends too early.
 * @param {string} command @param {string[]} args @param {import('node:child_process').SpawnOptions} options
 */
function start(command, args, options) {
  const child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
  let [output, stopped] = ['', false];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => { output += data; });
  const exit = new Promise((resolve) => { child.once('exit', resolve); });
  const early = exit.then((code) => {
    if (!stopped) throw new Error(`${command} ended with ${code}: ${output}`);
  });
  early.catch(() => undefined);
  const stop = async () => {
    stopped = true;
    child.kill('SIGTERM');
    const patience = setTimeout(() => child.kill('SIGKILL'), 5000);
    await exit;
    clearTimeout(patience);
  };
  return { stop, early };
}

/**
 * Opens an address of the application, signs in on the page to which it leads, and returns the last answer.
 * @param {World} world @param {Navigator} browser @param {string} address @param {string} email
 */
export async function signIn(world, browser, address, email) {
  const page = await browser.visit(address);
  if (page.url.pathname !== '/login' || page.url.origin !== world.url) throw new Error(`not the sign-in page: ${page.url} ${page.status} ${page.body}`);
  const sent = await browser.post(browser.fill(page, { email, password: PASSWORD }), page.url);
  if (!sent.location) throw new Error(`not signed in: ${sent.status} ${sent.body}`);
  return browser.visit(sent.location.href);
}

/** Takes a person's membership away. @param {World} world @param {string} email */
export async function remove(world, email) {
  const { items: [{ user }] } = await world.alice.api('GET', `/organisations/acme/members?search=${email}`);
  return world.alice.api('DELETE', `/organisations/acme/members/${user}`);
}
