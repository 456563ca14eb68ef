/** What every OpenID provider has to do and to refuse, as openid-client sees it. `harness.js` checks the checks. */

import assert from 'node:assert/strict';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import * as oidc from 'openid-client';
import { BYE, REDIRECT } from './appliance.js';

const SCOPE = 'openid profile email offline_access';
const AUTH = { client_secret_basic: oidc.ClientSecretBasic, client_secret_post: oidc.ClientSecretPost, none: oidc.None };
const LOGOUT = 'http://schemas.openid.net/event/backchannel-logout';

/** @typedef {{id: string, secret?: string, auth: string, alg: string}} Client */
/** @typedef {ReturnType<typeof import('./appliance.js').vestibuleProvider> extends Promise<infer P> ? P : never} Provider */

/** @param {number} ms */
const pause = (ms) => new Promise((wait) => { setTimeout(wait, ms); });

/** Discovers the provider for a client. @param {{issuer: string}} provider @param {Client} client */
export function configuration({ issuer }, client, secret = client.secret) {
  const metadata = { id_token_signed_response_alg: client.alg };
  const auth = AUTH[client.auth](secret);
  return oidc.discovery(new URL(issuer), client.id, metadata, auth, { execute: [oidc.allowInsecureRequests] });
}

/** Begins a sign-in. An empty value leaves a parameter out. @param {oidc.Configuration} config @param {Record<string, string>} [changes] */
export async function begin(config, changes = {}) {
  const [pkceCodeVerifier, expectedState, expectedNonce] = [oidc.randomPKCECodeVerifier(), oidc.randomState(), oidc.randomNonce()];
  const usual = {
    redirect_uri: REDIRECT, scope: SCOPE, state: expectedState, nonce: expectedNonce,
    code_challenge: await oidc.calculatePKCECodeChallenge(pkceCodeVerifier), code_challenge_method: 'S256',
  };
  const parameters = Object.fromEntries(Object.entries({ ...usual, ...changes }).filter(([, value]) => value));
  const url = oidc.buildAuthorizationUrl(config, parameters);
  return { url, checks: { pkceCodeVerifier, expectedState, expectedNonce: parameters.nonce, idTokenExpected: true } };
}

/** Sends a browser with a request to the provider, and signs in if it asks. Returns the answer, and whether it asked. */
export async function authorize(provider, browser, config, changes = {}) {
  const begun = await begin(config, changes);
  let answer = await browser.go(begun.url.href);
  const asked = !answer.location && /type="password"/.test(answer.body);
  if (asked) answer = await provider.signIn(browser, answer);
  return { ...begun, answer, asked };
}

/** A complete sign-in. */
export async function tokens(provider, browser, config, changes = {}) {
  const { answer, asked, checks } = await authorize(provider, browser, config, changes);
  assert.ok(answer.location?.href.startsWith(REDIRECT), `no answer to the client: ${answer.url} ${answer.status} ${answer.body.slice(0, 300)}`);
  const found = await oidc.authorizationCodeGrant(config, answer.location, checks);
  return { tokens: found, claims: found.claims(), asked, location: answer.location, checks };
}

/** @param {Promise<unknown>} work @param {string} error of OAuth @param {number} [status] */
export const refused = (work, error, status) => assert.rejects(work.catch(async (fault) => {
  // A challenge is an error without a body, so that the body is still unread.
  throw fault.error ? fault : { ...await fault.response?.json(), status: fault.status, fault };
}), (fault) => {
  assert.equal(fault.error, error, fault.fault ?? fault);
  if (status) assert.equal(fault.status, status);
  return true;
});

/** The error that comes back to the client. */
async function errorOf(provider, browser, config, changes) {
  const { answer, checks } = await authorize(provider, browser, config, changes);
  assert.ok(answer.location?.href.startsWith(REDIRECT), `no answer to the client: ${answer.url} ${answer.status}`);
  // Answers to requests for the implicit flow may be in the fragment.
  const returned = new URLSearchParams((answer.location.search || answer.location.hash).slice(1));
  assert.equal(returned.get('state'), checks.expectedState);
  return returned.get('error');
}

/** Asks for a logout, and confirms it if there is a question. */
async function logOut(browser, config, parameters) {
  const answer = await browser.go(oidc.buildEndSessionUrl(config, parameters).href);
  if (answer.location || !/<form/.test(answer.body)) return { answer, confirmed: false };
  const form = browser.fill(answer, {});
  const sent = await browser.post(form, answer.url);
  return { answer: sent.location && sent.location.port !== '9' ? await browser.go(sent.location.href) : sent, confirmed: true };
}

