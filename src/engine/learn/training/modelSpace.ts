/** What a trained model's numbers are numbers of: the features it was fitted on, and how raw ones become those. */
import * as v from 'valibot';
import type { NamedTensor } from '../../../tensor/files/packs.ts';
import type { FeatureExtractor } from '../features/features.ts';
import { type Projection, projected, projectedBlocks } from '../features/projection.ts';
import type { Block } from '../reward/bayesianLinear.ts';
import { float32Tensor, type TensorReader } from './tensorReader.ts';

const Count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

/** As `model.json` has it. */
export const StoredSpace = v.object({
  /** Of the extractor. */
  features: v.string(),
  /** Raw features. */
  size: Count,
  /** Where the projected ones begin, what the others are multiplied by, and how many directions are kept; null: all as they are. */
  projection: v.nullable(v.object({ from: Count, scale: v.pipe(v.number(), v.finite()), kept: Count })),
});
export type StoredSpace = v.InferOutput<typeof StoredSpace>;

type Extractor = Pick<FeatureExtractor, 'identity' | 'blocks'>;

export interface ModelSpace {
  readonly stored: StoredSpace;
  /** Of the features the model sees. */
  readonly blocks: readonly Block[];
  readonly size: number;
  readonly projection: Projection | null;
  /** Raw features as the model sees them. Throws a RangeError when they are of another length. */
  of(features: Float64Array): Float64Array;
}

/** `projection` null: all features are taken as they are. */
export function modelSpace({ identity, blocks: raw }: Extractor, projection: Projection | null): ModelSpace {
  const size = raw.at(-1)!.end;
  const blocks = projection ? projectedBlocks(raw, projection) : raw;
  return {
    stored: {
      features: identity,
      size,
      projection: projection && { from: projection.from, scale: projection.scale, kept: projection.shape[1] },
    },
    blocks,
    size: blocks.at(-1)!.end,
    projection,
    of(features) {
      if (features.length !== size) throw new RangeError(`${features.length} features, where the model takes ${size}.`);
      return projection ? projected(projection, features) : features;
    },
  };
}

const directionsName = 'projection.directions';

/** What of a space is a tensor. */
export const spaceTensors = ({ projection }: ModelSpace): readonly NamedTensor[] =>
  projection ? [float32Tensor(directionsName, projection.shape, projection.directions)] : [];

/** The space of stored files. Throws `RegistryError` where it is not of this extractor's features, or contradicts itself. */
export function readSpace(stored: StoredSpace, extractor: Extractor, tensors: TensorReader): ModelSpace {
  const last = extractor.blocks.at(-1)!;
  if (stored.features !== extractor.identity || stored.size !== last.end) {
    throw tensors.failure('was trained on other features than this version of Attune computes.');
  }
  if (stored.projection === null) return modelSpace(extractor, null);
  const { from, scale, kept } = stored.projection;
  if (from !== last.start || kept === 0) throw tensors.failure('has no valid projection.');
  const shape = [last.end - from, kept] as const;
  return modelSpace(extractor, { from, scale, shape, directions: tensors.float32(directionsName, shape) });
}
