/** The server's API: JSON in and out, and errors that name the fields at fault. */

import { t } from './texts.js';

/** @import { Method } from './types.js' */

/** An error response of the API. */
export class ApiError extends Error {
  /**
   * @param {number} status of HTTP; 0 if the server could not be reached
   * @param {{code: string, message: string, field?: string, fields?: {field: string, message: string}[], methods?: Method[], organisation?: string}} error
   */
  constructor(status, error) {
    super(error.message);
    this.status = status;
    this.code = error.code;
    this.field = error.field;
    /** The fields at fault, each with its message. */
    this.fields = error.fields ?? (error.field ? [{ field: error.field, message: error.message }] : []);
    this.methods = error.methods ?? [];
    /** The id of an organisation of the person's that this session has no access to. */
    this.organisation = error.organisation;
  }
}

/** An error about a field that is refused before anything is sent; the same as the server's. @param {string} field @param {string} message */
export const invalid = (field, message) => new ApiError(422, { code: 'invalid', message, field });

/** Whether an error means that there is no session, or that it has ended. @param {ApiError} error */
export const isSignedOut = (error) => ['unauthorized', 'session_over'].includes(error.code);

/**
 * The sign-in page, which redirects to `address` afterwards. A person who was signed in before is told that their session has ended.
 * @param {ApiError} error
 * @param {unknown} me the person who was signed in, if any
 * @param {string} address
 */
export const signInAddress = (error, me, address) =>
  `/login?${me || error.code === 'session_over' ? 'error=session_over&' : ''}return=${encodeURIComponent(address)}`;

/** The API path for holders of a set-up link. */
export const SETUP_LINK = '/setup-link';

/** The token of a set-up link. It is sent only with requests below `SETUP_LINK`. */
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
 * Asks a person to confirm their identity; resolves to whether they did. Replaced by `onSensitive` when the console starts.
 * @type {(path: string, methods: Method[]) => Promise<boolean>}
 */
let confirmIdentity = async () => false;

/** @param {typeof confirmIdentity} ask */
export const onSensitive = (ask) => { confirmIdentity = ask; };

/**
 * Calls the API. A sensitive change that needs a fresh sign-in is sent again after the person has confirmed their identity.
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

/** How often a request is sent again while the server is busy, and the longest wait before that. */
const RETRIES = 3;
const LONGEST_WAIT_SECONDS = 5;

/**
 * Whether the server was busy and did nothing: the error code says so, and the wait is short.
 * @param {Response} response
 * @param {number} seconds the value of Retry-After
 */
async function isBusy(response, seconds) {
  if (![429, 503].includes(response.status) || !(seconds > 0 && seconds <= LONGEST_WAIT_SECONDS)) return false;
  const answer = await response.clone().json().catch(() => ({}));
  return ['busy', 'throttled'].includes(answer.error?.code);
}

/**
 * Sends a request, and sends it again while the server is busy.
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
 * Checks that a file can be downloaded, before the browser is sent to it. Throws the same `ApiError` as other requests.
 * @param {string} path
 */
export async function checkDownload(path) {
  if ((await answered('HEAD', path)).ok) return;
  // A response to HEAD has no body, so it has no message to show.
  const response = await answered('GET', path);
  if (!response.ok) throw await refusal(response);
  await response.body?.cancel();
}

/** The OpenAPI description. Its path is beside the API's versions, not below one. */
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

/** The most rows that a page shows: more would slow down the browser. */
const MOST_ROWS = 1000;

/**
 * The items of a list, loaded page by page, at most a thousand.
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