/** @type {Record<string, (provider: any) => Promise<void>>} */
export const CHECKS = {
  'discovery names the issuer, PKCE, and the ways of the clients': async (provider) => {
    const metadata = (await configuration(provider, provider.clients.basic)).serverMetadata();
    assert.equal(metadata.issuer, provider.issuer);
    assert.ok(metadata.supportsPKCE());
    assert.ok(metadata.authorization_response_iss_parameter_supported && metadata.backchannel_logout_supported);
    for (const way of Object.keys(AUTH)) assert.ok(metadata.token_endpoint_auth_methods_supported.includes(way), way);
    assert.deepEqual(metadata.response_types_supported, ['code']);
  },

  'unknown clients and foreign redirect URIs get a page and no redirect': async (provider) => {
    const config = await configuration(provider, provider.clients.basic);
    for (const prompt of ['', 'none', 'login']) {
      for (const changes of [{ redirect_uri: 'http://127.0.0.1:9/other' }, { redirect_uri: `${REDIRECT}/..;/x` }, { client_id: 'unknown' }]) {
        const answer = await provider.browser().go((await begin(config, { prompt, ...changes })).url.href);
        assert.equal(answer.location, null, `${answer.location}`);
        assert.ok(answer.status >= 400 && answer.status < 500, `${answer.status}`);
      }
    }
  },

  'requests without PKCE, for other flows, or with a request object are refused': async (provider) => {
    const config = await configuration(provider, provider.clients.basic);
    const browser = provider.browser();
    await tokens(provider, browser, config);
    assert.equal(await errorOf(provider, browser, config, { code_challenge: '', code_challenge_method: '' }), 'invalid_request');
    assert.equal(await errorOf(provider, browser, config, { code_challenge_method: 'plain' }), 'invalid_request');
    assert.equal(await errorOf(provider, browser, config, { request: 'e30.e30.' }), 'request_not_supported');
    assert.equal(await errorOf(provider, browser, config, { request_uri: 'https://app.example/r' }), 'request_uri_not_supported');
    assert.equal(await errorOf(provider, browser, config, { response_type: 'token' }), 'unsupported_response_type');
  },

  'prompt=none without a session is login_required': async (provider) => {
    const config = await configuration(provider, provider.clients.basic);
    assert.equal(await errorOf(provider, provider.browser(), config, { prompt: 'none' }), 'login_required');
  },

  'prompt=none with a session gives the same person and time, and no page': async (provider) => {
    const config = await configuration(provider, provider.clients.basic);
    const browser = provider.browser();
    const first = await tokens(provider, browser, config, { max_age: '10000' });
    const next = await tokens(provider, browser, config, { prompt: 'none', max_age: '10000', id_token_hint: first.tokens.id_token });
    assert.ok(first.asked && !next.asked);
    assert.deepEqual([next.claims.sub, next.claims.auth_time], [first.claims.sub, first.claims.auth_time]);
  },

  'prompt=login and a max_age that has passed ask again': async (provider) => {
    const config = await configuration(provider, provider.clients.basic);
    const browser = provider.browser();
    const first = await tokens(provider, browser, config, { max_age: '10000' });
    await pause(2100);
    assert.equal(await errorOf(provider, browser, config, { prompt: 'none', max_age: '1' }), 'login_required');
    const second = await tokens(provider, browser, config, { max_age: '1' });
    assert.ok(second.asked && second.claims.auth_time > first.claims.auth_time);
    await pause(1100);
    const third = await tokens(provider, browser, config, { prompt: 'login', max_age: '10000' });
    assert.ok(third.asked && third.claims.auth_time > second.claims.auth_time);
    assert.equal((await tokens(provider, browser, config, { max_age: '10000' })).asked, false);
  },

  'a wrong secret is invalid_client': async (provider) => {
    for (const client of [provider.clients.basic, provider.clients.post]) {
      const browser = provider.browser();
      const good = await configuration(provider, client);
      const { answer, checks } = await authorize(provider, browser, good);
      const bad = await configuration(provider, client, 'wrong');
      await refused(oidc.authorizationCodeGrant(bad, answer.location, checks), 'invalid_client', 401);
      assert.ok((await oidc.authorizationCodeGrant(good, answer.location, checks)).access_token);
    }
  },

  'a code is refused with another verifier, redirect URI or client': async (provider) => {
    const { basic, post } = provider.clients;
    const [config, other] = [await configuration(provider, basic), await configuration(provider, post)];
    const browser = provider.browser();
    for (const fault of ['verifier', 'client']) {
      const { answer, checks } = await authorize(provider, browser, config);
      const changed = fault === 'verifier' ? { ...checks, pkceCodeVerifier: oidc.randomPKCECodeVerifier() } : checks;
      await refused(oidc.authorizationCodeGrant(fault === 'client' ? other : config, answer.location, changed), 'invalid_grant', 400);
    }
    const { answer, checks } = await authorize(provider, browser, config);
    const moved = new URL(answer.location.href.replace('/callback', '/elsewhere'));
    await refused(oidc.authorizationCodeGrant(config, moved, checks), 'invalid_grant', 400);
  },

  'a code that is used twice is refused, and the tokens of its first use end': async (provider) => {
    const config = await configuration(provider, provider.clients.basic);
    const first = await tokens(provider, provider.browser(), config);
    assert.ok(await oidc.fetchUserInfo(config, first.tokens.access_token, first.claims.sub));
    await refused(oidc.authorizationCodeGrant(config, first.location, first.checks), 'invalid_grant', 400);
    await assert.rejects(oidc.fetchUserInfo(config, first.tokens.access_token, first.claims.sub));
    await refused(oidc.refreshTokenGrant(config, first.tokens.refresh_token), 'invalid_grant', 400);
  },

  'a refresh token is replaced at each use, and ends its family if it is used twice': async (provider) => {
    for (const client of [provider.clients.basic, provider.clients.public]) {
      const config = await configuration(provider, client);
      const first = await tokens(provider, provider.browser(), config);
      const second = await oidc.refreshTokenGrant(config, first.tokens.refresh_token);
      assert.ok(second.refresh_token && second.refresh_token !== first.tokens.refresh_token);
      const { sub, auth_time } = second.claims() ?? first.claims;
      assert.deepEqual([sub, auth_time], [first.claims.sub, first.claims.auth_time]);
      await refused(oidc.refreshTokenGrant(config, first.tokens.refresh_token), 'invalid_grant', 400);
      await refused(oidc.refreshTokenGrant(config, second.refresh_token), 'invalid_grant', 400);
      await assert.rejects(oidc.fetchUserInfo(config, second.access_token, sub));
    }
  },

  'introspection tells a client about its own tokens, and revocation ends them': async (provider) => {
    const { basic, post } = provider.clients;
    const [config, other] = [await configuration(provider, basic), await configuration(provider, post)];
    const { tokens: made, claims } = await tokens(provider, provider.browser(), config);
    const found = await oidc.tokenIntrospection(config, made.access_token);
    assert.deepEqual([found.active, found.sub, found.client_id], [true, claims.sub, basic.id]);
    await oidc.tokenRevocation(other, made.access_token).catch(() => undefined);
    assert.equal((await oidc.tokenIntrospection(config, made.access_token)).active, true);
    await oidc.tokenRevocation(config, made.refresh_token);
    for (const token of [made.refresh_token, made.access_token]) {
      assert.equal((await oidc.tokenIntrospection(config, token)).active, false);
    }
    await refused(oidc.refreshTokenGrant(config, made.refresh_token), 'invalid_grant', 400);
    await oidc.tokenRevocation(config, 'unknown');
  },

  'a logout returns to the registered address with its state, ends the session, and tells the client': async (provider) => {
    const { told, clients: { basic } } = provider;
    const config = await configuration(provider, basic);
    const browser = provider.browser();
    const { tokens: { id_token }, claims } = await tokens(provider, browser, config);
    const { answer } = await logOut(browser, config, { id_token_hint: id_token, post_logout_redirect_uri: BYE, state: 'a & b' });
    assert.equal(answer.location?.href, `${BYE}?state=a+%26+b`);
    assert.equal(await errorOf(provider, browser, config, { prompt: 'none' }), 'login_required');
    const { token, type } = await told.next();
    assert.equal(type, 'application/x-www-form-urlencoded');
    const keys = createRemoteJWKSet(new URL(config.serverMetadata().jwks_uri));
    const expected = { issuer: provider.issuer, audience: basic.id, typ: 'logout+jwt', requiredClaims: ['iat', 'jti', 'events'] };
    const { payload } = await jwtVerify(token, keys, expected);
    assert.deepEqual([payload.sub, payload.sid, payload.nonce], [claims.sub, claims.sid, undefined]);
    assert.deepEqual(payload.events, { [LOGOUT]: {} });
  },

  'a logout never leads to an address that is not registered': async (provider) => {
    const config = await configuration(provider, provider.clients.basic);
    for (const uri of ['http://127.0.0.1:9/other', `${BYE}?x=1`]) {
      const browser = provider.browser();
      const { tokens: { id_token } } = await tokens(provider, browser, config);
      const { answer } = await logOut(browser, config, { id_token_hint: id_token, post_logout_redirect_uri: uri });
      assert.notEqual(answer.location?.port, '9');
    }
  },
};

for (const [name, nonce] of [['basic'], ['post'], ['public'], ['es256'], ['basic', 'without a nonce']]) {
  CHECKS[`the code flow of the client ${name}${nonce ? ` ${nonce}` : ''}, with PKCE, its claims and userinfo`] = async (provider) => {
    const client = provider.clients[name];
    const config = await configuration(provider, client);
    const { tokens: made, claims } = await tokens(provider, provider.browser(), config, nonce ? { nonce: '' } : {});
    assert.equal(claims.nonce === undefined, Boolean(nonce));
    const { payload, protectedHeader } = await jwtVerify(made.id_token, createRemoteJWKSet(new URL(config.serverMetadata().jwks_uri)), {
      issuer: provider.issuer, audience: client.id, algorithms: [client.alg],
    });
    assert.ok(protectedHeader.kid && payload.exp > payload.iat);
    const person = await oidc.fetchUserInfo(config, made.access_token, claims.sub);
    assert.deepEqual([person.sub, person.email], [claims.sub, 'alice@acme.test']);
  };
}
