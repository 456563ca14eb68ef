/** A minimal browser with cookies for each host, which submits forms. */

/** @param {string} text */
const unescape = (text) => text
  .replace(/&#x([0-9a-f]+);/gi, (_, code) => String.fromCharCode(parseInt(code, 16)))
  .replace(/&#(\d+);/g, (_, code) => String.fromCharCode(Number(code)))
  .replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&quot;', '"').replaceAll('&amp;', '&');

/** @param {string} tag @param {string} name */
const attribute = (tag, name) => unescape(new RegExp(`\\b${name}\\s*=\\s*["']([^"']*)["']`, 'i').exec(tag)?.[1] ?? '');

export class Browser {
  /** @param {string} home */
  constructor(home) {
    this.home = home;
    /** @type {Map<string, Map<string, string>>} */
    this.jars = new Map();
  }

  /** @param {string} address @param {RequestInit & {crossSite?: boolean}} [options] without following redirects */
  async send(address, options = {}) {
    const url = new URL(address, this.home);
    const jar = this.jars.get(url.host) ?? new Map();
    this.jars.set(url.host, jar);
    const headers = new Headers(options.headers);
    // A browser sends no Lax cookies with a POST from another site.
    if (!options.crossSite) headers.set('cookie', [...jar].map(([name, value]) => `${name}=${value}`).join('; '));
    headers.set('sec-fetch-site', options.crossSite ? 'cross-site' : 'same-origin');
    const response = await fetch(url, { ...options, headers, redirect: 'manual' });
    for (const cookie of response.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(cookie);
      if (/max-age=0/i.test(cookie)) jar.delete(name);
      else jar.set(name, value);
    }
    const location = response.headers.get('location');
    return { url, status: response.status, location: location && new URL(location, url), body: await response.text() };
  }

  /** @param {string} address follows redirects, as a browser does */
  async visit(address) {
    let answer = await this.send(address);
    for (let hops = 0; answer.location && hops < 10; hops += 1) answer = await this.send(answer.location.href);
    return answer;
  }

  /** @param {{url: URL, body: string}} page @param {Record<string, string>} values fills in the page's form; returns its action and fields */
  fill(page, values) {
    const form = /<form[^>]*>/i.exec(page.body)?.[0];
    if (!form) throw new Error(`no form at ${page.url}: ${page.body.slice(0, 300)}`);
    const inputs = page.body.match(/<input[^>]*>/gi) ?? [];
    const named = inputs.map((input) => [attribute(input, 'name'), attribute(input, 'value')]).filter(([name]) => name);
    return { action: new URL(attribute(form, 'action'), page.url), fields: new URLSearchParams({ ...Object.fromEntries(named), ...values }) };
  }

  /** @param {{action: URL, fields: URLSearchParams}} form @param {URL} from */
  post(form, from) {
    return this.send(form.action.href, { method: 'POST', body: form.fields, crossSite: form.action.host !== from.host });
  }

  /** @param {string} method @param {string} path @param {object} [body] */
  async api(method, path, body) {
    const answer = await this.send(`/api/v1${path}`, { method, body: body && JSON.stringify(body), headers: { 'content-type': 'application/json' } });
    const json = answer.body ? JSON.parse(answer.body) : {};
    if (answer.status >= 400) throw Object.assign(new Error(answer.body), { status: answer.status, code: json.error?.code });
    return json;
  }
}
