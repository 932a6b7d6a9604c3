/** What a trained model's numbers are numbers of: the features it was fitted on, and how raw ones become those. */
import * as v from 'valibot';
import type { NamedTensor } from '../../../tensor/files/packs.ts';
import type { FeatureExtractor } from '../features/features.ts';
import type { Block } from '../reward/bayesianLinear.ts';
import type { TensorReader } from './tensorReader.ts';

const Count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

/** As `model.json` has it. */
export const StoredSpace = v.object({
  /** Of the extractor. */
  features: v.string(),
  /** Raw features. */
  size: Count,
  /** Of the features the model is fitted on. */
  blocks: v.pipe(v.array(v.object({ name: v.string(), start: Count, end: Count })), v.minLength(1)),
  /** The block that is projected; null: none is. */
  projected: v.nullable(v.object({ start: Count, end: Count, identity: v.string() })),
});
export type StoredSpace = v.InferOutput<typeof StoredSpace>;

/** A linear map of one block of raw features, the last one, onto fewer. */
export interface BlockProjection {
  readonly identity: string;
  readonly start: number;
  readonly end: number;
  /** [components, end − start], row-major. */
  readonly matrix: Float64Array;
}

export interface ModelSpace {
  readonly stored: StoredSpace;
  readonly blocks: readonly Block[];
  readonly size: number;
  readonly projection: BlockProjection | null;
  /** Raw features as the model sees them. */
  of(features: Float64Array): Float64Array;
}

/** `projection` of the last block; null: all are taken as they are. */
export function modelSpace(
  extractor: Pick<FeatureExtractor, 'identity' | 'blocks'>,
  projection: BlockProjection | null,
): ModelSpace {
  const raw = extractor.blocks.at(-1)!.end;
  const stored: StoredSpace = {
    features: extractor.identity,
    size: raw,
    blocks: projectedBlocks(extractor.blocks, projection).map((block) => ({ ...block })),
    projected: projection && { start: projection.start, end: projection.end, identity: projection.identity },
  };
  return spaceOf(stored, projection);
}

function projectedBlocks(blocks: readonly Block[], projection: BlockProjection | null): readonly Block[] {
  if (projection === null) return blocks;
  const { start, end, matrix } = projection;
  const last = blocks.at(-1)!;
  if (last.start !== start || last.end !== end) throw new RangeError('Only the last block can be projected.');
  return [...blocks.slice(0, -1), { ...last, end: start + matrix.length / (end - start) }];
}

function spaceOf(stored: StoredSpace, projection: BlockProjection | null): ModelSpace {
  const size = stored.blocks.at(-1)!.end;
  return {
    stored,
    blocks: stored.blocks,
    size,
    projection,
    of(features) {
      if (features.length !== stored.size) {
        throw new RangeError(`${features.length} features, where the model takes ${stored.size}.`);
      }
      if (projection === null) return features;
      const { start, end, matrix } = projection;
      const width = end - start;
      const result = new Float64Array(size);
      result.set(features.subarray(0, start));
      for (let row = 0; row < size - start; row += 1) {
        let sum = 0;
        for (let i = 0; i < width; i += 1) sum += matrix[row * width + i]! * features[start + i]!;
        result[start + row] = sum;
      }
      return result;
    },
  };
}

const matrixName = 'projection.matrix';

/** What of a space is a tensor. */
export const spaceTensors = ({ projection }: ModelSpace): readonly NamedTensor[] => {
  if (projection === null) return [];
  const width = projection.end - projection.start;
  const shape = [projection.matrix.length / width, width];
  return [{ name: matrixName, dtype: 'float64', shape, data: projection.matrix }];
};

/** The space of stored files. Throws `RegistryError` where it is not of this extractor's features, or contradicts itself. */
export function readSpace(
  stored: StoredSpace,
  extractor: Pick<FeatureExtractor, 'identity' | 'blocks'>,
  tensors: TensorReader,
): ModelSpace {
  const raw = extractor.blocks.at(-1)!.end;
  if (stored.features !== extractor.identity || stored.size !== raw) {
    throw tensors.failure('was trained on other features than this version of Attune computes.');
  }
  const { projected, blocks } = stored;
  let end = 0;
  for (const block of blocks) {
    if (block.start !== end || block.end < block.start)
      throw tensors.failure('has blocks that do not follow each other.');
    end = block.end;
  }
  if (projected === null) {
    if (end !== raw) throw tensors.failure('has blocks that do not cover its features.');
    return spaceOf(stored, null);
  }
  const width = projected.end - projected.start;
  if (width <= 0 || projected.end !== raw || end <= projected.start) throw tensors.failure('has no valid projection.');
  const matrix = tensors.float64(matrixName, [end - projected.start, width]);
  return spaceOf(stored, { ...projected, matrix });
}
