import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { gradients } from '../../../tensor/graph/autodiff.ts';
import { Graph, type Tensor } from '../../../tensor/graph/graph.ts';
import { reshape } from '../../../tensor/ops/basic.ts';
import { split } from '../../../tensor/ops/layout.ts';
import { seeded, standardNormal } from '../../../tensor/random.ts';
import { maxGradientError } from '../../../tensor/testing/gradientCheck.ts';
import { numbers, startKit } from '../../../tensor/testing/kit.ts';
import { initialParameters, judge } from './policyNetwork.ts';
import { clippedTerm, klEstimates, whitened } from './ppoFormulas.ts';
import { coefficients, network, type PpoSizes, ppoLoss, whiten } from './ppoGraph.ts';
import { absentOf, rowsOf } from './ppoPlaces.ts';

const kit = startKit();
after(() => kit.close());

const batch = 6;
const sizesOf = (hidden: number): PpoSizes => ({
  features: 5,
  hidden,
  slots: 3,
  places: batch,
  rounds: 1,
  batch,
  minibatch: batch,
  epochs: 1,
});

/** Six places with one to three candidates, and what was done there. */
function scene(hidden: number) {
  const sizes = sizesOf(hidden);
  const random = seeded(hidden + 3);
  const choices = Array.from({ length: batch }, (_, i) => ({
    candidates: Array.from({ length: 1 + (i % 3) }, () =>
      Float64Array.from({ length: 5 }, () => standardNormal(random)),
    ),
  }));
  const parameters = initialParameters(sizes, random).map((value) => value + 0.3 * standardNormal(random));
  const actions = choices.map(({ candidates }, i) => (i % 4 === 0 ? sizes.slots : i % candidates.length));
  const old = choices.map(() => -1.5 + 1.2 * random());
  const rewards = choices.map(() => random() - 0.25);
  const advantages = choices.map(() => 2 * standardNormal(random));
  return { sizes, choices, parameters, actions, old, rewards, advantages };
}

function build(
  graph: Graph,
  { sizes, choices, actions, old, rewards, advantages, parameters }: ReturnType<typeof scene>,
) {
  const { float } = graph;
  const rows = graph.constant([...rowsOf(choices, sizes)], [batch, sizes.slots + 1, sizes.features]);
  const vector = graph.input('parameters', float, [parameters.length]);
  const output = network(sizes, vector, {
    rows,
    centres: reshape(split(rows, [sizes.slots, 1], 1)[1] as Tensor, [batch, sizes.features]),
    absent: graph.constant([...absentOf(choices, sizes)], [batch, sizes.slots + 1]),
  });
  const rollout = {
    actions: graph.constant(actions, [batch], 'int64'),
    oldLogProbabilities: graph.constant(old, [batch]),
    advantages: graph.constant(advantages, [batch]),
    rewards: graph.constant(rewards, [batch]),
  };
  const found = ppoLoss(output, rollout, { ...coefficients, entropyCoefficient: 0.01 });
  return { vector, output, found };
}

