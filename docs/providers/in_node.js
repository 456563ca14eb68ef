/** Lets Node import modules of the web UI, with the texts of locales/en.ftl. Must be imported before them. */

import { readFileSync } from 'node:fs';
import { register } from 'node:module';

const LANGUAGE = 'en';
const catalogue = readFileSync(new URL(`../../locales/${LANGUAGE}.ftl`, import.meta.url), 'utf8');
const texts = `data:text/javascript,${encodeURIComponent(`export default ${JSON.stringify(catalogue)};`)}`;
const hook = `export const resolve = (name, context, next) => (name === './locales/${LANGUAGE}.js'
  ? { url: ${JSON.stringify(texts)}, format: 'module', shortCircuit: true } : next(name, context));`;

register(`data:text/javascript,${encodeURIComponent(hook)}`);
Object.assign(globalThis, { document: { documentElement: { lang: LANGUAGE } } });
