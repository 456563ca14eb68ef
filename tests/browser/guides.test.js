/** The guides: one source for the product and for docs/providers. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { generated, present } from '../../docs/providers/generate.js';
import { recognised } from '../../static/guides/guides.js';
import { picture } from '../../static/guides/picture.js';
import { GUIDES } from '../../static/guides/providers.js';
import { places, takes } from '../../static/guides/screen.js';
import { texts } from './catalogue.js';

test('docs/providers and the list of guides say what the product says: else run node docs/providers/generate.js', () => {
  const [wanted, there] = [generated(), present()];
  assert.deepEqual([...there.keys()].sort(), [...wanted.keys()].sort());
  for (const [name, text] of wanted) assert.equal(there.get(name), text, `${name}: run node docs/providers/generate.js`);
});

test('each guide asks for both of our values and brings metadata, in six pastes at most', () => {
  for (const guide of GUIDES) {
    assert.deepEqual(places(guide).map(([ours]) => ours).sort(), ['callback_url', 'entity_id'], guide.id);
    const brought = takes(guide).map((field) => field.take);
    assert.ok(brought.includes(`metadata_${guide.metadata}`), guide.id);
    const fields = places(guide).flatMap(([, labels]) => labels);
    // A file is dropped, not pasted.
    const pastes = fields.length + brought.filter((value) => value !== 'metadata_file').length;
    assert.ok(pastes <= 6, `${guide.id} asks for ${pastes} pastes`);
  }
});

test('what is in a picture stays within it, and is told in words too', () => {
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

test('a saved connection is known by either of its addresses, as the trace knows it', () => {
  for (const { product, entity_id, sign_on_url } of read('tests/recognised.json')) {
    for (const [ours, theirs] of [[entity_id, sign_on_url], [sign_on_url, entity_id]]) {
      assert.equal(recognised({ provider: 'custom', idp_entity_id: ours, sign_on_url: theirs }).id, product, `${ours}, ${theirs}`);
    }
  }
  const sign_on_url = 'https://adfs.acme.example/adfs/ls/';
  assert.equal(recognised({ provider: 'entra', sign_on_url, idp_entity_id: 'urn:acme' }).id, 'entra');
});

test('each provider with a guide has its words in the trace, in the same order, and its name', () => {
  assert.deepEqual(read('static/openapi.json').components.schemas.Product.enum, GUIDES.map(({ id }) => id));
  for (const { id, name } of GUIDES.slice(0, -1)) assert.equal(texts('en')('trace-provider', { product: id }), name);
});
