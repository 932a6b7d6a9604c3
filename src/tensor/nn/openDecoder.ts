import { type DecoderConfig, readDecoderConfig } from '../files/llamaConfig.ts';
import type { StoredTensor } from '../files/safetensors.ts';
import { openWeights } from '../files/shards.ts';
import { checkWeights, expectedWeights } from '../files/weightNames.ts';

/** A model on the disk, known to fit together; no weight has been read yet. */
export interface StoredDecoder {
  readonly folder: string;
  readonly config: DecoderConfig;
  /** Exactly those that the config asks for, in the order of the forward pass. */
  readonly weights: ReadonlyMap<string, StoredTensor>;
}

/**
 * The model in `folder` as transformers saves it: `config.json`, and `model.safetensors` or several files with an index.
 * Rejects with a `ModelFileError` that says what to do: a file is missing or damaged, the model is of a kind that can't be
 * built here, or the weights are not those of the config.
 */
export async function openDecoder(folder: string): Promise<StoredDecoder> {
  const config = await readDecoderConfig(folder);
  const found = await openWeights(folder);
  checkWeights(folder, config, found);
  // What checkWeights lets pass (tables of frequencies, a head that is the embedding) is left out.
  const weights = new Map([...expectedWeights(config).keys()].map((name) => [name, found.get(name)!]));
  return { folder, config, weights };
}
