/** A demo and a browser for all tests of a file. */

import { after, before } from 'node:test';
import { startBrowser, startDemo } from './demo.js';

/** The demo, while tests run. @type {Awaited<ReturnType<typeof startDemo>>} */
export let demo;
/** The browser, while tests run. @type {Awaited<ReturnType<typeof startBrowser>>} */
export let browser;

/**
 * Starts the demo and the browser before the first test of the file, and stops them after the last one.
 * @param {string[]} [flags] of the demo
 */
export function runDemo(flags) {
  before(async () => {
    demo = await startDemo(flags);
    browser = await startBrowser();
  });
  after(async () => {
    await browser.close();
    await demo.stop();
  });
}
