/** The name of a browser, read from its User-Agent: for display only, since any program can send any name. */

import { t } from '../texts.js';

// The order matters: Edge and Opera also call themselves Chrome, and Chrome also calls itself Safari.
/** @type {[RegExp, string][]} */
const BROWSERS = [[/Edg\//, 'Edge'], [/OPR\//, 'Opera'], [/Firefox\//, 'Firefox'], [/Chrom(e|ium)\//, 'Chrome'], [/Safari\//, 'Safari']];

/** @type {[RegExp, string][]} */
const SYSTEMS = [[/Android/, 'Android'], [/iPhone|iPad/, 'iOS'], [/Windows/, 'Windows'], [/Mac OS/, 'macOS'], [/CrOS/, 'ChromeOS'], [/Linux/, 'Linux']];

/**
 * @param {string} agent its User-Agent
 */
export function browserName(agent) {
  const first = (/** @type {[RegExp, string][]} */ names) => names.find(([pattern]) => pattern.test(agent))?.[1];
  const [browser, system] = [first(BROWSERS), first(SYSTEMS)];
  if (!browser) return agent.split(' ', 1)[0] || t('browser-unknown');
  return system ? t('browser-on-system', { browser, system }) : browser;
}
