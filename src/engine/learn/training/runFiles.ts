/** What is told of a version, among its files: `run.json` for views, `report.md` for a person. */
import * as v from 'valibot';
import { TrainingRun } from '../../../protocol/training.ts';
import type { LoadedVersion } from '../registry/registry.ts';
import type { NewVersion } from '../registry/versionFolder.ts';
import { RegistryError } from '../registry/versionManifest.ts';

export const runName = 'run.json';
export const reportName = 'report.md';

export const runBytes = (run: TrainingRun): Uint8Array => Buffer.from(`${JSON.stringify(run)}\n`);

export interface Told {
  readonly run: TrainingRun;
  /** Markdown. */
  readonly report: string;
}

/** Throws `RegistryError`. */
export const toldOf = ({ manifest, files }: LoadedVersion): Told =>
  told(manifest.id, (name) => {
    const bytes = files.get(name);
    return bytes === undefined ? null : Buffer.from(bytes).toString('utf8');
  });

/** Of a version whose other files are in memory. Throws `RegistryError`. */
export const textOf = ({ id, others }: Pick<NewVersion, 'id' | 'others'>): Told =>
  told(id, (name) => {
    const pieces = others[name];
    if (pieces === undefined || Symbol.asyncIterator in pieces) return null;
    return Buffer.concat([...pieces]).toString('utf8');
  });

function told(id: string, read: (name: string) => string | null): Told {
  let content: unknown;
  try {
    content = JSON.parse(read(runName) ?? '');
  } catch {
    throw new RegistryError(id, 'damaged', `has no valid ${runName}.`);
  }
  const run = v.safeParse(TrainingRun, content);
  if (!run.success || run.output.id !== id) throw new RegistryError(id, 'damaged', `has no valid ${runName}.`);
  return { run: run.output, report: read(reportName) ?? '' };
}
