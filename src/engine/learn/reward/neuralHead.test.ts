import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { seeded } from '../../../tensor/random.ts';
import { startRuntime } from '../../../tensor/runtime/runtime.ts';
import { foldsOf } from '../evaluation/folds.ts';
import { spearman } from '../evaluation/spearman.ts';
import { fitBayesianLinear } from './bayesianLinear.ts';
import { crossValidate } from './crossValidation.ts';
import { neuralHead } from './neuralHead.ts';
import type { Row } from './rewardModel.ts';
import { worldBlocks as blocks, world } from './testWorlds.ts';
import { closedForm } from './trainer.ts';

const runtime = startRuntime({ log: { debug: () => undefined }, threads: 1 });
after(() => runtime.close());
const trainer = neuralHead({ runtime });
const linear = closedForm('bayesianLinear', (rows) => fitBayesianLinear(rows, { blocks }));
const rhoOf = (a: readonly number[], b: ArrayLike<number>): number => {
  const rho = spearman(a, b);
  return rho.defined ? rho.value : 0;
};

test('where two features only matter together the network is chosen, where they don’t the linear model is', async () => {
  const both = [linear, trainer] as const;
  const bent = world({ seed: 1, count: 500, interaction: 0.3, weights: 0.3, noise: 0.08 });
  const straight = world({ seed: 2, count: 150 });
  const options = () => ({ random: seeded(1) });
  const chosen = (await crossValidate(bent.rows, both, options()))!.chosen;
  assert.equal(chosen.kind, 'neuralHead');
  assert.ok(chosen.metrics.coverage90.low < 0.92 && chosen.metrics.coverage90.high > 0.88);
  assert.equal((await crossValidate(straight.rows, both, options()))!.chosen.kind, 'bayesianLinear');
});

test('pairs alone, beside a single rating, teach the order; the same seed gives the same network', async () => {
  const { rows, truth } = world({ seed: 3, count: 400, noise: 0.05 });
  const pairs = Array.from({ length: 150 }, (_, i): Row => {
    const [a, b] = [rows[2 * i]!, rows[2 * i + 1]!];
    const [better, worse] = a.target > b.target ? [a, b] : [b, a];
    return { ...a, features: better.features.map((f, k) => f - worse.features[k]!), target: 0.35, source: 'pair' };
  });
  const all = [...pairs, { ...rows[0]!, target: 0.5 }];
  const folds = foldsOf(
    all.map(({ group }) => group),
    2,
    seeded(1),
  );
  const trained = async () => (await trainer.fit(all, folds, { random: seeded(1) }))!.final;
  const means = async () => {
    const model = await trained();
    return rows.slice(300).map(({ features }) => model.estimate(features).mean);
  };
  const first = await means();
  assert.ok(rhoOf(first, truth.slice(300)) > 0.7, `${rhoOf(first, truth.slice(300))}`);
  assert.deepEqual(await means(), first);
});

test('a cancelled training stops', async () => {
  const { rows } = world({ seed: 4, count: 60 });
  const signal = AbortSignal.abort(new Error('enough'));
  const folds = foldsOf(
    rows.map(({ group }) => group),
    2,
    seeded(1),
  );
  await assert.rejects(trainer.fit(rows, folds, { random: seeded(1), signal }), /enough/);
});