for (const hidden of [0, 7]) {
  describe(hidden ? 'with a hidden layer' : 'linear', () => {
    const given = scene(hidden);
    const { sizes, choices, parameters, actions, old, rewards, advantages } = given;
    const judged = choices.map(({ candidates }) => judge(sizes, parameters, candidates));

    it('the network is the one that serves, also where candidates are missing', async () => {
      const graph = new Graph();
      const { output } = build(graph, given);
      graph.output('logProbabilities', output.logProbabilities);
      graph.output('values', output.values);
      const results = await kit.evaluate(graph, { parameters });
      const all = numbers(results.logProbabilities).map(Math.exp);
      for (const [place, { probabilities, value }] of judged.entries()) {
        const row = all.slice(place * 4, place * 4 + 4);
        const expected = [...probabilities.slice(0, -1), 0, 0, 0].slice(0, 3).concat(probabilities.at(-1)!);
        for (const [action, p] of expected.entries()) {
          assert.ok(Math.abs(row[action]! - p) < 1e-5, `place ${place}, action ${action}: ${row[action]}, not ${p}`);
        }
        assert.ok(Math.abs(numbers(results.values)[place]! - value) < 1e-5);
      }
    });

    it('A5-04: the loss is that of the plain formulas, its entropy and value terms too', async () => {
      const graph = new Graph({ float: 'float64' });
      const { found } = build(graph, given);
      for (const [name, tensor] of Object.entries(found)) graph.output(name, tensor);
      const results = await kit.evaluate(graph, { parameters: Float64Array.from(parameters) });
      const average = (of: (i: number) => number) => choices.reduce((sum, _, i) => sum + of(i), 0) / batch;
      const now = (i: number) => {
        const { probabilities } = judged[i]!;
        return Math.log(actions[i] === sizes.slots ? probabilities.at(-1)! : probabilities[actions[i]!]!);
      };
      const terms = choices.map((_, i) => clippedTerm(now(i), old[i]!, advantages[i]!));
      const expected = {
        policyLoss: average((i) => terms[i]!.loss),
        valueLoss: average((i) => (judged[i]!.value - rewards[i]!) ** 2),
        entropy: average((i) => -judged[i]!.probabilities.reduce((sum, p) => sum + p * Math.log(p), 0)),
        // Drawn by the old policy: the estimate of its divergence from the new one.
        approxKl: average((i) => klEstimates(old[i]!, now(i)).k3),
        clipFraction: average((i) => (terms[i]!.clipped ? 1 : 0)),
      };
      for (const [name, value] of Object.entries(expected)) {
        const got = numbers(results[name])[0]!;
        assert.ok(Math.abs(got - value) < 1e-6, `${name}: ${got}, not ${value}`);
      }
      const total = expected.policyLoss + 0.5 * expected.valueLoss - 0.01 * expected.entropy;
      assert.ok(Math.abs(numbers(results.loss)[0]! - total) < 1e-6);
      assert.ok(expected.clipFraction > 0 && expected.clipFraction < 1, 'both sides of the clip are there');
    });

    it('A5-04: the gradient is that of central differences', async () => {
      const graph = new Graph({ float: 'float64' });
      const { vector, found } = build(graph, given);
      const values = Float64Array.from(parameters);
      const error = await maxGradientError(kit, found.loss, [{ tensor: vector, values }], { elements: 40 });
      assert.ok(error < 1e-6, `${error}`);
    });
  });
}

it('advantages are whitened as by the plain formula', async () => {
  const graph = new Graph({ float: 'float64' });
  graph.output('y', whiten(graph.input('x', 'float64', [4])));
  const x = [0.3, -1, 2, 0.25];
  const results = numbers((await kit.evaluate(graph, { x })).y);
  for (const [i, value] of whitened(x).entries()) assert.ok(Math.abs(results[i]! - value) < 1e-12);
});

it('A5-04: beyond the clip of 0.2 nothing is learnt, except from what is bad and has become likely, up to the dual clip', async () => {
  // Ratio and advantage of one action each; what is left of −A·ρ as a gradient of ln π.
  const cases = [
    { ratio: 1.25, advantage: 1, gradient: 0 },
    { ratio: 0.75, advantage: -1, gradient: 0 },
    { ratio: 1.15, advantage: 1, gradient: -1.15 },
    { ratio: 0.75, advantage: 1, gradient: -0.75 },
    { ratio: 1.25, advantage: -1, gradient: 1.25 },
    { ratio: 2.9, advantage: -2, gradient: 5.8 },
    { ratio: 3.1, advantage: -2, gradient: 0 },
  ];
  const n = cases.length;
  const graph = new Graph({ float: 'float64' });
  const logProbabilities = graph.input('logProbabilities', 'float64', [n, 2]);
  const rollout = {
    actions: graph.constant(new Array(n).fill(0), [n], 'int64'),
    oldLogProbabilities: graph.constant(
      cases.map(({ ratio }) => -1 - Math.log(ratio)),
      [n],
    ),
    advantages: graph.constant(
      cases.map(({ advantage }) => advantage),
      [n],
    ),
    rewards: graph.constant(new Array(n).fill(0), [n]),
  };
  const output = { logProbabilities, values: graph.constant(new Array(n).fill(0), [n]) };
  const { policyLoss } = ppoLoss(output, rollout, coefficients);
  graph.output('gradient', gradients(policyLoss, [logProbabilities])[0]!);
  const results = await kit.evaluate(graph, { logProbabilities: new Float64Array(2 * n).fill(-1) });
  for (const [i, { ratio, advantage, gradient }] of cases.entries()) {
    const got = n * numbers(results.gradient)[2 * i]!;
    assert.ok(Math.abs(got - gradient) < 1e-9, `ρ ${ratio}, A ${advantage}: ${got}`);
  }
});
