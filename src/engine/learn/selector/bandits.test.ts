import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { seeded, standardNormal } from '../../../tensor/random.ts';
import { linTs } from './linTs.ts';
import { linUcb } from './linUcb.ts';
import { logisticFilter } from './logisticFilter.ts';
import type { Selector } from './selector.ts';
import { play } from './testWorld.ts';

const selectors: Readonly<Record<string, (floor?: number) => Selector>> = {
  linucb: (floor) => linUcb({ floor }),
  lints: (floor) => linTs(seeded(5), { floor }),
  logistic: (floor) => logisticFilter({ floor }),
};

for (const [name, make] of Object.entries(selectors)) {
  describe(name, () => {
    it('learns what the developer likes', async () => {
      const { late, oracle, random } = await play(make(), { seed: 3, steps: 450 });
      const share = (late - random) / (oracle - random);
      assert.ok(share > 0.7, `${share} of the way from random ${random} to the oracle’s ${oracle}`);
    });

    it('learns anew when the taste turns into its opposite', async () => {
      const { late, oracle, random } = await play(make(), { seed: 4, steps: 900, drift: 300 });
      const share = (late - random) / (oracle - random);
      assert.ok(share > 0.5, `${share} of the way from random to the oracle`);
    });

    it('gives each action at least its share of the floor, and all together 1', async () => {
      const selector = make();
      const { candidates } = { candidates: [Float64Array.of(1, 0.3), Float64Array.of(1, -2)] };
      for (let turn = 0; turn < 60; turn += 1) {
        const probabilities = selector.probabilities({ candidates });
        assert.equal(probabilities.length, 3);
        assert.ok(Math.abs(probabilities.reduce((sum, p) => sum + p, 0) - 1) < 1e-9);
        assert.ok(Math.min(...probabilities) >= 0.05 / 3 - 1e-12);
        await selector.learn({ candidates, action: turn % 3, probabilities, reward: turn % 3 === 2 ? 0 : -0.25 });
      }
      assert.ok(selector.probabilities({ candidates })[2]! > 0.6, 'silence, after nothing was ever accepted');
    });

    it('shows less where silence is worth more, and always where it is no answer', async () => {
      const selector = make(0);
      const candidates = [Float64Array.of(1, 0.3)];
      // Taken in four of ten: worth 0.15.
      for (let turn = 0; turn < 200; turn += 1) {
        await selector.learn({ candidates, action: 0, probabilities: [1, 0], reward: turn % 5 < 2 ? 0.75 : -0.25 });
      }
      const shown = (silence: number): number => selector.probabilities({ candidates, silence })[0]!;
      assert.ok(shown(-0.1) >= shown(0) && shown(0) > shown(0.45), [shown(-0.1), shown(0), shown(0.45)].join());
      assert.equal(shown(Number.NEGATIVE_INFINITY), 1);
      assert.equal(selector.probabilities({ candidates })[0], shown(0), 'worth nothing unless said');
    });

    it('has only silence where there is no candidate', () => {
      assert.deepEqual(make().probabilities({ candidates: [] }), [1]);
    });

    it('comes out of silence when the developer takes edits again', async () => {
      // In a bad mood nothing is accepted for 300 decisions; then almost everything is.
      const { shown } = await play(make(), { seed: 9, steps: 1_200, mood: (step) => (step < 300 ? -6 : 3) });
      assert.ok(shown > 0.8, `${shown} shown`);
    });

    it('does the same for the same seed', async () => {
      const [one, other] = [make(), make()];
      await play(one, { seed: 2, steps: 60 });
      await play(other, { seed: 2, steps: 60 });
      const candidates = [new Float64Array(12).fill(0.4), new Float64Array(12).fill(-0.1)];
      assert.deepEqual(one.probabilities({ candidates }), other.probabilities({ candidates }));
    });
  });
}

describe('propensities of Thompson sampling', () => {
  it('are the shares of what sampling all weights would choose', () => {
    const candidates = [Float64Array.of(1, 0.5), Float64Array.of(0.4, -1), Float64Array.of(1, 1)];
    const selector = linTs(seeded(1), { alpha: 1, floor: 0, draws: 20_000, forgetting: 1, precision: 1 });
    const seen: readonly [Float64Array, number][] = [
      [Float64Array.of(1, 0), 0.2],
      [Float64Array.of(0, 1), -0.1],
    ];
    for (const [features, reward] of seen) {
      void selector.learn({ candidates: [features], action: 0, probabilities: [1, 0], reward });
    }
    // A = 2·I, b = (0.2, −0.1): weights are normal around (0.1, −0.05) with variance 1/2.
    const random = seeded(77);
    const counts = [0, 0, 0, 0];
    const draws = 40_000;
    for (let draw = 0; draw < draws; draw += 1) {
      const weights = [0.1 + standardNormal(random) * Math.SQRT1_2, -0.05 + standardNormal(random) * Math.SQRT1_2];
      const rewards = candidates.map((row) => row[0]! * weights[0]! + row[1]! * weights[1]!);
      const best = Math.max(...rewards);
      counts[best > 0 ? rewards.indexOf(best) : 3]! += 1 / draws;
    }
    selector.probabilities({ candidates }).forEach((p, action) => {
      assert.ok(Math.abs(p - counts[action]!) < 0.015, `${action}: ${p}, not ${counts[action]}`);
    });
  });
});

it('LinTS that doubts is silent only where no candidate could be better than silence; what it draws else stays as it was', () => {
  const candidates = [Float64Array.of(1, 0), Float64Array.of(1, 1)];
  const teach = (doubt?: number) => {
    const selector = linTs(seeded(1), {
      floor: 0,
      forgetting: 1,
      precision: 1,
      ...(doubt === undefined ? {} : { doubt }),
    });
    const features = Float64Array.of(1, 0);
    for (let i = 0; i < 3; i += 1) {
      void selector.learn({ candidates: [features], action: 0, probabilities: [1, 0], reward: -0.5 });
    }
    return selector;
  };
  // A = diag(4, 1), b = (−1.5, 0): means −0.375 of both, deviations √¼ and √(¼ + 1).
  const bound = 0.375 / Math.sqrt(1.25);
  const drawn = teach().probabilities({ candidates });
  assert.ok(drawn[2]! > 0.1, `${drawn}`);
  assert.deepEqual(teach(bound - 0.01).probabilities({ candidates }), drawn);
  const doubting = teach(bound + 0.01).probabilities({ candidates });
  assert.equal(doubting[2], 0);
  assert.ok(doubting[1]! > doubting[0]! && Math.abs(doubting[0]! + doubting[1]! - 1) < 1e-9, `${doubting}`);
  // Silence that is worth more is left for more doubt only.
  assert.ok(teach(bound + 0.01).probabilities({ candidates, silence: 0.2 })[2]! > 0.1);
});

it('LinTS has an answer for features that are all 0', () => {
  const probabilities = linTs(seeded(1)).probabilities({ candidates: [new Float64Array(3)] });
  assert.ok(Math.abs(probabilities.reduce((sum, p) => sum + p, 0) - 1) < 1e-9);
});
