/** Tensors of a version by name, each checked for type, shape and finite values before anything computes with it. */

import type { NamedTensor } from '../../../tensor/files/packs.ts';
import { tensorsIn } from '../../../tensor/files/safetensors.ts';
import type { Shape } from '../../../tensor/model.ts';
import type { VersionFiles } from '../registry/registry.ts';
import { tensorsName } from '../registry/versionFolder.ts';
import { RegistryError } from '../registry/versionManifest.ts';

/** All throw `RegistryError` about the version. The arrays are copies. */
export interface TensorReader {
  float64(name: string, shape: Shape): Float64Array;
  float32(name: string, shape: Shape): Float32Array<ArrayBuffer>;
  failure(problem: string): RegistryError;
}

/** `label`: what messages call the version. */
export function tensorReader(label: string, files: VersionFiles): TensorReader {
  const failure = (problem: string, cause?: unknown): RegistryError =>
    new RegistryError(label, 'damaged', problem, cause);
  const bytes = files.get(tensorsName);
  if (bytes === undefined) throw failure(`has no ${tensorsName}.`);
  const values = valuesIn(bytes);

  function valuesIn(content: Uint8Array<ArrayBuffer>) {
    try {
      return tensorsIn(tensorsName, content).values;
    } catch (error) {
      throw failure(`has a ${tensorsName} that can’t be read.`, error);
    }
  }
  function found(name: string, dtype: 'float64' | 'float32', shape: Shape) {
    const tensor = values.get(name);
    if (tensor?.dtype !== dtype || tensor.shape.join() !== shape.join()) {
      throw failure(`has no tensor “${name}” of type ${dtype} and shape [${shape.join(', ')}].`);
    }
    return tensor.data as Float64Array | Float32Array;
  }
  const finite = <T extends Float64Array | Float32Array>(name: string, data: T): T => {
    if (!data.every(Number.isFinite)) throw failure(`has numbers in “${name}” that are not finite.`);
    return data;
  };
  return {
    float64: (name, shape) => finite(name, Float64Array.from(found(name, 'float64', shape))),
    float32: (name, shape) => finite(name, Float32Array.from(found(name, 'float32', shape))),
    failure,
  };
}

/** A tensor to be stored. */
export const float64Tensor = (name: string, shape: Shape, data: Float64Array): NamedTensor => ({
  name,
  dtype: 'float64',
  shape,
  data,
});

export const float32Tensor = (name: string, shape: Shape, data: Float32Array): NamedTensor => ({
  name,
  dtype: 'float32',
  shape,
  data,
});
