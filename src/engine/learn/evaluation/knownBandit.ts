/** A bandit whose values are known: a few contexts, each as likely, with candidates whose chances of being accepted are given. */
import { seeded, standardNormal } from '../../../tensor/random.ts';
import type { LoggedDecision } from './offPolicy.ts';

interface Place {
  readonly candidates: readonly Float64Array[];
  readonly chances: readonly number[];
  readonly behaviour: readonly number[];
  readonly policy: readonly number[];
}

const softmax = (logits: readonly number[]): number[] => {
  const all = logits.map(Math.exp);
  const sum = all.reduce((a, b) => a + b, 0);
  return all.map((value) => value / sum);
};

/** Chances depend on features by a product and a threshold: a linear model of them is wrong. */
export function makeBandit(seed: number) {
  const random = seeded(seed);
  const places = Array.from({ length: 24 }, (): Place => {
    const candidates = Array.from({ length: 4 }, () => Float64Array.from({ length: 4 }, () => standardNormal(random)));
    const chances = candidates.map(([a, b, c]) =>
      Math.min(0.95, Math.max(0.05, 0.35 + 0.2 * a! * b! + (c! > 0.5 ? 0.3 : 0))),
    );
    const floored = (logits: readonly number[]) => softmax(logits).map((p) => 0.95 * p + 0.05 / 5);
    return {
      candidates,
      chances,
      behaviour: floored([...candidates.map(([a]) => a!), 0]),
      policy: floored([...chances.map((chance) => 6 * (chance - 0.25)), 0]),
    };
  });
  const worth = (which: 'behaviour' | 'policy'): number =>
    places.reduce(
      (sum, place) => sum + place.chances.reduce((inner, chance, i) => inner + place[which][i]! * (chance - 0.25), 0),
      0,
    ) / places.length;

  function log(decisions: number, draw: () => number): LoggedDecision[] {
    return Array.from({ length: decisions }, (_, i) => {
      const { candidates, chances, behaviour, policy } = places[Math.floor(draw() * places.length)]!;
      let action = 0;
      for (let left = draw() - behaviour[0]!; left >= 0 && action < candidates.length; action += 1) {
        left -= behaviour[action + 1]!;
      }
      const chance = chances[action];
      const reward = chance === undefined ? 0 : draw() < chance ? 0.75 : -0.25;
      return { candidates, action, reward, behaviour, policy, group: `file ${i % 17}` };
    });
  }
  return { log, value: worth('policy'), behaviourValue: worth('behaviour') };
}
