/** `manifest.json` of a checkpoint: what belongs to it, and all that is needed to go on besides tensors. */
import { createHash } from 'node:crypto';
import * as v from 'valibot';
import { ModelFileError } from './fileError.ts';

/** A checkpoint that can't be used; the message names the file in it that is at fault. */
export class CheckpointError extends ModelFileError {}

/** What JSON holds; not looked into here. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** What the caller wants to find again. */
export interface CheckpointNotes {
  /** ISO 8601. */
  readonly created: string;
  /** Optimiser steps done. */
  readonly step: number;
  readonly hyperParameters: Json;
  /** State of random generators and of the data loader. */
  readonly resume: Json;
  /** Lineage and whatever else. */
  readonly extra: Json;
}

export interface ListedFile {
  readonly name: string;
  readonly sizeBytes: number;
  /** Hexadecimal. */
  readonly sha256: string;
}

export interface CheckpointManifest extends CheckpointNotes {
  readonly version: typeof manifestVersion;
  readonly files: readonly ListedFile[];
}

export const manifestName = 'manifest.json';
const manifestVersion = 1;

const json = v.custom<Json>((value) => value !== undefined);
const manifestSchema = v.object({
  version: v.literal(manifestVersion),
  created: v.string(),
  step: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
  files: v.array(
    v.object({
      name: v.picklist(['model.safetensors', 'optimizer.safetensors']),
      sizeBytes: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
      sha256: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
    }),
  ),
  hyperParameters: json,
  resume: json,
  extra: json,
});

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** The file's text. Its last field is the SHA-256 of all others, so that a flipped digit of a random state is seen, too. */
export function encodeManifest(notes: CheckpointNotes, files: readonly ListedFile[]): string {
  const { created, step, hyperParameters, resume, extra } = notes;
  const manifest: CheckpointManifest = {
    version: manifestVersion,
    created,
    step,
    files,
    hyperParameters,
    resume,
    extra,
  };
  // What JSON can't hold (NaN, undefined) would not come back: the checksum is over what does.
  const stored = JSON.parse(JSON.stringify(manifest));
  return `${JSON.stringify({ ...stored, sha256: sha256(JSON.stringify(stored)) }, null, 1)}\n`;
}

/** Throws `CheckpointError` about the checkpoint at `folder`. */
export function parseManifest(folder: string, text: string): CheckpointManifest {
  const damaged = (problem: string) =>
    new CheckpointError(folder, `is damaged: its ${manifestName} ${problem}.`, useAnother);
  let stored: unknown;
  try {
    stored = JSON.parse(text);
  } catch {
    throw damaged('is not valid JSON');
  }
  if (typeof stored !== 'object' || stored === null) throw damaged('is not an object');
  const { sha256: checksum, ...manifest } = stored as { readonly [key: string]: unknown };
  if (typeof manifest.version === 'number' && manifest.version > manifestVersion) {
    throw new CheckpointError(folder, 'was written by a newer version of Attune.', 'Update Attune to use it.');
  }
  if (sha256(JSON.stringify(manifest)) !== checksum) throw damaged('was changed after it was written');
  const parsed = v.safeParse(manifestSchema, manifest);
  if (!parsed.success) throw damaged(`has no valid “${v.getDotPath(parsed.issues[0]) ?? 'content'}”`);
  return parsed.output;
}

/** Advice for whoever has a checkpoint that can't be used. */
export const useAnother = 'Restore it from a copy, or use an earlier checkpoint.';
