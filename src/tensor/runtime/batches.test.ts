import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { batches } from './batches.ts';

const tensors = (sizes: readonly number[]) =>
  sizes.map((size, i) => ({ name: `t${i}`, dtype: 'float32' as const, shape: [size] }));

describe('tensors in messages of a size', () => {
  it('keep their order, and no message is too large but for a tensor that is so itself', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 40 })), fc.integer({ min: 1, max: 100 }), (sizes, limit) => {
        const all = tensors(sizes);
        const groups = batches(all, limit);
        assert.deepEqual(groups.flat(), all);
        for (const group of groups) {
          const bytes = group.reduce((sum, { shape }) => sum + shape[0]! * 4, 0);
          assert.ok(group.length === 1 || (group.length > 1 && bytes <= limit));
        }
      }),
    );
  });

  it('go together where they fit', () => {
    assert.deepEqual(
      batches(tensors([1, 2, 3, 10, 1]), 24).map((group) => group.length),
      [3, 1, 1],
    );
  });
});
