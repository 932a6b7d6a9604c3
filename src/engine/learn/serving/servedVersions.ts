/** The versions that serve, in memory: loaded from the registry, and again when another takes their place. */
import type { Runtime } from '../../../tensor/runtime/api.ts';
import type { VersionKind } from '../registry/lifecycle.ts';
import type { LoadedVersion, Registry } from '../registry/registry.ts';
import { RegistryError } from '../registry/versionManifest.ts';
import type { Served, ServedRewardModel, ServedSelector } from './served.ts';

export interface ServedVersions {
  readonly served: Served;
  /** Loads what serves now; what is loaded already goes on as it is. Never rejects. */
  reload(): Promise<void>;
  close(): Promise<void>;
}

export interface ServedVersionsOptions {
  readonly registry: Registry;
  readonly random: () => number;
  /** Asked for when a policy is first refitted. */
  readonly runtime: () => Promise<Pick<Runtime, 'load'>>;
  /** A version can’t be used: what is wrong, and what to do. */
  readonly onProblem: (message: string) => void;
}

export function servedVersions({ registry, random, runtime, onProblem }: ServedVersionsOptions): ServedVersions {
  let rewardModel: ServedRewardModel | null = null;
  let selector: ServedSelector | null = null;
  let last: Promise<void> = Promise.resolve();

  async function next<T extends { readonly id: string }>(
    kind: VersionKind,
    present: T | null,
    decode: (files: typeof import('../training/modelFiles.ts'), version: LoadedVersion) => T,
  ): Promise<T | null> {
    const { serving } = await registry.lifecycle();
    if (present !== null && serving[kind] === present.id) return present;
    const version = serving[kind] === null ? null : await registry.loadServing(kind);
    // Only now: an engine that has learnt nothing doesn’t pay for models when it starts.
    return version && decode(await import('../training/modelFiles.ts'), version);
  }
  async function load(): Promise<void> {
    try {
      rewardModel = await next('rewardModel', rewardModel, (files, version) => files.decodeRewardModel(version));
      const before = selector;
      selector = await next('selector', selector, (files, version) => files.openSelector(version, { random, runtime }));
      if (before !== selector) await before?.close();
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      onProblem(error instanceof RegistryError ? error.message : `What was learnt can’t be loaded: ${error.message}`);
    }
  }
  return {
    get served() {
      return { rewardModel, selector };
    },
    reload() {
      last = last.then(load);
      return last;
    },
    async close() {
      await last;
      await selector?.close();
    },
  };
}
