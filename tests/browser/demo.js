/** Starts the program and a browser for the tests. */

import { execFile, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createConnection, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { chromium } from 'playwright-core';
import { texts } from './catalogue.js';

/** The path of the program. */
export const BINARY = process.env.VESTIBULE_BIN ?? new URL('../../target/debug/vestibule', import.meta.url).pathname;
const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';
const FLAGS = [
  '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync',
];

/**
 * Starts the program with a new data folder, and waits for a line of its output for which `wanted` returns true.
 * @param {string[]} args
 * @param {(line: string) => boolean} wanted
 */
async function start(args, wanted) {
  const data = await mkdtemp(join(tmpdir(), 'vestibule-browser-'));
  const child = spawn(BINARY, [...args, '--data', data], { stdio: ['ignore', 'pipe', 'pipe'] });
  let log = '';
  child.stderr.on('data', (text) => { log += text; });
  const line = await new Promise((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (text) => { if (wanted(text)) resolve(text); });
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`vestibule ended with ${code}: ${log}`)));
  });
  const stop = async () => {
    const ended = new Promise((resolve) => { child.once('exit', resolve); });
    child.kill('SIGTERM');
    await ended;
    await rm(data, { recursive: true, force: true });
  };
  return { line, stop, data };
}

/** A free port. */
export function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

/**
 * Starts the demo on free ports. Returns the JSON that it printed, its data folder, and a function that stops it.
 * @param {string[]} [flags] further flags
 */
export async function startDemo(flags = []) {
  const listen = ['--listen', '127.0.0.1:0', '--idp-listen', '127.0.0.1:0'];
  const { line, stop, data } = await start(['demo', '--json', ...flags, ...listen], () => true);
  return { ...JSON.parse(line), stop, data };
}

/**
 * Starts an empty appliance. Returns its set-up link.
 * @param {string[]} [flags] further flags
 */
export async function startEmpty(flags = []) {
  const url = `http://127.0.0.1:${await freePort()}`;
  const { line, stop } = await start(['serve', '--listen', new URL(url).host, '--public-url', url, ...flags], (text) => text.startsWith('Set-up link: '));
  return { url, setUpLink: line.slice('Set-up link: '.length), stop };
}

/** A headless browser. */
export const startBrowser = () => chromium.launch({ executablePath: CHROMIUM, headless: true, args: FLAGS });

/**
 * A browser window with its own cookies. Errors and warnings of the browser's console are collected in `complaints`.
 * @param {import('playwright-core').Browser} browser
 * @param {import('playwright-core').BrowserContextOptions} [options]
 */
export async function visitor(browser, options) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(30_000);
  /** @type {string[]} */
  const complaints = [];
  page.on('console', (message) => {
    // The browser logs each response with an error status, which is not a fault of the page.
    const refusal = message.text().startsWith('Failed to load resource');
    if (['error', 'warning'].includes(message.type()) && !refusal) complaints.push(`${page.url()}: ${message.text()}`);
  });
  page.on('pageerror', (error) => complaints.push(`${page.url()}: ${error}`));
  return { context, page, complaints };
}

/**
 * Signs in with a password, and waits for the next page.
 * @param {import('playwright-core').Page} page
 * @param {any} demo
 * @param {string} email
 * @param {string} [path] the page to open
 * @param {ReturnType<typeof texts>} [t] the texts in the language of the page
 */
export async function signIn(page, demo, email, path = '/', t = texts('en')) {
  const { password } = demo.people.find((one) => one.email === email);
  await page.goto(`${demo.url}/login?return=${encodeURIComponent(path)}`);
  await page.getByLabel(t('login-email')).fill(email);
  await page.getByLabel(t('login-password')).fill(password);
  await page.getByRole('button', { name: t('login-submit'), exact: true }).click();
  await page.waitForURL((url) => url.pathname !== '/login');
  await heading(page);
}

/** The first operator of the tests. */
export const FIRST = { name: 'Ada Adams', email: 'ada@acme.example', password: 'copper walnut tides 9', organisation: 'Acme' };

/**
 * Opens the set-up link and creates the first operator, who is then signed in.
 * @param {import('playwright-core').Page} page
 * @param {{setUpLink: string}} empty
 */
export async function setUp(page, empty) {
  await page.goto(empty.setUpLink);
  await page.getByLabel('Your name').fill(FIRST.name);
  await page.getByLabel('E-mail').fill(FIRST.email);
  await page.getByLabel('Password', { exact: true }).fill(FIRST.password);
  await page.getByLabel('Organisation', { exact: true }).fill(FIRST.organisation);
  await page.getByRole('radio', { name: /^Starter/ }).check();
  await page.getByRole('button', { name: 'Set up' }).click();
  await page.waitForURL('**/workspaces');
  await heading(page);
}

/**
 * The heading of the page, after it has appeared.
 * @param {import('playwright-core').Page} page
 */
export async function heading(page) {
  const found = page.getByRole('heading', { level: 1 });
  await found.waitFor();
  return found.innerText();
}

/**
 * Waits for the page with this heading, because the previous page is shown until the new one is loaded.
 * @param {import('playwright-core').Page} page
 * @param {string} title
 */
export const arrival = (page, title) => page.getByRole('heading', { level: 1, name: title, exact: true }).waitFor();

/**
 * Presses a button in the menu *More* of a person.
 * @param {import('playwright-core').Page} page
 * @param {string} email
 * @param {string} name of the button
 */
export async function fromMore(page, email, name) {
  await page.getByLabel(`More for ${email}`, { exact: true }).click();
  await page.getByRole('button', { name, exact: true }).click();
}

/** A person of the demo for each role. */
export const PEOPLE = {
  operator: 'olivia@vestibule.example',
  businessAdmin: 'bruno@birch.example',
  businessMember: 'bob@birch.example',
  enterpriseAdmin: 'nora@northwind.example',
  enterpriseMember: 'nils@northwind.example',
};

/**
 * The JSON that the API returns to the signed-in person.
 * @param {import('playwright-core').Page} page
 * @param {string} path under /api/v1
 * @param {{method?: string, body?: object}} [change] the method and body, if it is not GET
 */
export const api = (page, path, { method = 'GET', body } = {}) =>
  page.evaluate(async ([url, options]) => (await fetch(url, options)).json(), /** @type {const} */ ([`/api/v1${path}`, {
    method,
    ...(body && { headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) }),
  }]));

/**
 * Changes the demo's database beside the server, and waits until the server has noticed, as a command would.
 * @param {{data: string}} demo
 * @param {string} sql must change at least one row
 * @param {(string | number)[]} values of the placeholders
 */
export async function changeDatabase({ data }, sql, values) {
  await promisify(execFile)('python3', ['-c', `
import json, sqlite3, sys
database = sqlite3.connect(sys.argv[1], timeout=10)
assert database.execute(sys.argv[2], json.loads(sys.argv[3])).rowcount > 0
database.commit()`, join(data, 'vestibule.db'), sql, JSON.stringify(values)]);
  const answer = await new Promise((resolve, reject) => {
    const socket = createConnection(join(data, 'vestibule.sock'));
    let text = '';
    socket.on('data', (part) => { text += part; });
    socket.once('end', () => resolve(text));
    socket.once('error', reject);
  });
  if (answer !== 'noted\n') throw new Error(`the server answered ${JSON.stringify(answer)}`);
}
