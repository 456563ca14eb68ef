/** Checks the checks: a known provider passes all of them, and fails the one that is about the fault that it is given. */

import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { test } from 'node:test';
import Provider from 'oidc-provider';
import { ALICE, BYE, Navigator, REDIRECT, receiver } from './appliance.js';
import { CHECKS } from './checks.js';

const jwk = (type, options, alg) => ({ ...generateKeyPairSync(type, options).privateKey.export({ format: 'jwk' }), alg, use: 'sig' });
const KEYS = [jwk('rsa', { modulusLength: 2048 }, 'RS256'), jwk('ec', { namedCurve: 'P-256' }, 'ES256')];
const CLIENTS = {
  basic: { id: 'basic', secret: 'a secret of the test', auth: 'client_secret_basic', alg: 'RS256' },
  post: { id: 'post', secret: 'a secret of the test', auth: 'client_secret_post', alg: 'RS256' },
  public: { id: 'public', auth: 'none', alg: 'RS256' },
  es256: { id: 'es256', secret: 'a secret of the test', auth: 'client_secret_basic', alg: 'ES256' },
};
const page = (form) => `<!doctype html><title>Test</title>${form}`;

/** Starts `oidc-provider`. @param {(provider: any) => void} [spoil] gives it a fault @param {object} [changes] of its configuration */
async function knownProvider(spoil = () => undefined, changes = {}) {
  const told = await receiver();
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const clients = Object.values(CLIENTS).map(({ id, secret, auth, alg }) => ({
    client_id: id, ...(secret && { client_secret: secret }), token_endpoint_auth_method: auth, id_token_signed_response_alg: alg,
    redirect_uris: [REDIRECT], post_logout_redirect_uris: [BYE], grant_types: ['authorization_code', 'refresh_token'],
    ...(id === 'basic' && { backchannel_logout_uri: told.uri, backchannel_logout_session_required: true }),
  }));
  const provider = new Provider(issuer, {
    clients,
    jwks: { keys: KEYS },
    cookies: { keys: ['of the test'] },
    claims: { openid: ['sub'], email: ['email'], profile: ['name'] },
    conformIdTokenClaims: false,
    responseTypes: ['code'],
    clientAuthMethods: ['client_secret_basic', 'client_secret_post', 'none'],
    pkce: { required: () => true },
    rotateRefreshToken: true,
    // The receiver of logout tokens is on this machine, which the provider's own dispatcher refuses.
    fetch: (url, { dispatcher: _strict, ...options }) => fetch(url, options),
    issueRefreshToken: (_context, client) => client.grantTypeAllowed('refresh_token'),
    findAccount: (_context, sub) => ({ accountId: sub, claims: () => ({ sub, email: sub, name: 'Alice' }) }),
    interactions: { url: (_context, { uid }) => `/sign-in/${uid}` },
    loadExistingGrant: async (context) => {
      const grant = new provider.Grant({ clientId: context.oidc.client.clientId, accountId: context.oidc.session.accountId });
      grant.addOIDCScope('openid profile email offline_access');
      await grant.save();
      return grant;
    },
    renderError: (context, out) => { context.type = 'html'; context.body = page(out.error); },
    features: {
      devInteractions: { enabled: false },
      backchannelLogout: { enabled: true },
      introspection: { enabled: true, allowedPolicy: (_context, client, token) => token.clientId === client.clientId },
      revocation: { enabled: true },
      rpInitiatedLogout: {
        enabled: true,
        logoutSource: (context, form) => { context.body = page(form.replace('</form>', '<input type="hidden" name="logout" value="yes"/></form>')); },
        postLogoutSuccessSource: (context) => { context.body = page('Signed out.'); },
      },
    },
    ...changes,
  });
  spoil(provider);
  const answer = provider.callback();
  server.on('request', async (request, response) => {
    if (!request.url.startsWith('/sign-in/')) return answer(request, response);
    if (request.method === 'POST') {
      return provider.interactionFinished(request, response, { login: { accountId: ALICE.email } }, { mergeWithLastSubmission: false });
    }
    response.setHeader('content-type', 'text/html');
    return response.end(page(`<form method="post" action="${request.url}"><input name="email"><input name="password" type="password"></form>`));
  });
  return {
    issuer, told,
    clients: CLIENTS,
    browser: () => new Navigator(issuer),
    signIn: async (browser, at) => {
      const sent = await browser.post(browser.fill(at, ALICE), at.url);
      return browser.go(sent.location.href);
    },
    stop: () => {
      told.stop();
      server.close();
      server.closeAllConnections();
    },
  };
}

for (const [name, check] of Object.entries(CHECKS)) {
  test(`a known provider passes: ${name}`, { timeout: 30_000 }, async () => {
    const provider = await knownProvider();
    await check(provider).finally(provider.stop);
  });
}

/** Changes the request before the provider reads it. */
const asking = (change) => (provider) => provider.use(async (context, next) => {
  if (context.path === '/auth') change(context);
  await next();
});
const without = (name) => asking((context) => {
  const { [name]: _gone, ...rest } = context.query;
  context.query = rest;
});

for (const [fault, spoil, changes, expected] of [
  ['follows any redirect URI', (provider) => { provider.Client.prototype.redirectUriAllowed = () => true; }, {}, /foreign redirect URIs/],
  ['follows any address after a logout', (provider) => { provider.Client.prototype.postLogoutRedirectUriAllowed = () => true; }, {}, /^a logout never leads/],
  ['needs no PKCE', undefined, { pkce: { required: () => false } }, /^requests without PKCE/],
  ['keeps refresh tokens', undefined, { rotateRefreshToken: false }, /^a refresh token is replaced/],
  ['shows a page for prompt=none', without('prompt'), {}, /^prompt=none without a session/],
  ['ignores max_age', without('max_age'), {}, /^prompt=login and a max_age/],
  ['loses the nonce', without('nonce'), {}, /^the code flow of the client basic, /],
  ['accepts any secret', (provider) => { provider.Client.prototype.compareClientSecret = () => true; }, {}, /^a wrong secret/],
  ['redeems codes again', (provider) => { provider.AuthorizationCode.prototype.consume = async () => undefined; }, {}, /^a code that is used twice/],
]) {
  test(`a provider that ${fault} fails the check for it`, { timeout: 30_000 }, async () => {
    const provider = await knownProvider(spoil, changes);
    try {
      const [name, check] = Object.entries(CHECKS).find(([one]) => expected.test(one));
      await assert.rejects(check(provider), undefined, name);
      await CHECKS['discovery names the issuer, PKCE, and the ways of the clients'](provider);
    } finally {
      provider.stop();
    }
  });
}
