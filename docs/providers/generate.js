/**
 * Writes the guides in this folder from those of the console (static/guides): `node docs/providers/generate.js`. A test
 * fails if they differ.
 */

import './in_node.js';
import { readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const FOLDER = new URL('./', import.meta.url);
const OVERVIEW = '../identity-providers.md';
const SOURCE = new URL('../../static/', import.meta.url);
const { GUIDES } = await import(new URL('guides/providers.js', SOURCE).href);
const { picture } = await import(new URL('guides/picture.js', SOURCE).href);
const { OURS, places } = await import(new URL('guides/screen.js', SOURCE).href);
const { t } = await import(new URL('texts.js', SOURCE).href);

/** The most common faults, by the names of their fixes in the catalogue. */
const FAULTS = {
  audience: 'The audience is not our Entity ID', callback: 'The response is for another callback URL', certificate: 'The certificate in the SSO settings is not the one that the provider signs with',
  clock: 'A clock is wrong', email: 'The response has no e-mail address',
};

const SIGNS = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** @param {string} text */
const escape = (text) => text.replace(/[&<>"]/g, (sign) => SIGNS[/** @type {keyof typeof SIGNS} */ (sign)]);

/** The rules of the style sheets for the pictures, with the colours that they use, for a separate SVG file. */
function style() {
  const css = ['style.css', 'console.css'].map((name) => readFileSync(new URL(name, SOURCE), 'utf8')).join('');
  const rules = css.split('\n').filter((line) => line.startsWith('.screen')).join('\n').replaceAll(/\.screen (?=[.a-z])/g, '');
  const used = [...new Set([...rules.matchAll(/var\((--[a-z-]+)\)/g)].map(([, name]) => name))];
  const tokens = used.map((name) => /** @type {RegExpExecArray} */ (new RegExp(`^ *${name}: light-dark\\((.+), (.+)\\);$`, 'm').exec(css)));
  const set = (/** @type {number} */ n) => tokens.map((token, at) => `${used[at]}: ${token[n]};`).join(' ');
  return `:root { ${set(1)} }\n@media (prefers-color-scheme: dark) { :root { ${set(2)} } }\n${rules}`;
}

/** @param {any} shape */
function drawn(shape) {
  const { kind, name, x, y } = shape;
  if (kind === 'words') return `<text class="${name}" x="${x}" y="${y}">${escape(shape.text)}</text>`;
  if (kind === 'dot') return `<circle class="${name}" cx="${x}" cy="${y}" r="${shape.radius}"/>`;
  return `<rect class="${name}" x="${x}" y="${y}" width="${shape.width}" height="${shape.height}" rx="${shape.round}"/>`;
}

/** @param {any} it */
function file({ width, height, words, shapes }) {
  return `<svg xmlns="http://www.w3.org/2000/svg" class="screen" viewBox="0 0 ${width} ${height}" width="${width * 1.4}" role="img">
<title>${escape(words)}</title>
<style>
${style()}
</style>
${shapes.map(drawn).join('\n')}
</svg>
`;
}

/** @param {string} text */
const bold = (text) => text.replaceAll('*', '**');

/** @param {any} guide */
function page(guide) {
  const values = places(guide).map(([ours, theirs]) => `| ${OURS[ours]} | ${theirs.map((name) => `**${name}**`).join(', ')} |`);
  const steps = guide.steps.map(({ text, screen }, n) => `${n + 1}. ${bold(text)}\n\n   ![${picture(guide, screen).words}](${guide.id}-${n + 1}.svg)`);
  const faults = Object.entries(FAULTS).map(([fix, fault]) => `| ${fault} | ${t(`fix-${fix}`)} ${t(`fix-${fix}-${guide.id}`)} |`);
  const { labels } = guide;
  return `<!-- Written by generate.js from static/guides/providers.js and locales/en.ftl: change those. -->
# ${guide.name}

In Vestibule, open *Single sign-on* and choose *${guide.name}*. Our two values go into these fields in ${guide.window.replace(/^Your/, 'your')}:

| our value | field at the provider |
| --- | --- |
${values.join('\n')}

${steps.join('\n\n')}

Then load the provider’s metadata in Vestibule, ${guide.metadata === 'url' ? 'preferably by its URL' : 'as a file'}, or enter by hand *${labels.sign_on_url}*,
*${labels.idp_entity_id}* and *${labels.certificate}*. Then make a test sign-in yourself.

## When it does not work

| fault | fix |
| --- | --- |
${faults.join('\n')}

[All providers](../identity-providers.md)
`;
}

/** The overview of providers, with its list of guides: the lines after the comment `guides:`. */
function overview() {
  const list = GUIDES.map(({ id, name }) => `- [${name}](providers/${id}.md)`).join('\n');
  return readFileSync(new URL(OVERVIEW, FOLDER), 'utf8').replace(/(<!-- guides: [^>]*-->\n\n)(- .*\n)*/, (_, mark) => `${mark}${list}\n`);
}

/** All generated files: the path of each from this folder, and its text. @returns {Map<string, string>} */
export function generated() {
  const files = new Map([[OVERVIEW, overview()]]);
  for (const guide of GUIDES) {
    files.set(`${guide.id}.md`, page(guide));
    for (const [n, { screen }] of guide.steps.entries()) files.set(`${guide.id}-${n + 1}.svg`, file(picture(guide, screen)));
  }
  return files;
}

/** The same files as they are on the disk. @returns {Map<string, string>} */
export function present() {
  const names = [OVERVIEW, ...readdirSync(FOLDER).filter((name) => /\.(md|svg)$/.test(name))];
  return new Map(names.map((name) => [name, readFileSync(new URL(name, FOLDER), 'utf8')]));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const files = generated();
  for (const name of present().keys()) if (!files.has(name)) rmSync(new URL(name, FOLDER));
  for (const [name, text] of files) writeFileSync(new URL(name, FOLDER), text);
}
