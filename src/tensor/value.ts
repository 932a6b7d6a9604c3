import { type DType, toData } from './dtype.ts';
import { sizeOf } from './graph/types.ts';
import type { Shape, TensorValue } from './model.ts';

/** Numbers as a tensor to feed, float32 unless said otherwise. Throws a RangeError when they don't fill the shape. */
export function tensorValue(values: Iterable<number>, shape: Shape, dtype: DType = 'float32'): TensorValue {
  const data = toData(values, dtype);
  if (data.length !== sizeOf(shape)) {
    throw new RangeError(`${data.length} numbers don't fill [${shape.join(', ')}].`);
  }
  return { dtype, shape, data };
}

/** The number in a tensor that holds one, as a loss does. */
export const numberIn = (value: TensorValue | undefined): number => Number(value?.data[0]);
