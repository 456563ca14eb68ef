/** The screenshots that the documents show. */

import { readFile, readdir } from 'node:fs/promises';

const ROOT = new URL('../../', import.meta.url);

/** The folder that contains exactly these screenshots. */
export const SHOWN = new URL('docs/screens/', ROOT);

/** The sorted names of the screenshots that README.md and docs/*.md link to. */
export async function shown() {
  const documents = (await readdir(new URL('docs/', ROOT))).filter((name) => name.endsWith('.md')).map((name) => `docs/${name}`);
  const texts = await Promise.all(['README.md', ...documents].map((name) => readFile(new URL(name, ROOT), 'utf8')));
  return [...new Set(texts.flatMap((text) => [...text.matchAll(/screens\/([\w-]+\.webp)/g)].map(([, name]) => name)))].sort();
}
