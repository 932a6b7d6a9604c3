import { dtypes } from '../dtype.ts';
import { sizeOf } from '../graph/types.ts';
import type { TensorSpec } from '../model.ts';

/** Serialising a message takes its size once more, so many tensors go in several. */
const messageBytes = 32 * 2 ** 20;

/** Tensors in order, in groups of a size to send; a larger one goes alone. */
export function batches<T extends TensorSpec>(
  tensors: readonly T[],
  limitBytes = messageBytes,
): readonly (readonly T[])[] {
  const groups: T[][] = [];
  let room = 0;
  for (const tensor of tensors) {
    const bytes = sizeOf(tensor.shape) * dtypes[tensor.dtype].bytes;
    if (groups.length === 0 || bytes > room) {
      groups.push([]);
      room = limitBytes;
    }
    groups.at(-1)!.push(tensor);
    room -= bytes;
  }
  return groups;
}
