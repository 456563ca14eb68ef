/** The server's API: JSON in and out, and errors that carry the field they are about. */

import { t } from './texts.js';

/** @import { Method } from './types.js' */

/** An answer that says no. */
export class ApiError extends Error {
  /**
   * @param {number} status of HTTP; 0 where nothing answered
   * @param {{code: string, message: string, field?: string, fields?: {field: string, message: string}[], methods?: Method[], organisation?: string}} error
   */
  constructor(status, error) {
    super(error.message);
    this.status = status;
    this.code = error.code;
    this.field = error.field;
    /** Each field that is at fault. */
    this.fields = error.fields ?? (error.field ? [{ field: error.field, message: error.message }] : []);
    this.methods = error.methods ?? [];
    /** The id of an organisation of one's own that is closed to this session. */
    this.organisation = error.organisation;
  }
}

/** The refusal of a field before it is sent, as the server would refuse it. @param {string} field @param {string} message */
export const invalid = (field, message) => new ApiError(422, { code: 'invalid', message, field });

/** Whether an answer says that nobody is signed in, or nobody any longer. @param {ApiError} error */
export const isSignedOut = (error) => ['unauthorized', 'session_over'].includes(error.code);

/**
 * Where to sign in and come back to an address; somebody who was signed in before is told why they have to again.
 * @param {ApiError} error
 * @param {unknown} me who was signed in
 * @param {string} address
 */
export const signInAddress = (error, me, address) =>
  `/login?${me || error.code === 'session_over' ? 'error=session_over&' : ''}return=${encodeURIComponent(address)}`;

/** Where the bearer of a set-up link is heard. */
export const SETUP_LINK = '/setup-link';

/** The token of a set-up link; it goes with that page's own requests alone. */
let setupToken = '';

/** @param {string} token */
export const useSetupLink = (token) => { setupToken = token; };

/** @param {string} path @param {object} [body] @returns {Record<string, string>} */
function headers(path, body) {
  return {
    ...(body && { 'content-type': 'application/json' }),
    ...(setupToken && path.startsWith(`${SETUP_LINK}/`) && { authorization: `SetupLink ${setupToken}` }),
  };
}

/**
 * Asks a person to confirm who they are; says whether they did. Nobody asks before the console is there.
 * @type {(path: string, methods: Method[]) => Promise<boolean>}
 */
let confirmIdentity = async () => false;

/** @param {typeof confirmIdentity} ask */
export const onSensitive = (ask) => { confirmIdentity = ask; };

/**
 * Calls the API. A sensitive change that wants a fresh sign-in is repeated after the person has confirmed who they are.
 * @param {string} method
 * @param {string} path under /api/v1
 * @param {object} [body]
 */
async function call(method, path, body) {
  try {
    return await send(method, path, body);
  } catch (error) {
    const asked = error instanceof ApiError && error.code === 'reauthentication_required';
    if (!asked) throw error;
    if (!(await confirmIdentity(path, error.methods))) {
      throw new ApiError(0, { code: 'not_confirmed', message: t('api-not-confirmed') });
    }
    return send(method, path, body);
  }
}

/** How often a request that came while the server was busy is sent again, and the longest wait before it. */
const RETRIES = 3;
const LONGEST_WAIT_SECONDS = 5;

/**
 * Whether the server was busy and did nothing: it says so by its code, and after how many seconds to send the request again.
 * @param {Response} response
 * @param {number} seconds
 */
async function isBusy(response, seconds) {
  if (![429, 503].includes(response.status) || !(seconds > 0 && seconds <= LONGEST_WAIT_SECONDS)) return false;
  const answer = await response.clone().json().catch(() => ({}));
  return ['busy', 'throttled'].includes(answer.error?.code);
}

/**
 * Sends a request, and sends it again where the server was busy.
 * @param {string} method
 * @param {string} path
 * @param {object} [body]
 */
async function fetched(method, path, body) {
  for (let sent = 1; ; sent += 1) {
    const response = await fetch(`/api/v1${path}`, {
      method,
      headers: headers(path, body),
      body: body && JSON.stringify(body),
    });
    const seconds = Number(response.headers.get('retry-after'));
    if (sent > RETRIES || !(await isBusy(response, seconds))) return response;
    await new Promise((resolve) => { setTimeout(resolve, seconds * 1000); });
  }
}

/**
 * @param {string} method
 * @param {string} path
 * @param {object} [body]
 */
async function answered(method, path, body) {
  try {
    return await fetched(method, path, body);
  } catch {
    throw new ApiError(0, { code: 'offline', message: t('api-offline') });
  }
}

/**
 * @param {string} method
 * @param {string} path
 * @param {object} [body]
 */
async function send(method, path, body) {
  const response = await answered(method, path, body);
  if (response.ok) return response.status === 204 ? {} : response.json();
  throw await refusal(response);
}

/** @param {Response} response */
async function refusal(response) {
  const answer = await response.json().catch(() => ({}));
  return new ApiError(response.status, answer.error ?? { code: 'unknown', message: t('api-answered', { status: response.status }) });
}

/**
 * Whether a file can be had, before the browser is sent for it: what is refused is refused as everywhere.
 * @param {string} path
 */
export async function canBeHad(path) {
  if ((await answered('HEAD', path)).ok) return;
  // The answer to HEAD has no words.
  const response = await answered('GET', path);
  if (!response.ok) throw await refusal(response);
  await response.body?.cancel();
}

/** The API's own description, which stands beside its versions. */
export const description = () => call('GET', '/../openapi.json');
/** @param {string} path */
export const get = (path) => call('GET', path);
/** @param {string} path @param {object} [body] */
export const post = (path, body = {}) => call('POST', path, body);
/** @param {string} path @param {object} body */
export const put = (path, body) => call('PUT', path, body);
/** @param {string} path @param {object} body */
export const patch = (path, body) => call('PATCH', path, body);
/** @param {string} path */
export const remove = (path) => call('DELETE', path);

/** The most rows that a page shows; a browser stays quick up to there. */
const MOST_ROWS = 1000;

/**
 * A list, page by page, up to a thousand rows.
 * @param {string} path
 */
export async function list(path) {
  const items = [];
  const joint = path.includes('?') ? '&' : '?';
  let cursor = '';
  do {
    const page = await get(`${path}${joint}limit=200&cursor=${encodeURIComponent(cursor)}`);
    items.push(...page.items);
    cursor = page.next;
  } while (cursor && items.length < MOST_ROWS);
  return items;
}
