/** `manifest.json` of a trained version: where it comes from, how good it is, which files belong to it. It never changes. */
import { createHash } from 'node:crypto';
import * as v from 'valibot';
import { Id } from '../../../protocol/episode.ts';
import { ModelFileError } from '../../../tensor/files/fileError.ts';
import { versionKinds } from './lifecycle.ts';

/** A version or a state that can't be used; the message says what is wrong and what to do. */
export class RegistryError extends ModelFileError {
  /** `newer`: it was written by a later version of Attune, and must be left as it is. */
  readonly reason: 'damaged' | 'newer';

  constructor(file: string, reason: RegistryError['reason'], problem: string, cause?: unknown) {
    super(
      file,
      problem,
      reason === 'newer' ? 'Update Attune to use it.' : 'Train again, or use another version.',
      cause,
    );
    this.reason = reason;
  }
}

const Count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const Sha256 = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/));

/** A figure between its bounds; null: not defined, or not known. */
export const Metric = v.object({
  value: v.nullable(v.number()),
  low: v.nullable(v.number()),
  high: v.nullable(v.number()),
});
export type Metric = v.InferOutput<typeof Metric>;

/** No path, and no name that Windows reserves or the folder uses itself. */
export const FileName = v.pipe(
  v.string(),
  v.regex(/^[a-zA-Z][\w-]{0,60}\.(safetensors|json|txt|md)$/),
  v.check((name) => name !== 'manifest.json'),
);

export const manifestVersion = 1;
const json = v.custom<unknown>((value) => value !== undefined);
export const VersionManifest = v.object({
  version: v.literal(manifestVersion),
  id: Id,
  kind: v.picklist(versionKinds),
  parent: v.nullable(Id),
  dependsOn: v.array(Id),
  /** Milliseconds since the epoch. */
  created: Count,
  /** What it was trained on: see `fingerprintOf`. */
  data: v.object({ sha256: Sha256, episodes: Count, ratings: Count, events: Count }),
  hyperParameters: json,
  metrics: v.record(v.string(), Metric),
  seeds: v.array(v.number()),
  /** Of the table of features it reads; null: it reads none. */
  featureVersion: v.nullable(Count),
  files: v.array(v.object({ name: FileName, sizeBytes: Count, sha256: Sha256 })),
});
export type VersionManifest = v.InferOutput<typeof VersionManifest>;

export const sha256Of = (content: string | Uint8Array): string => createHash('sha256').update(content).digest('hex');

/** JSON whose last field is the SHA-256 of all others, so that a flipped digit is seen. */
export function encodeChecked(content: object): string {
  // What JSON can't hold would not come back: the checksum is over what does.
  const stored = JSON.parse(JSON.stringify(content));
  return `${JSON.stringify({ ...stored, sha256: sha256Of(JSON.stringify(stored)) }, null, 1)}\n`;
}

/** What `encodeChecked` made of a `schema`. Throws `RegistryError` about `file`. */
export function parseChecked<S extends v.GenericSchema<unknown, { readonly version: number }>>(
  file: string,
  text: string,
  schema: S,
  newest: number,
): v.InferOutput<S> {
  const damaged = (problem: string) => new RegistryError(file, 'damaged', problem);
  let stored: unknown;
  try {
    stored = JSON.parse(text);
  } catch {
    throw damaged('is damaged: it is not valid JSON.');
  }
  if (typeof stored !== 'object' || stored === null) throw damaged('is damaged: it is not an object.');
  const { sha256, ...content } = stored as { readonly [key: string]: unknown };
  if (typeof content.version === 'number' && content.version > newest) {
    throw new RegistryError(file, 'newer', 'was written by a newer version of Attune.');
  }
  if (sha256Of(JSON.stringify(content)) !== sha256) throw damaged('was changed after it was written.');
  const parsed = v.safeParse(schema, content);
  if (!parsed.success) throw damaged(`has no valid “${v.getDotPath(parsed.issues[0]) ?? 'content'}”.`);
  return parsed.output;
}
