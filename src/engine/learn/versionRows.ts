/** The registry’s versions as views show them. */
import type { VersionRow } from '../../protocol/training.ts';
import type { Serving } from './registry/lifecycle.ts';
import type { Version } from './registry/registry.ts';

/** Newest first. */
export const versionRows = (versions: readonly Version[], serving: Serving): VersionRow[] =>
  versions.map((version) => rowOf(version, serving)).reverse();

function rowOf({ entry, manifest }: Version, serving: Serving): VersionRow {
  const { id, kind, parent, dependsOn, state, history } = entry;
  const data = manifest?.data ?? { episodes: 0, ratings: 0, events: 0 };
  return {
    id,
    layer: kind === 'selector' ? 'selector' : 'rewardModel',
    algorithm: algorithmIn(manifest?.hyperParameters),
    parent,
    dependsOn: [...dependsOn],
    state,
    serving: serving[kind] === id,
    createdAt: manifest?.created ?? history[0]?.at ?? 0,
    history: history.map((change) => ({ ...change })),
    data: { episodes: data.episodes, ratings: data.ratings, events: data.events },
    metrics: { ...manifest?.metrics },
  };
}

function algorithmIn(hyperParameters: unknown): string {
  if (typeof hyperParameters !== 'object' || hyperParameters === null || !('algorithm' in hyperParameters)) return '';
  return typeof hyperParameters.algorithm === 'string' ? hyperParameters.algorithm : '';
}
