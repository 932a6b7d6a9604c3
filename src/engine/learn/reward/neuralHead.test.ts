import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { Graph } from '../../../tensor/graph/graph.ts';
import { seeded } from '../../../tensor/random.ts';
import { startRuntime } from '../../../tensor/runtime/runtime.ts';
import { maxGradientError } from '../../../tensor/testing/gradientCheck.ts';
import { numbers, startKit } from '../../../tensor/testing/kit.ts';
import { foldsOf } from '../evaluation/folds.ts';
import { spearman } from '../evaluation/spearman.ts';
import { fitBayesianLinear } from './bayesianLinear.ts';
import { crossValidate } from './crossValidation.ts';
import { headLoss, hidden, neuralHead } from './neuralHead.ts';
import type { Row } from './rewardModel.ts';
import { worldBlocks as blocks, world } from './testWorlds.ts';
import { closedForm } from './trainer.ts';

const runtime = startRuntime({ log: { debug: () => undefined }, threads: 1 });
const kit = startKit(runtime);
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

/** Three ratings and two pairs of four features, in float64. */
function headIn(graph: Graph) {
  const shape = { size: 4, rows: 3, pairs: 2 };
  const weights = {
    weight: graph.input('weight', 'float64', [hidden, shape.size]),
    bias: graph.input('bias', 'float64', [hidden]),
    out: graph.input('out', 'float64', [1, hidden]),
    offset: graph.input('offset', 'float64', [1]),
  };
  const loss = headLoss(weights, shape);
  const random = seeded(7);
  const feeds = Object.fromEntries(
    graph.inputs.map(({ name, shape: dims }): [string, Float64Array] => {
      const values = Float64Array.from({ length: dims.reduce((product, one) => product * one, 1) }, random);
      // Noise at the dropout's rate itself would be on a step.
      if (/noise/i.test(name)) return [name, values.map((one) => (Math.abs(one - 0.1) < 0.01 ? 0.5 : one))];
      return [name, /weights|^y$/i.test(name) ? values : values.map((one) => one - 0.5)];
    }),
  );
  return { loss, shape, feeds };
}

test('A5-03: the head’s loss is squared error on 0 to 1 with a dropout of 0.1, and Bradley–Terry on pairs', async () => {
  const graph = new Graph({ float: 'float64' });
  const { loss, shape, feeds } = headIn(graph);
  graph.output('loss', loss);
  const logit = (row: readonly number[], noise: readonly number[] | null): number => {
    let sum = feeds.offset![0]!;
    for (let unit = 0; unit < hidden; unit += 1) {
      let value = feeds.bias![unit]!;
      for (let i = 0; i < shape.size; i += 1) value += feeds.weight![unit * shape.size + i]! * row[i]!;
      const kept = noise === null ? 1 : noise[unit]! >= 0.1 ? 1 / 0.9 : 0;
      sum += feeds.out![unit]! * (value / (1 + Math.exp(-value))) * kept;
    }
    return sum;
  };
  const rowOf = (name: string, row: number, width: number) => [...feeds[name]!.slice(row * width, (row + 1) * width)];
  let expected = 0;
  for (let row = 0; row < shape.rows; row += 1) {
    const score = 1 / (1 + Math.exp(-logit(rowOf('x', row, shape.size), rowOf('noise', row, hidden))));
    assert.ok(score > 0 && score < 1);
    expected += feeds.weights![row]! * (score - feeds.y![row]!) ** 2;
  }
  const origin = logit([0, 0, 0, 0], null);
  for (let row = 0; row < shape.pairs; row += 1) {
    const lift = logit(rowOf('differences', row, shape.size), rowOf('pairNoise', row, hidden)) - origin;
    expected += 0.1 * feeds.pairWeights![row]! * Math.log(1 + Math.exp(-lift));
  }
  const got = numbers((await kit.evaluate(graph, feeds)).loss)[0]!;
  assert.ok(Math.abs(got - expected) < 1e-9, `${got}, not ${expected}`);
});

test('A5-03: the gradient of the head’s loss is that of central differences', async () => {
  const graph = new Graph({ float: 'float64' });
  const { loss, feeds } = headIn(graph);
  const variables = graph.inputs.map((tensor) => ({ tensor, values: feeds[tensor.name]! }));
  const error = await maxGradientError(kit, loss, variables, { elements: 12 });
  assert.ok(error < 1e-6, `${error}`);
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
