/** A model's weights, quantised once and kept in a file that the runtime maps. */
import { createHash } from 'node:crypto';
import { mkdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { DecoderConfig } from '../files/llamaConfig.ts';
import { openSafetensors, readFloat32, type StoredTensor } from '../files/safetensors.ts';
import { type TensorToWrite, writeSafetensors } from '../files/safetensorsWrite.ts';
import { embeddingName, expectedWeights, headName } from '../files/weightNames.ts';
import { type Bits, blockScales, blocksOf, bytesPerBlock, packBlocks } from './quantise.ts';
import { codesName, scalesName } from './quantisedWeights.ts';

export interface QuantisationScheme {
  /** Of the linear maps. The embedding and the head, which suffer more, have 8. */
  readonly bits: Bits;
}

/** Counts up when the same weights and scheme would make another file. */
const format = 1;

const bitsOf = (name: string, { bits }: QuantisationScheme): Bits =>
  name === embeddingName || name === headName ? 8 : bits;

/** What tells whether a file belongs to these weights: scheme, and of each file of theirs its name, size and time. */
async function keyOf(stored: ReadonlyMap<string, StoredTensor>, scheme: QuantisationScheme): Promise<string> {
  const files = [...new Set([...stored.values()].map(({ file }) => file))].sort();
  const facts = await Promise.all(
    files.map(async (file) => {
      const { size, mtimeMs } = await stat(file);
      return [basename(file), size, mtimeMs];
    }),
  );
  return createHash('sha256')
    .update(JSON.stringify([format, scheme, facts]))
    .digest('hex');
}

/**
 * The weights of `stored` that `config` asks for, quantised, from a file in `folder` that is written if it isn't there. Matrices
 * are as quantisedWeights.ts names them, vectors float32. Rejects with `SafetensorsError` or `DiskError`.
 */
export async function quantisedFile(
  folder: string,
  config: DecoderConfig,
  stored: ReadonlyMap<string, StoredTensor>,
  scheme: QuantisationScheme,
): Promise<ReadonlyMap<string, StoredTensor>> {
  const key = await keyOf(stored, scheme);
  const file = join(folder, `quantised-${scheme.bits}bit-${key.slice(0, 16)}.safetensors`);
  const known = await openSafetensors(file).catch(() => null);
  // A damaged file is written anew.
  if (known?.metadata.get('source') === key) return known.tensors;
  await mkdir(folder, { recursive: true });
  const tensors = [...expectedWeights(config)].flatMap(([name, shape]) =>
    quantisedTensors(stored, name, shape, scheme),
  );
  await writeSafetensors(file, tensors, { format: 'attune.quantised', source: key });
  return (await openSafetensors(file)).tensors;
}

function quantisedTensors(
  stored: ReadonlyMap<string, StoredTensor>,
  name: string,
  shape: readonly number[],
  scheme: QuantisationScheme,
): TensorToWrite[] {
  const tensor = stored.get(name);
  if (!tensor) throw new Error(`The model has no tensor “${name}”.`);
  if (shape.length !== 2) return [{ name, dtype: 'float32', shape, data: () => readFloat32(tensor) }];
  const [rows, columns] = shape as readonly [number, number];
  const bits = bitsOf(name, scheme);
  const [size, blocks] = [[rows, columns] as const, blocksOf(columns)];
  // The file has all scales before all codes: a matrix is read twice, so that one at a time is in memory.
  const scales = async () => blockScales(await readFloat32(tensor), size, bits);
  const codes = async () => {
    const values = await readFloat32(tensor);
    return packBlocks(values, size, bits, blockScales(values, size, bits));
  };
  return [
    { name: codesName(name), dtype: 'uint8', shape: [rows, blocks, bytesPerBlock(bits)], data: codes },
    { name: scalesName(name), dtype: 'float32', shape: [rows, blocks], data: scales },
  ];
}
