/** Versions for the tests of the registry; as a program, it trains and promotes without end, until it is killed. */
import { writeSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { type Disk, nodeDisk } from '../../../tensor/files/disk.ts';
import { systemIds } from '../../clock.ts';
import type { Fingerprint } from './fingerprint.ts';
import type { VersionKind } from './lifecycle.ts';
import { openRegistry, type Registry } from './registry.ts';
import type { NewVersion } from './versionFolder.ts';

export const noData: Fingerprint = { sha256: '0'.repeat(64), episodes: 0, ratings: 0, events: 0, trainedOn: [] };

/** A version whose tensor holds `weight`. */
export function version(parent: string | null, weight: number, change: Partial<NewVersion> = {}): NewVersion {
  return {
    id: systemIds(),
    kind: 'selector',
    parent,
    dependsOn: [],
    created: 1_790_000_000_000,
    hyperParameters: { learningRate: 0.01 },
    metrics: { spearman: { value: 0.5, low: 0.4, high: 0.6 } },
    seeds: [1],
    featureVersion: 2,
    fingerprint: noData,
    tensors: [{ name: 'w', dtype: 'float32', shape: [2], data: Float32Array.of(weight, -weight) }],
    others: {},
    ...change,
  };
}

/** Registers and promotes a successor of what serves. Returns its id. */
export async function promoteNext(registry: Registry, weight: number, kind: VersionKind = 'selector'): Promise<string> {
  const parent = (await registry.lifecycle()).serving[kind];
  const next = version(parent, weight, { kind });
  for (const result of [await registry.register(next, 'trained'), await registry.promote(next.id, 'better')]) {
    if (!result.ok) throw new Error(result.message);
  }
  return next.id;
}

/** Says a dot before each operation, so that one can be chosen to be the last. */
const toldDisk = (): Disk => {
  const told =
    <A extends readonly unknown[], R>(operation: (...parameters: A) => Promise<R>) =>
    (...parameters: A): Promise<R> => {
      writeSync(1, '.');
      return operation(...parameters);
    };
  return {
    makeFolder: told(nodeDisk.makeFolder),
    list: told(nodeDisk.list),
    create: told(nodeDisk.create),
    rename: told(nodeDisk.rename),
    remove: told(nodeDisk.remove),
    syncFolder: told(nodeDisk.syncFolder),
  };
};

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const registry = openRegistry({
    folder: process.argv[2]!,
    clock: { now: () => 1 },
    disk: toldDisk(),
    onProblem: (message) => writeSync(1, `problem: ${message}\n`),
  });
  for (let weight = Number(process.argv[3]); ; weight++) {
    await promoteNext(registry, weight);
    await registry.collect(1);
    writeSync(1, `${weight}\n`);
  }
}
