/** The guides for identity providers, from which the console's guides and docs/providers are made. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { generated, present } from '../../docs/providers/generate.js';
import { recognised } from '../../static/guides/guides.js';
import { picture } from '../../static/guides/picture.js';
import { GUIDES } from '../../static/guides/providers.js';
import { places, takes } from '../../static/guides/screen.js';
import { texts } from './catalogue.js';

test('docs/providers and its list are up to date (otherwise run node docs/providers/generate.js)', () => {
  const [wanted, onDisk] = [generated(), present()];
  assert.deepEqual([...onDisk.keys()].sort(), [...wanted.keys()].sort());
  for (const [name, text] of wanted) assert.equal(onDisk.get(name), text, `${name}: run node docs/providers/generate.js`);
});

test('each guide enters both of our values and copies the provider’s metadata, with six pastes at most', () => {
  for (const guide of GUIDES) {
    assert.deepEqual(places(guide).map(([ours]) => ours).sort(), ['callback_url', 'entity_id'], guide.id);
    const brought = takes(guide).map((field) => field.take);
    assert.ok(brought.includes(`metadata_${guide.metadata}`), guide.id);
    const fields = places(guide).flatMap(([, labels]) => labels);
    // The metadata file is dropped and not pasted.
    const pastes = fields.length + brought.filter((value) => value !== 'metadata_file').length;
    assert.ok(pastes <= 6, `${guide.id} asks for ${pastes} pastes`);
  }
});

test('the content of each picture is inside it, and is described in words', () => {
  for (const guide of GUIDES) {
    for (const { screen } of guide.steps) {
      const { width, height, words, shapes } = picture(guide, screen);
      for (const part of [guide.window, screen.title, ...(screen.fields ?? []).map(({ label }) => label)]) assert.ok(words.includes(part), words);
      for (const shape of shapes) {
        const right = shape.x + (shape.kind === 'box' ? shape.width : 0);
        assert.ok(shape.x >= 0 && right <= width && shape.y <= height, `${guide.id}, ${screen.title}: ${JSON.stringify(shape)}`);
      }
    }
  }
});

/** @param {string} path */
const read = (path) => JSON.parse(readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8'));

test('the provider of a saved connection is recognised by either of its addresses, as in the trace', () => {
  for (const { product, entity_id, sign_on_url } of read('tests/recognised.json')) {
    for (const [ours, theirs] of [[entity_id, sign_on_url], [sign_on_url, entity_id]]) {
      assert.equal(recognised({ provider: 'custom', idp_entity_id: ours, sign_on_url: theirs }).id, product, `${ours}, ${theirs}`);
    }
  }
  const sign_on_url = 'https://adfs.acme.example/adfs/ls/';
  assert.equal(recognised({ provider: 'entra', sign_on_url, idp_entity_id: 'urn:acme' }).id, 'entra');
});

test('the providers with a guide are those that the trace names, in the same order', () => {
  assert.deepEqual(read('static/openapi.json').components.schemas.Product.enum, GUIDES.map(({ id }) => id));
  for (const { id, name } of GUIDES.slice(0, -1)) assert.equal(texts('en')('trace-provider', { product: id }), name);
});
