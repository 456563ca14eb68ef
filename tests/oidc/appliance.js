/** The appliance with a client of each kind, people who sign in, and a browser that follows the pages which lead on. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { answers, freePort } from '../idps/appliance.js';
import { Browser } from '../idps/browser.js';

export const BINARY = process.env.VESTIBULE_BIN ?? new URL('../../target/debug/vestibule', import.meta.url).pathname;
/** The admin of Acme. */
export const ALICE = { email: 'alice@acme.test', password: 'violet tractor lagoon' };
/** The addresses of the clients. Nothing answers there: the tests read the redirects. */
export const REDIRECT = 'http://127.0.0.1:9/callback';
export const BYE = 'http://127.0.0.1:9/bye';

/** A browser without scripts, which also follows the pages that lead on by themselves. */
export class Navigator extends Browser {
  /** @param {string} address @param {object} [options] */
  async send(address, options = {}) {
    const answer = await super.send(address, { ...options, headers: { accept: 'text/html', ...options.headers } });
    const [, onward] = /<meta http-equiv="refresh" content="0;url=([^"]*)"/.exec(answer.body) ?? [];
    return onward ? { ...answer, location: new URL(onward.replaceAll('&amp;', '&'), answer.url) } : answer;
  }

  /** Follows redirects up to the first one to an address of a client. @param {string} address */
  async go(address) {
    let answer = await this.send(address);
    for (let hops = 0; answer.location && answer.location.port !== '9' && hops < 10; hops += 1) answer = await this.send(answer.location.href);
    return answer;
  }
}

/**
 * Starts an appliance with an admin.
 * @param {string[]} [flags] further flags
 */
export async function startVestibule(flags = []) {
  const data = await mkdtemp(join(tmpdir(), 'vestibule-oidc-'));
  const issuer = `http://127.0.0.1:${await freePort()}`;
  const args = ['serve', '--listen', new URL(issuer).host, '--data', data, ...flags];
  /** @type {import('node:child_process').ChildProcess} */
  let child;
  const begin = async () => {
    child = spawn(BINARY, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    const line = once(createInterface({ input: child.stdout }), 'line');
    await answers(`${issuer}/healthz`);
    return { line };
  };
  /** @param {NodeJS.Signals} signal */
  const end = async (signal) => {
    const ended = once(child, 'exit');
    child.kill(signal);
    await ended;
  };
  const [line] = await (await begin()).line;
  const alice = new Navigator(issuer);
  await alice.api('POST', '/setup', { token: line.split('token=')[1], name: 'Alice', ...ALICE, organisation: 'Acme', plan: 'enterprise' });
  const { organisations: [{ workspaces: [{ id: workspace }] }] } = await alice.api('GET', '/me');
  return {
    issuer, data, alice, workspace,
    /** Kills the server, and starts it again with the same data. */
    killAndStart: async () => {
      await end('SIGKILL');
      await begin();
    },
    /** Runs a command on the server's data. @param {string[]} words */
    command: async (...words) => {
      const [code] = await once(spawn(BINARY, [...words, '--data', data], { stdio: ['ignore', 'ignore', 'inherit'] }), 'exit');
      if (code !== 0) throw new Error(`${words.join(' ')} ended with ${code}`);
    },
    stop: async () => {
      await end('SIGTERM');
      await rm(data, { recursive: true, force: true });
    },
  };
}

/** @param {Awaited<ReturnType<typeof startVestibule>>} vestibule @param {string} name @param {object} settings makes a client */
export async function makeClient({ alice, workspace }, name, settings) {
  const body = { kind: 'oidc', name, url: 'http://127.0.0.1:9/', redirect_uris: [REDIRECT], post_logout_redirect_uris: [BYE], ...settings };
  const made = await alice.api('POST', `/workspaces/${workspace}/applications`, body);
  return { id: made.client_id, secret: made.client_secret, auth: made.token_auth, alg: made.signing };
}

/** Receives the logout tokens that are sent to one client. */
export async function receiver() {
  /** @type {{token: string, type: string}[]} */
  const received = [];
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const part of request) body += part;
    received.push({ token: new URLSearchParams(body).get('logout_token'), type: request.headers['content-type'] });
    response.end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const next = async () => {
    for (let tries = 0; tries < 100 && !received.length; tries += 1) await new Promise((wait) => { setTimeout(wait, 50); });
    return received.shift();
  };
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  return { uri: `http://127.0.0.1:${port}/logout`, next, stop: () => server.close() };
}

/** The provider that `checks.js` checks: Vestibule with its clients. */
export async function vestibuleProvider() {
  const vestibule = await startVestibule(['--application-private-hosts', '127.0.0.1']);
  const told = await receiver();
  const clients = {
    basic: await makeClient(vestibule, 'Basic', { backchannel_logout_uri: told.uri }),
    post: await makeClient(vestibule, 'Post', { token_auth: 'client_secret_post' }),
    public: await makeClient(vestibule, 'Public', { client_type: 'public' }),
    es256: await makeClient(vestibule, 'Elliptic', { signing: 'ES256' }),
  };
  return {
    vestibule, clients, told,
    issuer: vestibule.issuer,
    browser: () => new Navigator(vestibule.issuer),
    /** @param {Navigator} browser @param {Awaited<ReturnType<Navigator['go']>>} page the sign-in page */
    signIn: async (browser, page) => {
      const sent = await browser.post(browser.fill(page, ALICE), page.url);
      return browser.go(sent.location.href);
    },
    stop: async () => {
      told.stop();
      await vestibule.stop();
    },
  };
}
