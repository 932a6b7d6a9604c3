import { ppo } from '../../engine/learn/selector/ppo.ts';
import type { Selector } from '../../engine/learn/selector/selector.ts';
import { virtualReward } from '../../engine/learn/selector/virtualReward.ts';
import { seeded } from '../../tensor/random.ts';
import { startRuntime } from '../../tensor/runtime/runtime.ts';
import { featureBlocks } from './features.ts';

/** PPO as the product trains it, with a runtime of its own, which ends with it. Linear scores. */
export function ppoPolicy(seed: number, feedback: 'virtual' | 'real'): Selector {
  const runtime = startRuntime({ log: { debug() {} } });
  const selector = ppo({
    runtime,
    random: seeded(seed + 2),
    feedback,
    hidden: 0,
    fitReward: virtualReward(featureBlocks),
  });
  return {
    name: selector.name,
    probabilities: (choices) => selector.probabilities(choices),
    learn: (outcome) => selector.learn(outcome),
    async close() {
      await selector.close?.();
      await runtime.close();
    },
  };
}
