/**
 * The process that trains: of low priority, as is ONNX Runtime's below it. It holds the lock of the learning folder while it trains,
 * and ends with the engine. Whatever ends it, at any point, leaves what serves as it was.
 */
import os from 'node:os';
import { join } from 'node:path';
import * as v from 'valibot';
import { ModelFileError } from '../../../tensor/files/fileError.ts';
import type { Runtime } from '../../../tensor/runtime/api.ts';
import { startRuntime } from '../../../tensor/runtime/runtime.ts';
import { systemClock, systemIds } from '../../clock.ts';
import { nodeFiles } from '../../memory/files.ts';
import { FolderLock, type HeldLock } from '../../memory/lock.ts';
import { thisOwner } from '../../memory/owner.ts';
import type { StoredEpisode } from '../../memory/store.ts';
import { runJob } from './job.ts';
import { type FromTrainer, ToTrainer } from './trainerProtocol.ts';

// Before anything can load onnxruntime: nothing phones home.
process.env.ORT_DISABLE_TELEMETRY = '1';
// The runtime's process inherits it.
try {
  os.setPriority(os.constants.priority.PRIORITY_BELOW_NORMAL);
} catch {
  // Some containers don't allow it: then it competes.
}

const tell = (message: FromTrainer): Promise<void> =>
  new Promise((resolve) => {
    if (!process.connected || !process.send) resolve();
    else process.send(message, () => resolve());
  });

let start: (ToTrainer & { readonly type: 'start' }) | null = null;
const entries: StoredEpisode[] = [];

async function train(): Promise<void> {
  if (start === null) throw new TypeError('The trainer was not told what to train.');
  const { folder, request, unsupported, runtimeEntry } = start;
  const lock = await lockIn(folder);
  if (lock === null) {
    await tell({
      type: 'failed',
      failure: {
        reason: 'unavailable',
        message: 'Another window trains this workspace.',
        nextStep: 'Wait until it is done, or cancel it there.',
      },
    });
    return;
  }
  let runtime: Runtime | null = null;
  try {
    runtime =
      unsupported === null
        ? startRuntime({ log: { debug() {} }, ...(runtimeEntry === null ? {} : { entry: runtimeEntry }) })
        : null;
    const result = await runJob(entries, request, {
      folder,
      runtime,
      clock: systemClock,
      ids: systemIds,
      // Cancelled is killed.
      signal: new AbortController().signal,
      onProgress: (progress) => void tell({ type: 'progress', progress }),
      onProblem: (message) => void tell({ type: 'problem', message }),
    });
    await tell({ type: 'done', runs: [...result.runs], report: result.report });
  } finally {
    await runtime?.close();
    await lock.release();
  }
}

async function lockIn(folder: string): Promise<HeldLock | null> {
  const place = join(folder, 'lock');
  await nodeFiles.makeFolder(place);
  return new FolderLock({ files: nodeFiles, folder: place, owner: thisOwner, token: systemIds }).tryAcquire();
}

const failureOf = (error: unknown): FromTrainer & { readonly type: 'failed' } => {
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof ModelFileError) {
    // It says itself what to do.
    return { type: 'failed', failure: { reason: 'disk', message, nextStep: '' } };
  }
  const nextStep = 'Try again; if it fails again, run “Attune: Check What This Machine Can Train On”.';
  return { type: 'failed', failure: { reason: 'other', message: `Training failed: ${message}`, nextStep } };
};

process.on('message', (message) => {
  const heard = v.safeParse(ToTrainer, message);
  if (!heard.success) {
    void tell(failureOf(new TypeError('a message could not be read.'))).then(() => process.exit(1));
    return;
  }
  const said = heard.output;
  switch (said.type) {
    case 'start':
      start = said;
      return;
    case 'episodes':
      entries.push(...said.entries);
      return;
    case 'go':
      train()
        .catch((error: unknown) => tell(failureOf(error)))
        .finally(() => process.exit(0));
  }
});
// The engine is gone: so are we, and what we have not finished.
process.on('disconnect', () => process.exit(0));
void tell({ type: 'ready' });
