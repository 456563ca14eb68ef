/** Starts the program, and other processes of the tests. */

import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Browser } from './browser.js';

const BINARY = process.env.VESTIBULE_BIN ?? new URL('../../target/debug/vestibule', import.meta.url).pathname;

/** A free port. */
export function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

/** @param {string} url waits until something answers there */
export async function answers(url) {
  for (let tries = 0; tries < 200; tries += 1) {
    try {
      return await (await fetch(url)).text();
    } catch {
      await new Promise((wait) => setTimeout(wait, 100));
    }
  }
  throw new Error(`nothing answers at ${url}`);
}

/** @param {string} command @param {string[]} args starts a process; returns it and a function that stops it */
export function start(command, args) {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const stop = () => new Promise((resolve) => {
    if (child.exitCode !== null) return resolve(undefined);
    child.once('exit', resolve);
    child.kill('SIGTERM');
  });
  return { child, stop };
}

/** The admin, who has a password. */
const ALICE = { email: 'alice@acme.test', password: 'violet tractor lagoon' };

/**
 * The appliance after its set-up: Acme on Enterprise, with Alice as its admin.
 * @param {string[]} [flags] further flags
 */
export async function startAppliance(flags = []) {
  const data = await mkdtemp(join(tmpdir(), 'vestibule-idps-'));
  const url = `http://127.0.0.1:${await freePort()}`;
  const { child, stop } = start(BINARY, ['serve', '--listen', url.slice('http://'.length), '--data', data, ...flags]);
  const lines = createInterface({ input: child.stdout });
  const line = await new Promise((resolve, reject) => {
    lines.once('line', resolve);
    child.once('exit', (code) => reject(new Error(`the program ended with ${code}`)));
  });
  await answers(`${url}/healthz`);
  const alice = new Browser(url);
  const token = line.split('token=')[1];
  await alice.api('POST', '/setup', { token, name: 'Alice', ...ALICE, organisation: 'Acme', plan: 'enterprise' });
  return { url, data, alice, people: [ALICE], stop: async () => { await stop(); await rm(data, { recursive: true, force: true }); } };
}
