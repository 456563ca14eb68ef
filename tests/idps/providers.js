/** Starts identity providers, configures them for an appliance, and signs people in through them. */

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { answers, freePort, start, startAppliance } from './appliance.js';

const here = (name) => new URL(name, import.meta.url).pathname;
const PYTHON = process.env.IDPS_PYTHON ?? here('.venv/bin/python');

/** The command that starts each provider, and the path of its metadata. */
export const PROVIDERS = {
  pysaml2: { command: PYTHON, script: here('idp_pysaml2.py'), metadataPath: '/metadata' },
  samlify: { command: process.execPath, script: here('idp_samlify.js'), metadataPath: '/metadata' },
  SimpleSAMLphp: { command: '/bin/sh', script: here('idp_simplesamlphp.sh'), metadataPath: '/saml2/idp/metadata.php' },
};

/** Signs in at the provider. Returns the form that its page would submit to our callback. */
export async function identify(browser, portal, name) {
  const login = await browser.visit(portal);
  const filled = browser.fill(login, { username: name, password: `${name}pass` });
  const page = await browser.post(filled, login.url);
  return { page, form: browser.fill(page, {}) };
}

/** Makes a complete sign-in. Returns the response after the last redirect. */
export async function signIn(browser, portal, name) {
  const { page, form } = await identify(browser, portal, name);
  const callback = await browser.post(form, page.url);
  if (callback.status !== 303) throw new Error(callback.body);
  return browser.visit(callback.location.href);
}

/**
 * Starts a provider that is configured with the metadata at `entityId`.
 * @param {string} provider
 * @param {string} entityId
 * @param {string[]} words options of its script: the part that it signs, and others such as `encrypt=aes128-gcm`
 */
export async function running(provider, entityId, words) {
  const { command, script, metadataPath } = PROVIDERS[provider];
  const folder = await mkdtemp(join(tmpdir(), 'vestibule-idp-'));
  await writeFile(join(folder, 'sp.xml'), await answers(entityId));
  const port = await freePort();
  const idp = start(command, [script, String(port), join(folder, 'sp.xml'), folder, ...words]);
  const metadata = await answers(`http://127.0.0.1:${port}${metadataPath}`);
  const stop = async () => {
    await idp.stop();
    await rm(folder, { recursive: true, force: true });
  };
  return { metadata, stop };
}

/**
 * Starts an appliance whose organisation Acme is connected to a provider that signs `signs`.
 * @param {string} provider
 * @param {string} signs assertion, response or both
 * @param {{words?: string[], sso?: object, flags?: string[]}} [options] `words` for the provider's script, such as `encrypt=aes128-gcm`; `sso`: further
 *   settings of the connection; `flags` of the appliance
 */
export async function connected(provider, signs, { words = [], sso = {}, flags = [] } = {}) {
  const appliance = await startAppliance(flags);
  const { alice } = appliance;
  const { entity_id: entityId } = await alice.api('GET', '/organisations/acme/sso');
  const idp = await running(provider, entityId, [signs, ...words]).catch(async (cause) => {
    // Otherwise, the process would not end.
    await appliance.stop();
    throw cause;
  });
  const { metadata } = idp;
  const saved = await alice.api('PUT', '/organisations/acme/sso', { provider: 'custom', portal_key: 'acme_SSO', metadata_xml: metadata, ...sso });
  const { organisations } = await alice.api('GET', '/me');
  const stop = async () => {
    await idp.stop();
    await appliance.stop();
  };
  return { appliance, alice, metadata, saved, portal: saved.portal_url, workspace: organisations[0].workspaces[0].id, stop };
}
