/** Rows of outputs written into state tensors where they lie (key-value caches), inside the runtime's process. */
import type { InferenceSession } from 'onnxruntime-node';
import { bytesOf, dtypes, type TensorData } from '../dtype.ts';
import { sizeOf } from '../graph/types.ts';
import type { Shape, StateAppend, StateBinding } from '../model.ts';
import { WorkerFailure } from './workerFailure.ts';
import type { StateEntry } from './workerState.ts';
import { dataOf, type OrtTensor } from './workerTensors.ts';

/** A StateAppend with the extents it needs. */
export interface Append extends StateAppend {
  readonly shape: Shape;
  /** Rows that a run adds. */
  readonly rows: number;
}

/** Throws a WorkerFailure when an append doesn't fit the graph's outputs or the state. */
export function resolveAppends(
  appends: readonly StateAppend[],
  bindings: readonly StateBinding[],
  session: InferenceSession,
): readonly Append[] {
  return appends.map((append) => {
    const { state, output, axis } = append;
    const target = bindings.find(({ name }) => name === state);
    if (!target || target.output !== null) {
      throw new WorkerFailure(
        'input',
        `Rows can’t be added to “${state}”: it is not a state tensor without an output.`,
      );
    }
    const made = session.outputMetadata.find(({ name }) => name === output);
    const shape = made?.isTensor ? made.shape : [];
    const fits =
      made?.isTensor &&
      made.type === dtypes[target.dtype].runtime &&
      shape.length === target.shape.length &&
      axis < shape.length &&
      shape.every((extent, i) => (i === axis ? Number(extent) <= target.shape[i]! : extent === target.shape[i]));
    if (!fits) {
      throw new WorkerFailure(
        'input',
        `The output “${output}” (${made?.isTensor ? `${made.type} [${shape.join(', ')}]` : 'missing'}) can’t be added to “${state}” (${target.dtype} [${target.shape.join(', ')}]) along axis ${axis}.`,
      );
    }
    return { ...append, shape: target.shape, rows: Number(shape[axis]) };
  });
}

/** For each append the first row, by entry of the first dimension or one for all. Throws when rows would fall outside. */
export function checkPositions(
  appends: readonly Append[],
  feeds: { readonly [name: string]: OrtTensor },
): readonly (readonly number[])[] {
  return appends.map(({ state, axis, position, rows, shape }) => {
    const positions = Array.from(dataOf(feeds[position]!) as Int32Array | BigInt64Array, Number);
    if (positions.length !== 1 && positions.length !== shape[0]) {
      throw new WorkerFailure('input', `“${position}” has ${positions.length} entries; 1 or ${shape[0]} are wanted.`);
    }
    for (const first of positions) {
      if (first < 0 || first + rows > shape[axis]!) {
        throw new WorkerFailure(
          'input',
          `“${state}” has ${shape[axis]} rows along axis ${axis}; ${rows} more at ${first} don’t fit.`,
        );
      }
    }
    return positions;
  });
}

/** Writes `data`, row-major with `rows` along the axis, over the state's rows from `positions` on. */
export function appendRows(
  { axis, rows, shape }: Append,
  entry: StateEntry,
  data: TensorData,
  positions: readonly number[],
): void {
  const source = bytesOf(data);
  const target = bytesOf(dataOf(entry.current));
  const rowBytes = sizeOf(shape.slice(axis + 1)) * dtypes[entry.dtype].bytes;
  const blocks = sizeOf(shape.slice(0, axis));
  const blocksPerPosition = blocks / positions.length;
  const blockBytes = rows * rowBytes;
  for (let block = 0; block < blocks; block++) {
    const first = positions[Math.floor(block / blocksPerPosition)]!;
    const from = block * blockBytes;
    target.set(source.subarray(from, from + blockBytes), (block * shape[axis]! + first) * rowBytes);
  }
}
