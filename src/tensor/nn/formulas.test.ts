import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { gradients } from '../graph/autodiff.ts';
import { Graph, type Tensor } from '../graph/graph.ts';
import type { Shape } from '../model.ts';
import { gelu, geluTanh, swiglu } from '../ops/activation.ts';
import { mul, neg, reshape, sum } from '../ops/basic.ts';
import { cast, transpose } from '../ops/layout.ts';
import { layerNorm, rmsNorm } from '../ops/normalise.ts';
import { mean } from '../ops/reduce.ts';
import { rotary } from '../ops/rotary.ts';
import { greaterOrEqual, maximum } from '../ops/select.ts';
import { logSoftmax, softmax } from '../ops/softmax.ts';
import { crossEntropy } from '../ops/vocabulary.ts';
import { numbers, startKit } from '../testing/kit.ts';
import { causalAttention } from './attention.ts';
import {
  binaryCrossEntropy,
  bradleyTerry,
  clippedPolicyLoss,
  clippedValueLoss,
  klEstimate,
  maskedMean,
} from './losses.ts';
import { ropeFrequencies } from './rope.ts';
import { largestDifference, readJson } from './testGoldens.ts';

interface Written {
  readonly shape: Shape;
  readonly data: readonly number[];
}

interface Case {
  readonly name: string;
  readonly attributes: Readonly<Record<string, number>>;
  readonly inputs: Readonly<Record<string, Written>>;
  readonly output: Written;
  readonly upstream: Written;
  readonly gradients: Readonly<Record<string, Written>>;
}

interface Formulas {
  readonly cases: readonly Case[];
  readonly ropeFrequencies: readonly {
    readonly headDim: number;
    readonly ropeTheta: number;
    readonly scaling: {
      readonly factor: number;
      readonly low_freq_factor: number;
      readonly high_freq_factor: number;
      readonly original_max_position_embeddings: number;
    } | null;
    readonly inverseFrequencies: readonly number[];
  }[];
}

const formulas = await readJson<Formulas>('formulas.json');
const kit = startKit();
after(() => kit.close());

type Inputs = Readonly<Record<string, Tensor>>;
type Attributes = Readonly<Record<string, number>>;

/** Cross-entropy of logits given as they are: hidden states under a table that is the identity. */
function crossEntropyOfLogits({ logits, labels }: Inputs): Tensor {
  const { graph } = logits!;
  const size = logits!.shape.at(-1)!;
  const identity = Array.from({ length: size * size }, (_, i) => (i % (size + 1) === 0 ? 1 : 0));
  const table = graph.constant(identity, [size, size]);
  const targets = reshape(maximum(labels!, 0), [-1]);
  const mask = reshape(cast(greaterOrEqual(labels!, 0), graph.float), [-1]);
  return crossEntropy(reshape(logits!, [-1, size]), table, targets, mask);
}

/** PyTorch's tables into those that ops/rotary.ts takes: the first half of the sines is negated. */
function turn({ x, cos, sin }: Inputs): Tensor {
  const sign = x!.graph.constant([-1, -1, 1, 1], [4]);
  return rotary(x!, cos!, mul(sin!, sign));
}

/** The golden does not rotate; scaled by so much, rotary embedding doesn't either. */
function attention({ q, k, v }: Inputs): Tensor {
  const [batch, heads, length, headDim] = q!.shape as [number, number, number, number];
  const config = {
    heads,
    kvHeads: k!.shape[1]!,
    headDim,
    ropeTheta: 1,
    ropeScaling: { type: 'linear', factor: 1e18 },
  } as const;
  const attend = causalAttention(q!.graph, config, { batch, length });
  const [queries, keys, values] = [q!, k!, v!].map((x) => reshape(transpose(x, [0, 2, 1, 3]), [batch * length, -1]));
  return transpose(reshape(attend(0, queries!, keys!, values!), [batch, length, heads, headDim]), [0, 2, 1, 3]);
}

