/**
 * A login page around samlify's identity provider.
 * Arguments: port, our metadata file, and a folder for its key. Everybody's password is their name with "pass" behind it.
 */

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import samlify from 'samlify';

const [port, metadata, folder, signs] = process.argv.slice(2);
const base = `http://127.0.0.1:${port}`;
const [key, certificate] = [`${folder}/idp.key`, `${folder}/idp.crt`];
const EMAIL = 'urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress';

execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '30', '-subj', '/CN=samlify.test', '-keyout', key, '-out', certificate], { stdio: 'ignore' });
// Its messages are judged by Vestibule; what it receives needs no schema.
samlify.setSchemaValidator({ validate: async () => 'skipped' });

const wantAssertions = signs === 'assertion' || signs === 'both';
const sp = samlify.ServiceProvider({
  metadata: readFileSync(metadata, 'utf8').replace('WantAssertionsSigned="true"', `WantAssertionsSigned="${wantAssertions}"`),
  wantMessageSigned: signs !== 'assertion',
});
const idp = samlify.IdentityProvider({
  entityID: `${base}/metadata`,
  privateKey: readFileSync(key),
  signingCert: readFileSync(certificate),
  nameIDFormat: [EMAIL],
  requestSignatureAlgorithm: 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
  singleSignOnService: [{ Binding: 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect', Location: `${base}/sso` }],
});

/** @param {string} text */
const escape = (text) => text.replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);

/** @param {URL} url @param {URLSearchParams} form */
async function signIn(url, form) {
  const name = form.get('username');
  if (form.get('password') !== `${name}pass`) return 'wrong password';
  const request = await idp.parseLoginRequest(sp, 'redirect', { query: Object.fromEntries(url.searchParams) });
  const { context } = await idp.createLoginResponse(sp, request, 'post', { email: `${name}@acme.test` });
  const acs = sp.entityMeta.getAssertionConsumerService('post');
  return `<form method="post" action="${escape(acs)}"><input type="hidden" name="SAMLResponse" value="${context}"></form>`;
}

createServer(async (request, response) => {
  const url = new URL(request.url, base);
  let body = '';
  for await (const chunk of request) body += chunk;
  response.setHeader('content-type', 'text/html; charset=utf-8');
  if (url.pathname === '/metadata') return response.end(idp.getMetadata());
  if (request.method === 'POST') return response.end(await signIn(url, new URLSearchParams(body)));
  return response.end(`<form method="post" action="${escape(request.url)}"><input name="username"><input name="password" type="password"></form>`);
}).listen(Number(port), '127.0.0.1');
