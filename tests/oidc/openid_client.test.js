/** Vestibule as openid-client sees it: flows, refusals, keys that change, and a server that is killed. */

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import * as oidc from 'openid-client';
import { connected, identify, signIn } from '../idps/providers.js';
import { Navigator, makeClient, vestibuleProvider } from './appliance.js';
import { CHECKS, authorize, begin, configuration, refused, tokens } from './checks.js';

describe('Vestibule', () => {
  /** @type {Awaited<ReturnType<typeof vestibuleProvider>>} */
  let provider;

  before(async () => {
    provider = await vestibuleProvider();
  });

  after(() => provider?.stop());

  for (const [name, check] of Object.entries(CHECKS)) test(name, () => check(provider));

  test('a client that sends its secret in another way than its own is invalid_client', async () => {
    const { basic, post } = provider.clients;
    for (const [client, auth] of [[basic, 'client_secret_post'], [post, 'client_secret_basic'], [basic, 'none']]) {
      const { answer, checks } = await authorize(provider, provider.browser(), await configuration(provider, client));
      const other = await configuration(provider, { ...client, auth });
      await refused(oidc.authorizationCodeGrant(other, answer.location, checks), 'invalid_client', 401);
    }
  });

  test('tokens and a logout hint stay valid when the keys are rotated, and new ID tokens have another key', async () => {
    for (const name of ['basic', 'es256']) {
      const config = await configuration(provider, provider.clients[name]);
      const browser = provider.browser();
      const { answer, checks } = await authorize(provider, browser, config);
      const first = await tokens(provider, browser, config);
      await provider.vestibule.command('oidc', 'rotate-keys');
      assert.ok(await oidc.fetchUserInfo(config, first.tokens.access_token, first.claims.sub));
      const late = await oidc.authorizationCodeGrant(config, answer.location, checks);
      const next = await oidc.refreshTokenGrant(config, first.tokens.refresh_token);
      const kid = (token) => JSON.parse(Buffer.from(token.split('.')[0], 'base64url').toString()).kid;
      assert.equal(new Set([first, { tokens: late }].map((one) => kid(one.tokens.id_token))).size, 2);
      assert.equal(kid(next.id_token), kid(late.id_token));
      const { keys } = await (await fetch(config.serverMetadata().jwks_uri)).json();
      for (const token of [first.tokens.id_token, late.id_token]) assert.ok(keys.some((key) => key.kid === kid(token)));
      const hint = oidc.buildEndSessionUrl(config, { id_token_hint: first.tokens.id_token, post_logout_redirect_uri: 'http://127.0.0.1:9/bye' });
      assert.equal((await browser.go(hint.href)).location?.href, 'http://127.0.0.1:9/bye');
    }
  });

  test('what was revoked or used stays so when the server is killed and started again', async () => {
    const config = await configuration(provider, provider.clients.basic);
    const [revoked, used, kept] = [
      await tokens(provider, provider.browser(), config),
      await tokens(provider, provider.browser(), config),
      await tokens(provider, provider.browser(), config),
    ];
    const next = await oidc.refreshTokenGrant(config, used.tokens.refresh_token);
    await oidc.tokenRevocation(config, revoked.tokens.refresh_token);
    await provider.vestibule.killAndStart();
    for (const token of [revoked.tokens.refresh_token, used.tokens.refresh_token, next.refresh_token]) {
      await refused(oidc.refreshTokenGrant(config, token), 'invalid_grant', 400);
    }
    await refused(oidc.authorizationCodeGrant(config, kept.location, kept.checks), 'invalid_grant', 400);
    for (const { access_token } of [revoked.tokens, kept.tokens, next]) {
      assert.equal((await oidc.tokenIntrospection(config, access_token)).active, false);
    }
    assert.ok((await tokens(provider, provider.browser(), config)).tokens.access_token);
  });

  test('a person without access gets a page, and the client access_denied without a page', async () => {
    const { vestibule: { alice, issuer } } = provider;
    const gil = { email: 'gil@globex.test', password: 'violet tractor lagoon' };
    const { invitation } = await alice.api('POST', '/organisations', { name: 'Globex', plan: 'business', admin_email: gil.email });
    const accept = new URL(invitation.accept_url);
    const token = accept.searchParams.get('token') ?? accept.hash.replace(/^#(token=)?/, '');
    const browser = new Navigator(issuer);
    await browser.api('POST', '/invitations/accept', { token, name: 'Gil', password: gil.password });
    const config = await configuration(provider, provider.clients.basic);
    const { url } = await begin(config);
    const page = await browser.go(url.href);
    assert.equal(page.url.origin, issuer);
    assert.ok(!page.location, `${page.location}`);
    const { answer } = await authorize(provider, browser, config, { prompt: 'none' });
    assert.equal(answer.location?.searchParams.get('error'), 'access_denied');
  });
});

test('under SAML-only, a request leads to the identity provider, and its person arrives at the client', async () => {
  const { appliance, alice, portal, workspace, stop } = await connected('samlify', 'both');
  try {
    await signIn(alice, `${portal}&test=1&return=/account`, 'alice');
    await alice.api('PUT', '/organisations/acme/sso/saml-only', { enabled: true });
    const client = await makeClient({ alice, workspace }, 'Wiki', {});
    const config = await configuration({ issuer: appliance.url }, client);
    await alice.api('POST', `/workspaces/${workspace}/invitations`, { email: 'bob@acme.test', role: 'power_user' });
    const bob = new Navigator(appliance.url);
    const { url, checks } = await begin(config);
    const { page, form } = await identify(bob, url.href, 'bob');
    const callback = await bob.post(form, page.url);
    const { location } = await bob.go(callback.location.href);
    const made = await oidc.authorizationCodeGrant(config, location, checks);
    const { acr, email, email_verified: verified } = made.claims();
    assert.deepEqual([acr, email, verified], ['saml', 'bob@acme.test', true]);
    // The next request needs no page.
    assert.equal((await bob.go((await begin(config, { prompt: 'none' })).url.href)).location.searchParams.has('code'), true);
    const { items } = await alice.api('GET', `/workspaces/${workspace}/members`);
    await alice.api('DELETE', `/workspaces/${workspace}/members/${items.find((one) => one.email === 'bob@acme.test').user}`);
    await refused(oidc.refreshTokenGrant(config, made.refresh_token), 'invalid_grant', 400);
    await assert.rejects(oidc.fetchUserInfo(config, made.access_token, made.claims().sub));
  } finally {
    await stop();
  }
});
