import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { TensorSpec, TensorValue } from '../model.ts';
import { orderFeeds, type Tensors } from './check.ts';
import { float } from './testModels.ts';

const inputs: readonly TensorSpec[] = [
  { name: 'ids', dtype: 'int64', shape: [2, 3] },
  { name: 'mask', dtype: 'float32', shape: [3] },
];
const ids: TensorValue = { dtype: 'int64', shape: [2, 3], data: new BigInt64Array(6) };
const mask = float([3], [0, 1, 0]);

describe('what is fed to a model', () => {
  it('is put in the order of the inputs, without a copy', () => {
    const ordered = orderFeeds(inputs, { mask, ids }, true);
    assert.strictEqual(ordered[0], ids.data);
    assert.strictEqual(ordered[1], mask.data);
  });

  const wrong: readonly (readonly [string, Tensors, string])[] = [
    ['a missing input', { ids }, 'The input “mask” (float32 [3]) is missing.'],
    ['an unknown input', { ids, mask, masks: mask }, 'The model has no input “masks”; its inputs are “ids”, “mask”.'],
    [
      'another shape',
      { mask, ids: { ...ids, shape: [3, 2] } },
      'The input “ids” must be int64 [2, 3]; int64 [3, 2] was given.',
    ],
    [
      'another element type',
      { ids, mask: { dtype: 'float64', shape: [3], data: new Float64Array(3) } },
      'The input “mask” must be float32 [3]; float64 [3] was given.',
    ],
    [
      'an array of another type',
      { mask, ids: { ...ids, data: new Int32Array(6) } },
      'The elements of “ids” (int64) belong in a BigInt64Array, not in an Int32Array.',
    ],
    [
      'too few elements',
      { ids, mask: float([3], [1, 2]) },
      '“mask” is float32 [3]: 3 elements are wanted, 2 were given.',
    ],
  ];
  for (const [what, feeds, message] of wrong) {
    it(`is refused with the input’s name: ${what}`, () => {
      assert.throws(() => orderFeeds(inputs, feeds, true), { name: 'ModelInputError', message });
    });
  }

  it('has to be finite unless that is not asked for', () => {
    const infinite = { ids, mask: float([3], [0, Number.NEGATIVE_INFINITY, 0]) };
    assert.throws(() => orderFeeds(inputs, infinite, true), {
      name: 'NonFiniteError',
      message: 'The input “mask” has -Infinity at element 1: nothing was run. Look at the batch.',
    });
    assert.equal(orderFeeds(inputs, infinite, false).length, 2);
    const half = (bits: number): Tensors => ({ h: { dtype: 'float16', shape: [1], data: Uint16Array.of(bits) } });
    const halfInput: readonly TensorSpec[] = [{ name: 'h', dtype: 'float16', shape: [1] }];
    for (const bits of [0x7c00, 0xfc00, 0x7e00]) {
      assert.throws(() => orderFeeds(halfInput, half(bits), true), { name: 'NonFiniteError' });
    }
    assert.equal(orderFeeds(halfInput, half(0x7bff), true).length, 1);
  });
});
