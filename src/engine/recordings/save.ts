import { dirname } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { type Recording, recordingLines } from '../../protocol/recording.ts';
import type { WorkspaceFolder } from '../../protocol/rpc.ts';
import type { Ids } from '../clock.ts';
import { type StoreFiles, writeNew } from '../memory/files.ts';
import { diskError } from '../memory/storeError.ts';
import type { IgnoreRules } from '../workspace/ignore.ts';
import { permitted } from './permitted.ts';
import { redactRecording } from './redactRecording.ts';

export interface SavedRecording {
  readonly entries: number;
  readonly bytes: number;
  /** Characters. */
  readonly masked: number;
  /** Documents left out. */
  readonly excluded: number;
}

/** Writes a recording to `path`, which holds its old content until all of the new is on the disk. Rejects as the disk does. */
export async function saveRecording(
  path: string,
  given: Recording,
  options: {
    readonly folders: readonly WorkspaceFolder[];
    readonly rules: Pick<IgnoreRules, 'excluded'>;
    readonly files: StoreFiles;
    readonly ids: Ids;
  },
): Promise<SavedRecording> {
  const { files, ids } = options;
  const { recording: allowed, excluded } = permitted(given, options);
  const { recording, masked } = await redactRecording(allowed, () => nextTurn());
  const bytes = Buffer.from(recordingLines(recording));
  const draft = `${path}.${ids()}.tmp`;
  try {
    await writeNew(files, draft, [bytes]);
    await files.rename(draft, path);
    await files.syncFolder(dirname(path)).catch(() => {});
  } catch (error) {
    await files.remove(draft).catch(() => false);
    throw diskError('Saving the recording', error);
  }
  return { entries: recording.entries.length, bytes: bytes.length, masked, excluded };
}
