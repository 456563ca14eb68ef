/**
 * A login page around samlify's identity provider.
 * Arguments: port, our metadata file, a folder for its key, what it signs (assertion, response or both), and optionally
 * `encrypt=` aes128-gcm, aes256-gcm or aes256-cbc, `key=rsa-1_5`, `order=` sign-then-encrypt or encrypt-then-sign, and
 * `requests=signed`. Each user's password is the user name followed by "pass".
 */

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import samlify from 'samlify';

const [port, metadata, folder, signs, ...words] = process.argv.slice(2);
const { encrypt = '', key: wrap = 'rsa-oaep-mgf1p', order, requests } = Object.fromEntries(words.map((word) => word.split('=')));
/** The namespaces of XML Encryption's algorithms: GCM was added in version 1.1. */
const XMLENC = encrypt.endsWith('gcm') ? 'http://www.w3.org/2009/xmlenc11#' : 'http://www.w3.org/2001/04/xmlenc#';
const base = `http://127.0.0.1:${port}`;
const [key, certificate] = [`${folder}/idp.key`, `${folder}/idp.crt`];
const EMAIL = 'urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress';

execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '30', '-subj', '/CN=samlify.test', '-keyout', key, '-out', certificate], { stdio: 'ignore' });
// Vestibule checks the messages that samlify sends; samlify need not check the schema of those that it receives.
samlify.setSchemaValidator({ validate: async () => 'skipped' });

const wantAssertions = signs === 'assertion' || signs === 'both';
const sp = samlify.ServiceProvider({
  metadata: readFileSync(metadata, 'utf8').replace('WantAssertionsSigned="true"', `WantAssertionsSigned="${wantAssertions}"`)
    .replace('AuthnRequestsSigned="false"', `AuthnRequestsSigned="${requests === 'signed'}"`),
  wantMessageSigned: signs !== 'assertion',
});
const idp = samlify.IdentityProvider({
  entityID: `${base}/metadata`,
  privateKey: readFileSync(key),
  signingCert: readFileSync(certificate),
  nameIDFormat: [EMAIL],
  requestSignatureAlgorithm: 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
  singleSignOnService: [{ Binding: 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect', Location: `${base}/sso${requests ? '?tenant=1' : ''}` }],
  wantAuthnRequestsSigned: requests === 'signed',
  isAssertionEncrypted: Boolean(encrypt),
  dataEncryptionAlgorithm: `${XMLENC}${encrypt}`,
  keyEncryptionAlgorithm: `http://www.w3.org/2001/04/xmlenc#${wrap}`,
});

/** @param {string} text */
const escape = (text) => text.replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);

/** @param {URL} url @param {URLSearchParams} form */
async function signIn(url, form) {
  const name = form.get('username');
  if (form.get('password') !== `${name}pass`) return 'wrong password';
  // The signature covers the parameters as they were sent, without those in the query of the endpoint.
  const octetString = /SAMLRequest=.*?(?=&Signature=|$)/.exec(url.search)?.[0];
  const request = await idp.parseLoginRequest(sp, 'redirect', { query: Object.fromEntries(url.searchParams), octetString });
  const { context } = await idp.createLoginResponse(sp, request, 'post', { email: `${name}@acme.test` }, { encryptThenSign: order === 'encrypt-then-sign' });
  const acs = sp.entityMeta.getAssertionConsumerService('post');
  return `<form method="post" action="${escape(acs)}"><input type="hidden" name="SAMLResponse" value="${context}"></form>`;
}

createServer(async (request, response) => {
  const url = new URL(request.url, base);
  let body = '';
  for await (const chunk of request) body += chunk;
  response.setHeader('content-type', 'text/html; charset=utf-8');
  if (url.pathname === '/metadata') return response.end(idp.getMetadata());
  if (request.method === 'POST') {
    return response.end(await signIn(url, new URLSearchParams(body)).catch((fault) => `refused: ${escape(String(fault))}`));
  }
  return response.end(`<form method="post" action="${escape(request.url)}"><input name="username"><input name="password" type="password"></form>`);
}).listen(Number(port), '127.0.0.1');
