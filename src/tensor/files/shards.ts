/** The weights of a model's folder: one `model.safetensors`, or several files and an index of them. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { errorCode, listed, quoted } from './fileError.ts';
import { openSafetensors, type SafetensorsFile, type StoredTensor } from './safetensors.ts';
import { SafetensorsError } from './safetensorsHeader.ts';

/** What Hugging Face's tools name them. */
export const weightsName = 'model.safetensors';
export const indexName = 'model.safetensors.index.json';

const indexSchema = v.looseObject({ weight_map: v.record(v.string(), v.string()) });

/** File by tensor, from the text of an index. Throws `SafetensorsError` when a file would lie outside the folder. */
export function parseIndex(path: string, text: string): ReadonlyMap<string, string> {
  const again = 'Download the file again.';
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new SafetensorsError(path, 'is not valid JSON.', again);
  }
  const parsed = v.safeParse(indexSchema, json);
  if (!parsed.success) throw new SafetensorsError(path, 'has no “weight_map” of tensors to files.', again);
  const files = new Map(Object.entries(parsed.output.weight_map));
  if (files.size === 0) throw new SafetensorsError(path, 'names no tensor.', again);
  for (const file of files.values()) {
    // A bare name: no folder, no drive, no stream, nothing hidden.
    if (/^[^./\\:\0][^/\\:\0]*\.safetensors$/.test(file)) continue;
    const problem = `names ${quoted(file)}, which is no .safetensors file of the same folder.`;
    throw new SafetensorsError(path, problem, 'Do not use this model, or download it from a place you trust.');
  }
  return files;
}

/** All weights of the model in `folder`, by name; only headers are read. Rejects with `SafetensorsError`. */
export async function openWeights(folder: string): Promise<ReadonlyMap<string, StoredTensor>> {
  const single = join(folder, weightsName);
  const index = join(folder, indexName);
  let text: string;
  try {
    text = await readFile(index, 'utf8');
  } catch (error) {
    // Without an index, or with one that can't be read, the single file says what there is, or that it is missing.
    if (errorCode(error) === '') throw error;
    return (await openSafetensors(single)).tensors;
  }
  // As transformers does: the single file counts when both are there.
  const whole = await openSafetensors(single).catch((error: SafetensorsError) => {
    if (errorCode(error.cause) === 'ENOENT') return null;
    throw error;
  });
  return whole ? whole.tensors : openShards(folder, parseIndex(index, text));
}

async function openShards(
  folder: string,
  fileOf: ReadonlyMap<string, string>,
): Promise<ReadonlyMap<string, StoredTensor>> {
  const shards = new Map<string, SafetensorsFile>();
  for (const file of new Set(fileOf.values())) shards.set(file, await openSafetensors(join(folder, file)));
  const tensors = new Map<string, StoredTensor>();
  const missing: string[] = [];
  for (const [name, file] of fileOf) {
    const stored = shards.get(file)!.tensors.get(name);
    if (stored) tensors.set(name, stored);
    else missing.push(`${quoted(name)} (${file})`);
  }
  if (missing.length > 0) {
    const problem = `names tensors that its files do not hold: ${listed(missing)}.`;
    throw new SafetensorsError(join(folder, indexName), problem, 'Download the model again.');
  }
  return tensors;
}
