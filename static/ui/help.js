/** Links from pages to the sections of the help that explain them. */

import { html, nothing } from '../vendor/lit-html.js';
import { icons } from './icons.js';

/** Where a page is explained, and what the section is about. @type {[RegExp, string, string][]} */
const PAGES = [
  [/^\/$|^\/workspaces$|^\/w\/[^/]+$|^\/o\/[^/]+\/workspaces$/, '/help/administration#workspaces', 'workspaces'],
  [/^\/w\/[^/]+\/members$/, '/help/administration#members', 'members'],
  [/^\/o\/[^/]+\/people$/, '/help/administration#people', 'people'],
  [/^\/o\/[^/]+\/settings$/, '/help/administration#plans', 'plans'],
  [/^\/o\/[^/]+\/sso\/attempts/, '/help/identity-providers#when-it-does-not-work', 'failed sign-ins'],
  [/^\/o\/[^/]+\/sso$|^\/sso-setup$/, '/help/identity-providers', 'setting up single sign-on'],
  [/^\/o\/[^/]+\/keys$/, '/help/administration#api-keys', 'API keys'],
  [/^\/developers$/, '/help/api', 'the API'],
  [/\/audit$/, '/help/administration#audit-log', 'the audit log'],
  [/^\/account$/, '/help/administration#your-account', 'your account'],
  [/^\/operator\/(organisations|operators)$/, '/help/administration#who-may-do-what', 'roles'],
  [/^\/operator\/plans$/, '/help/administration#plans', 'plans'],
  [/^\/operator\/mail$/, '/help/install#mail', 'mail'],
  [/^\/operator\/branding$/, '/help/administration#branding', 'branding'],
  [/^\/operator\/doctor$/, '/help/install#behind-a-proxy', 'the proxy in front'],
];

/**
 * A link to a section of the help. It opens in another tab, so that nothing typed is lost.
 * @param {string} address
 * @param {string} topic
 */
export const helpLink = (address, topic) => html`<a class="help-link" href=${address} target="_blank" data-outside>${icons.help}<span>Help<span class="hidden">
  on ${topic} (opens in a new tab)</span></span></a>`;

/** The link of a page that people reach by a link in an e-mail, or on the way to one. */
export const linkHelp = () => (/^\/(forgot|reset|invitation)$/.test(location.pathname) ? html`<p>${helpLink('/help/signing-in#links', 'links in e-mails')}</p>` : nothing);

/** The link of the page that is on the screen. */
export function pageHelp() {
  const found = PAGES.find(([pattern]) => pattern.test(location.pathname));
  return found ? helpLink(found[1], found[2]) : nothing;
}
