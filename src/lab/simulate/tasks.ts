/** One developer, one kind of harness: what a worker does in one go, here or in a process of its own. */
import type { Temper } from './developer.ts';
import { type EngineRun, eagerTraining, neverTraining, playEngine, usualTraining } from './enginePath.ts';
import { featuresIn } from './features.ts';
import { type Played, play } from './play.ts';
import { type DirectName, directPolicies } from './policies.ts';
import { installedWorld } from './ratedStream.ts';
import { decisionsOf } from './stream.ts';
import type { World } from './world.ts';

/**
 * `direct`: policies that see features only. `attune`: the real engine as it is installed, trained in the background. `attune-off`: the
 * same without memory and learning.
 */
export type Task = {
  readonly seed: number;
  readonly temper: Temper;
  readonly steps: number;
} & (
  | { readonly harness: 'direct'; readonly policies: readonly DirectName[] }
  | { readonly harness: 'attune' | 'attune-off' }
);

export type TaskResult =
  | { readonly harness: 'direct'; readonly runs: Readonly<Partial<Record<DirectName, readonly Played[]>>> }
  | { readonly harness: 'attune' | 'attune-off'; readonly run: EngineRun };

/** Neither memory nor anything learnt: what a fresh installation with memory switched off shows. */
const switchedOff = { examples: 0, controlShare: 0 } as const;

export async function carryOut(task: Task, world: World = installedWorld()): Promise<TaskResult> {
  const { seed, temper, steps } = task;
  switch (task.harness) {
    case 'direct': {
      const features = featuresIn(world);
      const decisions = [...decisionsOf(world, { seed, steps, temper })];
      const runs: Partial<Record<DirectName, readonly Played[]>> = {};
      for (const name of task.policies)
        runs[name] = await play(await directPolicies[name](seed, features), decisions, features);
      return { harness: 'direct', runs };
    }
    case 'attune':
      return {
        harness: task.harness,
        run: await playEngine({
          world,
          seed,
          steps,
          temper,
          training: temper === 'random' ? eagerTraining : usualTraining,
        }),
      };
    case 'attune-off':
      return {
        harness: task.harness,
        run: await playEngine({
          world,
          seed,
          steps,
          temper,
          config: switchedOff,
          training: neverTraining,
        }),
      };
  }
}
