/** The demo as a process, and a browser to visit it with. */

import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { chromium } from 'playwright-core';

const BINARY = process.env.VESTIBULE_BIN ?? new URL('../../target/debug/vestibule', import.meta.url).pathname;
const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';
const FLAGS = [
  '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync',
];

/** Starts the demo on free ports; gives what it printed, and how to stop it. */
export async function startDemo() {
  const data = await mkdtemp(join(tmpdir(), 'vestibule-browser-'));
  const listen = ['--listen', '127.0.0.1:0', '--idp-listen', '127.0.0.1:0'];
  const child = spawn(BINARY, ['demo', '--json', '--data', data, ...listen], { stdio: ['ignore', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout });
  const line = await new Promise((resolve, reject) => {
    lines.once('line', resolve);
    child.once('exit', (code) => reject(new Error(`the demo ended with ${code}`)));
  });
  const stop = async () => {
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    await ended;
    await rm(data, { recursive: true, force: true });
  };
  return { ...JSON.parse(line), stop };
}

/** A headless browser. */
export const startBrowser = () => chromium.launch({ executablePath: CHROMIUM, headless: true, args: FLAGS });

/**
 * A person's own browser window; what the console complains of is gathered in `complaints`.
 * @param {import('playwright-core').Browser} browser
 * @param {import('playwright-core').BrowserContextOptions} [options]
 */
export async function visitor(browser, options) {
  const context = await browser.newContext({ viewport: { width: 1100, height: 800 }, ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(10_000);
  /** @type {string[]} */
  const complaints = [];
  page.on('console', (message) => {
    // An answer that says no is logged by the browser itself; what counts is what the page does with it.
    const refusal = message.text().startsWith('Failed to load resource');
    if (['error', 'warning'].includes(message.type()) && !refusal) complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  return { context, page, complaints };
}

/**
 * Signs in with a password.
 * @param {import('playwright-core').Page} page
 * @param {any} demo
 * @param {string} email
 */
export async function signIn(page, demo, email) {
  const person = demo.people.find((one) => one.email === email);
  await page.goto(`${demo.url}/login`);
  await page.getByLabel('E-mail').fill(email);
  await page.getByLabel('Password').fill(person.password);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.waitForURL((url) => url.pathname !== '/login');
}
