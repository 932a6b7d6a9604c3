/**
 * Writes what training measures into event files that TensorBoard reads (`tensorboard --logdir <folder>`). Their names and
 * contents tell neither the machine nor a path.
 */
import { join } from 'node:path';
import { type MetricName, type MetricValues, metrics } from '../../../protocol/metrics.ts';
import { asDiskError, type Disk, type NewFile, nodeDisk } from '../../../tensor/files/disk.ts';
import { errorCode } from '../../../tensor/files/fileError.ts';
import { frameRecord, type Scalar, scalarsEvent, versionEvent } from './eventFile.ts';

export interface EventWriter {
  /**
   * Appends the numbers of one step, and hands them to the system at once: they survive the end of the process, and a record
   * that was cut off is what TensorBoard waits at. `wallTimeMs`: milliseconds since the epoch; `step`: a whole number ≥ 0.
   * Rejects with `DiskError`; the next call then goes on in a new file, which TensorBoard joins to the former.
   */
  add(step: number, wallTimeMs: number, values: MetricValues): Promise<void>;
  /** Returns when all that was added is on the disk. Rejects with `DiskError`. */
  sync(): Promise<void>;
  /** Syncs and ends. */
  close(): Promise<void>;
}

/** Room for other files of the same second. */
const mostFiles = 10_000;

/** A writer into `folder`, which must be there. Its file is made with the first numbers; older ones stay as they are. */
export function eventWriter(folder: string, disk: Disk = nodeDisk): EventWriter {
  let file: NewFile | null = null;
  const described = new Set<MetricName>();
  let last: Promise<void> = Promise.resolve();

  /** One after the other, so that records never mix. */
  const inTurn = (action: () => Promise<void>): Promise<void> => {
    const result = last.then(action).catch(async (error: unknown) => {
      const broken = file;
      file = null;
      await broken?.close().catch(() => {});
      throw asDiskError(folder, error);
    });
    last = result.catch(() => {});
    return result;
  };

  const opened = async (wallTimeMs: number): Promise<NewFile> => {
    if (file) return file;
    const made = await createNext(disk, folder, Math.floor(wallTimeMs / 1000));
    file = made;
    described.clear();
    await made.write(frameRecord(versionEvent(wallTimeMs / 1000)));
    await disk.syncFolder(folder);
    return made;
  };

  const scalarsOf = (values: MetricValues): Scalar[] =>
    Object.entries(values).map(([name, value]) => {
      const tag = name as MetricName;
      if (described.has(tag)) return { tag, value };
      described.add(tag);
      return { tag, value, description: metrics[tag] };
    });

  return {
    add: (step, wallTimeMs, values) =>
      inTurn(async () => {
        const target = await opened(wallTimeMs);
        await target.write(frameRecord(scalarsEvent(wallTimeMs / 1000, step, scalarsOf(values))));
      }),
    sync: () => inTurn(async () => file?.sync()),
    close: () =>
      inTurn(async () => {
        await file?.sync();
        await file?.close();
        file = null;
      }),
  };
}

/** TensorBoard looks for `tfevents` and sorts by name; where others put the host, we put a number. */
async function createNext(disk: Disk, folder: string, seconds: number): Promise<NewFile> {
  for (let number = 0; ; number++) {
    const name = `events.out.tfevents.${String(seconds).padStart(10, '0')}.attune.${number}`;
    try {
      return await disk.create(join(folder, name));
    } catch (error) {
      if (errorCode(error) !== 'EEXIST' || number >= mostFiles) throw error;
    }
  }
}
