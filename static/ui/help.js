/** Links from pages to the sections of the help that explain them. */

import { t } from '../texts.js';
import { html, nothing } from '../vendor/lit-html.js';
import { icons } from './icons.js';

/** For each page, the section of the help that explains it, and its topic. @type {[RegExp, string, string][]} */
const PAGES = [
  [/^\/$|^\/workspaces$|^\/w\/[^/]+$|^\/o\/[^/]+\/workspaces$/, '/help/administration#workspaces', t('help-workspaces')],
  [/^\/w\/[^/]+\/members$/, '/help/administration#members', t('help-members')],
  [/^\/w\/[^/]+\/applications/, '/help/applications', t('applications')],
  [/^\/o\/[^/]+\/roles$/, '/help/applications#roles-and-levels', t('help-roles')],
  [/^\/o\/[^/]+\/people$/, '/help/administration#people', t('help-people')],
  [/^\/o\/[^/]+\/settings$/, '/help/administration#plans', t('help-plans')],
  [/^\/o\/[^/]+\/sso\/attempts/, '/help/identity-providers#when-it-does-not-work', t('help-failed-sign-ins')],
  [/^\/o\/[^/]+\/sso$|^\/sso-setup$/, '/help/identity-providers', t('help-setting-up-sso')],
  [/^\/o\/[^/]+\/keys$/, '/help/administration#api-keys', t('api-keys')],
  [/^\/developers$/, '/help/api', t('the-api')],
  [/\/audit$/, '/help/administration#audit-log', t('help-audit-log')],
  [/^\/account$/, '/help/administration#your-account', t('help-your-account')],
  [/^\/operator\/(organisations|operators)$/, '/help/administration#who-may-do-what', t('help-roles')],
  [/^\/operator\/plans$/, '/help/administration#plans', t('help-plans')],
  [/^\/operator\/mail$/, '/help/install#mail', t('help-mail')],
  [/^\/operator\/branding$/, '/help/administration#branding', t('help-branding')],
  [/^\/operator\/doctor$/, '/help/install#behind-a-proxy', t('help-proxy')],
];

/**
 * A link to a section of the help. It opens in another tab, so that nothing typed is lost.
 * @param {string} address
 * @param {string} topic
 */
export const helpLink = (address, topic) => html`<a class="help-link" href=${address} target="_blank" data-outside>${icons.help}
  <span aria-hidden="true">${t('help')}</span><span class="hidden">${t('help-on', { topic })}</span></a>`;

/** The help link of the pages that people open by a link in an e-mail, and of the page that asks for one. */
export const linkHelp = () => (/^\/(forgot|reset|invitation)$/.test(location.pathname) ? html`<p>${helpLink('/help/signing-in#links', t('help-links'))}</p>` : nothing);

/** The help link of the current page. */
export function pageHelp() {
  const found = PAGES.find(([pattern]) => pattern.test(location.pathname));
  return found ? helpLink(found[1], found[2]) : nothing;
}
