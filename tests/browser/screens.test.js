/** The script that takes screenshots of all pages. */

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { SHOWN, shown } from './documented_screens.js';

test('docs/screens has exactly the screenshots that the documents show', async () => {
  assert.deepEqual((await readdir(SHOWN)).sort(), await shown());
});

test('the script takes screenshots of all pages, wide and narrow, light and dark', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'vestibule-screens-'));
  try {
    await promisify(execFile)(process.execPath, [new URL('screens.js', import.meta.url).pathname, folder]);
    const names = await readdir(folder);
    const screens = names.filter((name) => name.endsWith('-wide-light.png')).map((name) => name.replace('-wide-light.png', ''));
    assert.ok(screens.length >= 20, screens.join(' '));
    for (const form of ['wide-dark', 'narrow-light', 'narrow-dark']) {
      assert.ok(screens.every((screen) => names.includes(`${screen}-${form}.png`)), form);
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
