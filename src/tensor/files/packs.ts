/** Parameters that lie one after another in a flat vector (as the optimiser sees them), and by their own names (as files do). */

import type { TensorData } from '../dtype.ts';
import type { PackLayout, Shape, TensorSpec } from '../model.ts';
import { asFloat32 } from './safetensors.ts';
import { misfit } from './weightNames.ts';

export interface NamedTensor extends TensorSpec {
  readonly data: TensorData;
}

const elementsOf = (shape: Shape): number => shape.reduce((product, size) => product * size, 1);

/** The parameters as views of the vectors, which are not copied. Throws `TypeError` when a vector has another length. */
export function splitPacks(
  layouts: readonly PackLayout[],
  packs: ReadonlyMap<string, Float32Array>,
): readonly NamedTensor[] {
  return layouts.flatMap((layout) => {
    const vector = packs.get(layout.pack);
    if (vector?.length !== layout.size) {
      throw new TypeError(`Pack ${layout.pack} has ${vector?.length ?? 'no'} elements instead of ${layout.size}.`);
    }
    return layout.parameters.map(({ name, shape, offset }) => {
      const data = vector.subarray(offset, offset + elementsOf(shape));
      return { name, dtype: 'float32' as const, shape, data };
    });
  });
}

/**
 * New vectors from the parameters that were read from `file` (for messages). Throws `WeightsError` when they are not
 * exactly those of the layouts. Elements that belong to no parameter are 0.
 */
export function joinPacks(
  file: string,
  layouts: readonly PackLayout[],
  tensors: readonly NamedTensor[],
): ReadonlyMap<string, Float32Array> {
  const unused = new Map(tensors.map((tensor) => [tensor.name, tensor]));
  const missing: string[] = [];
  const wrong: string[] = [];
  const packs = new Map<string, Float32Array>();
  for (const layout of layouts) {
    const vector = new Float32Array(layout.size);
    packs.set(layout.pack, vector);
    for (const { name, shape, offset } of layout.parameters) {
      const tensor = unused.get(name);
      unused.delete(name);
      if (!tensor) missing.push(name);
      else if (`${tensor.shape}` !== `${shape}`) wrong.push(`${name} is [${tensor.shape}] instead of [${shape}]`);
      else {
        const floats = asFloat32(tensor.dtype, tensor.data);
        if (floats) vector.set(floats, offset);
        else wrong.push(`${name} holds ${tensor.dtype} instead of a float type`);
      }
    }
  }
  const error = misfit(file, 'the model that is to go on with it', { missing, wrong, unexpected: [...unused.keys()] });
  if (error) throw error;
  return packs;
}
