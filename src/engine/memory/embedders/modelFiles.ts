/** Where a downloaded embedding model lies, which files it consists of, and what its content is. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { poolingVersion } from './semanticProtocol.ts';

/**
 * `model_quantized.onnx` is what transformers.js opens for `dtype: 'q8'` (its DEFAULT_DTYPE_SUFFIX_MAPPING). Small files come
 * first, so that a wrong model name is noticed before megabytes are loaded.
 */
export const modelFiles = [
  { name: 'config.json', required: true },
  { name: 'tokenizer_config.json', required: true },
  { name: 'special_tokens_map.json', required: false },
  { name: 'tokenizer.json', required: true },
  { name: 'onnx/model_quantized.onnx', required: true },
] as const;
export const manifestName = 'attune-model.json';

/** Written last by the download: its presence means that everything before it arrived whole. */
export const Manifest = v.object({
  model: v.string(),
  /** The commit on the hub, or the branch where the server names no commit. */
  revision: v.string(),
  files: v.array(v.object({ name: v.string(), bytes: v.number(), sha256: v.string(), modifiedMs: v.number() })),
});
export type Manifest = v.InferOutput<typeof Manifest>;

/** `owner/name` as hubs write it. Anything else could leave the cache folder, or the host. */
export function isModelName(model: string): boolean {
  return /^[\w-][\w.-]*\/[\w-][\w.-]*$/.test(model) && !model.includes('..');
}

/** Folder of one model below the cache; `model` must satisfy `isModelName`. */
export const modelFolder = (model: string, cacheDir: string): string => join(cacheDir, ...model.split('/'));

/** Null: absent or unreadable, so that it is downloaded or hashed again. */
export async function readManifest(folder: string): Promise<Manifest | null> {
  try {
    const parsed = v.safeParse(Manifest, JSON.parse(await readFile(join(folder, manifestName), 'utf8')));
    return parsed.success ? parsed.output : null;
  } catch {
    return null;
  }
}

/** SHA-256 of a file, hexadecimal, read in pieces. */
export async function sha256OfFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

/**
 * Identity of the vectors a model gives: hash of what its files contain and of how token vectors are pooled. Hashes of the
 * manifest are believed while size and time of a file are still those it was verified with; else the file is read.
 */
export async function modelIdentity(model: string, cacheDir: string): Promise<string> {
  const folder = modelFolder(model, cacheDir);
  const manifest = await readManifest(folder);
  const content = createHash('sha256').update(poolingVersion);
  for (const { name } of modelFiles) {
    const path = join(folder, name);
    const found = await stat(path).catch(() => null);
    if (!found?.isFile()) continue;
    const listed = manifest?.files.find((entry) => entry.name === name);
    const unchanged = listed && listed.bytes === found.size && listed.modifiedMs === found.mtimeMs;
    content.update(`\n${name} ${unchanged ? listed.sha256 : await sha256OfFile(path)}`);
  }
  return `semantic:${model}:${content.digest('hex')}`;
}

/** Length of the vectors, from the model's configuration. Null: not said. */
export async function hiddenSize(model: string, cacheDir: string): Promise<number | null> {
  const Config = v.object({ hidden_size: v.pipe(v.number(), v.integer(), v.minValue(1)) });
  const text = await readFile(join(modelFolder(model, cacheDir), 'config.json'), 'utf8');
  const parsed = v.safeParse(Config, JSON.parse(text));
  return parsed.success ? parsed.output.hidden_size : null;
}
