import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { RadixTree } from './radixTree.ts';

const keys = fc.string({ unit: fc.constantFrom('a', 'b', '\n'), maxLength: 8 });

test('it finds exactly the keys that a text begins with, whatever was set and deleted before', () => {
  const steps = fc.array(fc.record({ key: keys, what: fc.constantFrom('set', 'set', 'delete') }), { maxLength: 60 });
  fc.assert(
    fc.property(steps, keys, (all, text) => {
      const tree = new RadixTree<{ key: string }>();
      const plain = new Map<string, { key: string }>();
      for (const { key, what } of all) {
        if (what === 'set') {
          const value = { key };
          tree.set(key, value);
          plain.set(key, value);
        } else assert.equal(tree.delete(key), plain.delete(key));
      }
      assert.equal(tree.size, plain.size);
      const expected = [...plain.values()].filter(({ key }) => text.startsWith(key));
      assert.deepEqual(
        [...tree.along(text)],
        expected.sort((a, b) => a.key.length - b.key.length),
      );
      for (const key of plain.keys()) assert.equal(tree.get(key), plain.get(key));
      assert.equal(tree.get(text), plain.get(text));
    }),
    { numRuns: 1000 },
  );
});

test('an emptied tree is as new', () => {
  const tree = new RadixTree<object>();
  for (const key of ['abc', 'abd', 'ab', '']) tree.set(key, {});
  for (const key of ['ab', '', 'abd', 'abc']) assert.ok(tree.delete(key));
  assert.deepEqual([tree.size, ...tree.along('abc')], [0]);
});