const ours: Readonly<Record<string, (inputs: Inputs, attributes: Attributes) => Tensor>> = {
  rmsNorm: ({ x, weight }, { eps }) => rmsNorm(x!, weight!, eps!),
  layerNorm: ({ x, weight, bias }, { eps }) => layerNorm(x!, weight!, bias!, eps!),
  swiglu: ({ gate, up }) => swiglu(gate!, up!),
  geluErf: ({ x }) => gelu(x!),
  geluTanh: ({ x }) => geluTanh(x!),
  crossEntropy: crossEntropyOfLogits,
  bceWithLogits: ({ logits, targets }) => binaryCrossEntropy(logits!, targets!),
  bradleyTerry: ({ chosen, rejected }) => bradleyTerry(chosen!, rejected!),
  ppoPolicyLoss: (inputs, { clip_range: range }) =>
    clippedPolicyLoss(
      {
        logProbability: inputs.log_probs!,
        oldLogProbability: inputs.old_log_probs!,
        advantage: inputs.advantages!,
        mask: inputs.mask!,
      },
      range!,
    ),
  ppoValueLoss: ({ values, old_values: old, returns, mask }, { clip_range: range }) =>
    clippedValueLoss({ value: values!, oldValue: old!, target: returns!, mask: mask! }, range!),
  klK3: ({ log_probs: p, reference_log_probs: reference, mask }) => maskedMean(klEstimate(p!, reference!), mask!),
  entropy: ({ logits }) => neg(mean(sum(mul(softmax(logits!), logSoftmax(logits!)), { axes: [-1] }))),
  rotary: turn,
  causalAttention: attention,
};

describe('formulas and their gradients in float64 are those of PyTorch', () => {
  it('all of them', () => {
    assert.deepEqual(formulas.cases.map(({ name }) => name).toSorted(), Object.keys(ours).toSorted());
  });

  for (const { name, attributes, inputs, output, upstream, gradients: expected } of formulas.cases) {
    it(name, async () => {
      // Erf in float64 is a series for small x only: see ops/unary.ts.
      const [float, tolerance] = name === 'geluErf' ? (['float32', 1e-5] as const) : (['float64', 1e-9] as const);
      const graph = new Graph({ float });
      const given = Object.entries(inputs).map(([input, { shape }]) => {
        return [input, graph.input(input, input === 'labels' ? 'int64' : float, shape)] as const;
      });
      const y = ours[name]!(Object.fromEntries(given), attributes);
      assert.deepEqual(y.shape, output.shape);
      const wrt = Object.keys(expected);
      const variables = wrt.map((input) => Object.fromEntries(given)[input]!);
      const dys = graph.constant(upstream.data, upstream.shape);
      graph.output('y', y);
      gradients(sum(mul(y, dys)), variables).forEach((gradient, i) => {
        graph.output(`d ${wrt[i]}`, gradient);
      });
      const values = await kit.evaluate(
        graph,
        Object.fromEntries(Object.entries(inputs).map(([input, { data }]) => [input, data])),
      );
      const close = (what: string, a: number[], b: readonly number[]) => {
        const error = largestDifference(a, b);
        assert.ok(error < tolerance, `${what}: off by ${error}`);
      };
      close('the result', numbers(values.y), output.data);
      for (const input of wrt) close(`the gradient of ${input}`, numbers(values[`d ${input}`]), expected[input]!.data);
    });
  }
});

describe('rotary frequencies are those of transformers', () => {
  for (const { headDim, ropeTheta, scaling, inverseFrequencies } of formulas.ropeFrequencies) {
    it(scaling ? 'with the scaling of Llama 3' : 'without scaling', () => {
      const ropeScaling = scaling
        ? ({
            type: 'llama3',
            factor: scaling.factor,
            lowFreqFactor: scaling.low_freq_factor,
            highFreqFactor: scaling.high_freq_factor,
            originalMaxPositions: scaling.original_max_position_embeddings,
          } as const)
        : ({ type: 'none' } as const);
      const found = ropeFrequencies({ headDim, ropeTheta, ropeScaling });
      // Relative: they span six orders of magnitude.
      const error = largestDifference(
        found.map((frequency, i) => frequency / inverseFrequencies[i]!),
        inverseFrequencies.map(() => 1),
      );
      assert.ok(error < 1e-12, `${error}`);
    });
  }
});
