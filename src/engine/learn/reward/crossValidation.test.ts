import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seeded, shuffled } from '../../../tensor/random.ts';
import { fitBayesianLinear } from './bayesianLinear.ts';
import { crossValidate } from './crossValidation.ts';
import { fitLogisticThumbs } from './logisticThumbs.ts';
import type { Row } from './rewardModel.ts';
import { worldBlocks as blocks, world } from './testWorlds.ts';
import { closedForm } from './trainer.ts';

const linear = closedForm('bayesianLinear', (rows) => fitBayesianLinear(rows, { blocks }));
const thumbs = closedForm('logisticThumbs', (rows) => fitLogisticThumbs(rows, blocks));

test('on ratings the linear model is chosen, its figures lie in their intervals, and its intervals cover', async () => {
  const { rows } = world({ seed: 1, count: 300, steps: true });
  const result = (await crossValidate(rows, [linear, thumbs], { random: seeded(1) }))!;
  assert.equal(result.chosen.kind, 'bayesianLinear');
  assert.equal(result.groupedBy, 'file');
  const { spearman, spearmanInterval, coverage90, calibration, count } = result.chosen.metrics;
  assert.equal(count, 300);
  assert.ok(spearman.defined && spearman.value > 0.7);
  assert.ok(spearmanInterval!.low < spearman.value && spearman.value < spearmanInterval!.high);
  assert.ok(spearmanInterval!.low > 0.5);
  assert.ok(coverage90.low < 0.92 && coverage90.high > 0.88);
  assert.ok(calibration.debiased < 0.06);
  // The same for a seed.
  assert.deepEqual((await crossValidate(rows, [linear], { random: seeded(1) }))!.chosen.metrics.spearman, spearman);
});

test('shuffled labels are no signal: the interval holds 0', async () => {
  for (const seed of [1, 2, 3, 4]) {
    const { rows } = world({ seed, count: 150 });
    const targets = shuffled(
      rows.map(({ target }) => target),
      seeded(seed),
    );
    const noise = rows.map((row, i) => ({ ...row, target: targets[i]! }));
    const { chosen } = (await crossValidate(noise, [linear], { random: seeded(seed) }))!;
    assert.ok(!chosen.metrics.spearman.defined || chosen.metrics.spearmanInterval!.low <= 0, `${seed}`);
  }
});

test('slips are found without seeing them, and the model is the better for it', async () => {
  const { rows, truth } = world({ seed: 8, count: 200 });
  const slipped = rows.map((row, i) =>
    i % 10 === 0 ? { ...row, target: row.target > 0.5 ? row.target - 0.9 : row.target + 0.9 } : row,
  );
  const { chosen, outliers } = (await crossValidate(slipped, [linear], { random: seeded(1) }))!;
  const found = outliers.flags.filter((flag, i) => flag && i % 10 === 0).length;
  assert.ok(found >= 12 && outliers.flags.filter(Boolean).length - found <= 15, `${found}`);
  const errorOf = (model: { estimate: (features: Float64Array) => { mean: number } }) =>
    rows.reduce((sum, { features }, i) => sum + (model.estimate(features).mean - truth[i]!) ** 2, 0);
  assert.ok(errorOf(chosen.model) < errorOf(fitBayesianLinear(slipped, { blocks })));
});

test('with one file only, episodes are the groups, and it says so', async () => {
  const rows = world({ seed: 2, count: 60 }).rows.map((row): Row => ({ ...row, group: 'one.ts' }));
  assert.equal((await crossValidate(rows, [linear], { random: seeded(1) }))!.groupedBy, 'episode');
  assert.equal(await crossValidate(rows.slice(0, 1), [linear], { random: seeded(1) }), null);
});

test('thumbs alone teach the logistic model; all of one kind teach it nothing', async () => {
  const { rows, truth } = world({ seed: 3, count: 300 });
  const said = rows.map((row): Row => ({ ...row, target: row.target > 0.5 ? 0.9 : 0.1, weight: 0.8, source: 'thumb' }));
  const { all } = (await crossValidate(said, [linear, thumbs], { random: seeded(2) }))!;
  assert.deepEqual(
    all.map(({ kind }) => kind),
    ['bayesianLinear', 'logisticThumbs'],
  );
  assert.ok(all.every(({ metrics: { spearman } }) => spearman.defined && spearman.value > 0.5));
  const better = rows.filter((_, i) => truth[i]! > 0.7);
  const mean = better.reduce((sum, { features }) => sum + all[1]!.model.estimate(features).mean, 0) / better.length;
  assert.ok(mean > 0.65, `${mean}`);
  assert.equal(
    fitLogisticThumbs(
      said.map((row) => ({ ...row, target: 0.9 })),
      blocks,
    ),
    null,
  );
});

test('a cancelled validation stops', async () => {
  const { rows } = world({ seed: 4, count: 60 });
  const signal = AbortSignal.abort(new Error('enough'));
  await assert.rejects(crossValidate(rows, [linear], { random: seeded(1), signal }), /enough/);
});
