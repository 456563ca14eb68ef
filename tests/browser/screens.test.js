/** The script that takes a picture of every screen succeeds. */

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { SHOWN, shown } from './shown.js';

test('docs/screens has the pictures that the documents show, and no others', async () => {
  assert.deepEqual((await readdir(SHOWN)).sort(), await shown());
});

test('the script takes a picture of every screen, wide and narrow, light and dark', async () => {
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
