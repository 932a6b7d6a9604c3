/** A disk for tests that fails, or dies, at the operation one chooses. */
import { type Disk, nodeDisk } from './disk.ts';

export interface FaultyDisk {
  readonly disk: Disk;
  /** What was done, in order: `write model.safetensors`. */
  readonly done: readonly string[];
}

/**
 * The real disk until operation number `failAt` (from 0), which fails as a full disk does. `once`: all later ones work
 * again, as when space is freed. `dead`: none works any more, as after a power cut; a write comes half through.
 */
export function faultyDisk(failAt: number, mode: 'once' | 'dead'): FaultyDisk {
  const done: string[] = [];
  const step = async <T>(
    name: string,
    path: string,
    action: () => Promise<T>,
    half: () => Promise<void> = async () => {},
  ): Promise<T> => {
    const number = done.length;
    done.push(
      `${name} ${path
        .split(/[\\/]/)
        .at(-1)!
        .replace(/\d+-[0-9a-f]{8}/, '*')}`,
    );
    if (mode === 'once' ? number !== failAt : number < failAt) return action();
    if (number === failAt) await half();
    throw Object.assign(new Error(`ENOSPC: no space left on device, ${name}`), { code: 'ENOSPC' });
  };
  const disk: Disk = {
    makeFolder: (path) => step('makeFolder', path, () => nodeDisk.makeFolder(path)),
    list: (path) => step('list', path, () => nodeDisk.list(path)),
    create: (path) =>
      step('create', path, async () => {
        const file = await nodeDisk.create(path);
        return {
          write: (bytes) =>
            step(
              'write',
              path,
              () => file.write(bytes),
              () => file.write(bytes.subarray(0, bytes.length >>> 1)),
            ),
          sync: () => step('sync', path, () => file.sync()),
          async close() {
            // A dead process has no open files either.
            await file.close();
            await step('close', path, async () => {});
          },
        };
      }),
    rename: (from, to) => step('rename', to, () => nodeDisk.rename(from, to)),
    remove: (path) => step('remove', path, () => nodeDisk.remove(path)),
    syncFolder: (path) => step('syncFolder', path, () => nodeDisk.syncFolder(path)),
  };
  return { disk, done };
}
