// npm install openid-client@6; CLIENT_SECRET=... node node.mjs
import { createServer } from "node:http";
import { randomUUID } from "node:crypto";
import * as client from "openid-client";

const ISSUER = new URL("https://login.example.com");
const REDIRECT_URI = new URL("https://app.example.com/callback");
const AFTER_SIGN_OUT = "https://app.example.com/";
const SCOPE = "openid profile email groups offline_access";

const ways = { client_secret_basic: client.ClientSecretBasic, client_secret_post: client.ClientSecretPost };
const metadata = { id_token_signed_response_alg: "RS256" };
const secret = ways["client_secret_basic"](process.env.CLIENT_SECRET);
// http is only for trying it out on this machine.
const execute = ISSUER.protocol === "http:" ? [client.allowInsecureRequests] : [];
const config = await client.discovery(ISSUER, "CLIENT_ID", metadata, secret, { execute });

// Use a database in place of this map, so that people stay signed in when the program restarts.
const sessions = new Map();
const secure = REDIRECT_URI.protocol === "https:" ? "; Secure" : "";

async function signIn(id) {
  const [code_verifier, state, nonce] = [client.randomPKCECodeVerifier(), client.randomState(), client.randomNonce()];
  sessions.set(id, { code_verifier, state, nonce });
  return client.buildAuthorizationUrl(config, {
    redirect_uri: REDIRECT_URI.href, scope: SCOPE, state, nonce,
    code_challenge: await client.calculatePKCECodeChallenge(code_verifier), code_challenge_method: "S256",
  });
}

async function finish(session, url) {
  const checks = { pkceCodeVerifier: session.code_verifier, expectedState: session.state, expectedNonce: session.nonce };
  const tokens = await client.authorizationCodeGrant(config, url, checks);
  const person = await client.fetchUserInfo(config, tokens.access_token, tokens.claims().sub);
  return { tokens, person };
}

// Asks whether the person still has access. Call it when the access token expires.
async function refresh({ tokens, person }) {
  const next = await client.refreshTokenGrant(config, tokens.refresh_token);
  return { tokens: { ...tokens, ...next }, person: await client.fetchUserInfo(config, next.access_token, person.sub) };
}

async function answer(url, id, session) {
  switch (url.pathname) {
    case "/sign-in":
      return { location: await signIn(id) };
    case REDIRECT_URI.pathname: {
      if (!session?.state) return { location: "/" };
      sessions.delete(id);
      const fresh = randomUUID();
      sessions.set(fresh, await finish(session, url));
      return { location: "/", id: fresh };
    }
    case "/sign-out": {
      sessions.delete(id);
      if (!session?.tokens) return { location: "/" };
      const hint = { id_token_hint: session.tokens.id_token, post_logout_redirect_uri: AFTER_SIGN_OUT };
      return { location: client.buildEndSessionUrl(config, hint) };
    }
    default: {
      if (!session?.person) return { text: "Not signed in. Open /sign-in." };
      const expired = url.pathname === "/refresh";
      if (expired) sessions.set(id, await refresh(session));
      return { text: JSON.stringify(sessions.get(id).person) };
    }
  }
}

createServer(async (request, response) => {
  const id = /(?:^|; )session=([0-9a-f-]{36})/.exec(request.headers.cookie ?? "")?.[1] ?? randomUUID();
  try {
    const { location, text, id: fresh = id } = await answer(new URL(request.url, REDIRECT_URI.origin), id, sessions.get(id));
    response.setHeader("Set-Cookie", `session=${fresh}; Path=/; HttpOnly; SameSite=Lax${secure}`);
    if (location) response.writeHead(303, { Location: String(location) }).end();
    else response.writeHead(200, { "Content-Type": "text/plain; charset=utf-8" }).end(text);
  } catch (error) {
    sessions.delete(id);
    response.writeHead(403, { "Content-Type": "text/plain; charset=utf-8" }).end(`Not signed in: ${error.error ?? error.message}`);
  }
}).listen(Number(process.env.PORT ?? 3000), "127.0.0.1");
