/** A selector as files of a version, and back, with all it needs to go on learning where training stopped. */
import * as v from 'valibot';
import type { NamedTensor } from '../../../tensor/files/packs.ts';
import type { Runtime } from '../../../tensor/runtime/api.ts';
import type { LinearSelector, LinearState } from '../selector/forgettingRidge.ts';
import { linTs } from '../selector/linTs.ts';
import { linUcb } from '../selector/linUcb.ts';
import { type LogisticFilter, type LogisticFilterState, logisticFilter } from '../selector/logisticFilter.ts';
import { parameterCount } from '../selector/policyNetwork.ts';
import { type PpoSelector, type PpoState, ppo, type TrainedPolicy } from '../selector/ppo.ts';
import type { Selector } from '../selector/selector.ts';
import { virtualReward } from '../selector/virtualReward.ts';
import type { ModelSpace } from './modelSpace.ts';
import { factorIn } from './rewardModelFiles.ts';
import { float32Tensor, float64Tensor, type TensorReader } from './tensorReader.ts';

export type TrainedSelector =
  | { readonly algorithm: 'linucb' | 'lints'; readonly selector: LinearSelector }
  | { readonly algorithm: 'logistic'; readonly selector: LogisticFilter }
  /** `reference`: the promoted policy it is held near to, also while it goes on learning. */
  | { readonly algorithm: 'ppo'; readonly selector: PpoSelector; readonly reference: TrainedPolicy | null };

const Count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const recent = v.pipe(v.array(v.boolean()), v.maxLength(1000));
const Finite = v.pipe(v.number(), v.finite());

/** What of a selector is no tensor. */
export const StoredSelector = v.variant('algorithm', [
  v.object({ algorithm: v.picklist(['linucb', 'lints']), recent }),
  v.object({
    algorithm: v.literal('logistic'),
    recent,
    decisions: Count,
    fitted: v.boolean(),
    shown: v.array(v.object({ label: v.picklist([0, 1]), decision: Count })),
  }),
  v.object({
    algorithm: v.literal('ppo'),
    recent,
    decisions: Count,
    hidden: Count,
    step: Count,
    reference: v.boolean(),
    outcomes: v.array(
      v.object({
        decision: Count,
        candidates: v.pipe(Count, v.minValue(1)),
        action: Count,
        reward: Finite,
        probabilities: v.array(Finite),
      }),
    ),
  }),
]);
export type StoredSelector = v.InferOutput<typeof StoredSelector>;

interface Encoded {
  readonly stored: StoredSelector;
  readonly tensors: readonly NamedTensor[];
}

/** Throws a TypeError for PPO that has not seen a decision: there is nothing to store. */
export function encodeSelector(trained: TrainedSelector, { size }: ModelSpace): Encoded {
  switch (trained.algorithm) {
    case 'linucb':
    case 'lints':
      return linear(trained.algorithm, trained.selector.state, size);
    case 'logistic':
      return logistic(trained.selector.state, size);
    case 'ppo': {
      const { state } = trained.selector;
      if (state === null) throw new TypeError('A policy without a decision can’t be stored.');
      return policy(state, trained.reference, size);
    }
  }
}

function linear(algorithm: 'linucb' | 'lints', { ridge, recent: shown }: LinearState, size: number): Encoded {
  const known = ridge.size > 0;
  return {
    stored: { algorithm, recent: [...shown] },
    tensors: [
      float64Tensor('moments', [size, size], known ? ridge.moments : new Float64Array(size * size)),
      float64Tensor('products', [size], known ? ridge.products : new Float64Array(size)),
    ],
  };
}

function logistic({ shown, decisions, posterior, recent: last }: LogisticFilterState, size: number): Encoded {
  const rows = matrixOf(
    shown.map(({ features }) => features),
    size,
  );
  return {
    stored: {
      algorithm: 'logistic',
      recent: [...last],
      decisions,
      fitted: posterior !== null,
      shown: shown.map(({ label, decision }) => ({ label, decision })),
    },
    tensors: [
      float64Tensor('shown', [shown.length, size], rows),
      ...(posterior === null
        ? []
        : [float64Tensor('mean', [size], posterior.mean), float64Tensor('factor', [size, size], posterior.factor)]),
    ],
  };
}

function policy(state: PpoState, reference: TrainedPolicy | null, size: number): Encoded {
  const { shape, parameters, first, second, step, outcomes, decisions, recent: last } = state;
  const count = parameterCount(shape);
  const rows = matrixOf(
    outcomes.flatMap(({ candidates }) => candidates),
    size,
  );
  // Another shape can't be what is stayed near to.
  const near = reference?.parameters.length === count ? reference.parameters : null;
  return {
    stored: {
      algorithm: 'ppo',
      recent: [...last],
      decisions,
      hidden: shape.hidden,
      step,
      reference: near !== null,
      outcomes: outcomes.map(({ decision, candidates, action, reward, probabilities }) => ({
        decision,
        candidates: candidates.length,
        action,
        reward,
        probabilities: [...probabilities],
      })),
    },
    tensors: [
      float32Tensor('parameters', [count], parameters),
      float32Tensor('exp_avg', [count], first),
      float32Tensor('exp_avg_sq', [count], second),
      float64Tensor('outcomes', [rows.length / size, size], rows),
      ...(near === null ? [] : [float32Tensor('reference', [count], near)]),
    ],
  };
}

function matrixOf(rows: readonly Float64Array[], size: number): Float64Array {
  const matrix = new Float64Array(rows.length * size);
  rows.forEach((row, i) => {
    matrix.set(row, i * size);
  });
  return matrix;
}

const rowsIn = (matrix: Float64Array, size: number): readonly Float64Array[] =>
  Array.from({ length: matrix.length / size }, (_, i) => matrix.slice(i * size, (i + 1) * size));

export interface SelectorParts {
  readonly random: () => number;
  /** Asked for when a policy is first refitted. */
  readonly runtime: () => Pick<Runtime, 'load'> | Promise<Pick<Runtime, 'load'>>;
}

/** The selector as it was, to the last bit: it decides the same, and learns the same. Throws `RegistryError`. */
export function readSelector(
  stored: StoredSelector,
  space: ModelSpace,
  tensors: TensorReader,
  { random, runtime }: SelectorParts,
): Selector {
  const { size, blocks } = space;
  switch (stored.algorithm) {
    case 'linucb':
    case 'lints': {
      const from: LinearState = {
        ridge: {
          size,
          moments: tensors.float64('moments', [size, size]),
          products: tensors.float64('products', [size]),
        },
        recent: stored.recent,
      };
      return stored.algorithm === 'linucb' ? linUcb({ from }) : linTs(random, { from });
    }
    case 'logistic': {
      const { shown, decisions, fitted } = stored;
      const rows = rowsIn(tensors.float64('shown', [shown.length, size]), size);
      const posterior = fitted ? { mean: tensors.float64('mean', [size]), factor: factorIn(tensors, size) } : null;
      const from = { decisions, posterior, recent: stored.recent };
      return logisticFilter({
        from: { ...from, shown: shown.map((one, i) => ({ ...one, features: rows[i]! })) },
      });
    }
    case 'ppo': {
      const shape = { features: size, hidden: stored.hidden };
      const count = parameterCount(shape);
      const total = stored.outcomes.reduce((sum, { candidates }) => sum + candidates, 0);
      const rows = rowsIn(tensors.float64('outcomes', [total, size]), size);
      let start = 0;
      const outcomes = stored.outcomes.map(({ candidates, ...one }) => {
        if (one.action > candidates || one.probabilities.length !== candidates + 1) {
          throw tensors.failure('has a decision that is none.');
        }
        start += candidates;
        return { ...one, candidates: rows.slice(start - candidates, start) };
      });
      const reference = stored.reference ? { shape, parameters: tensors.float32('reference', [count]) } : null;
      return policySelector({
        random,
        runtime,
        blocks,
        reference,
        from: {
          shape,
          parameters: tensors.float32('parameters', [count]),
          first: tensors.float32('exp_avg', [count]),
          second: tensors.float32('exp_avg_sq', [count]),
          step: stored.step,
          outcomes,
          decisions: stored.decisions,
          recent: stored.recent,
        },
      });
    }
  }
}

/** What of a stored policy decides. */
export function readPolicy(hidden: number, { size }: ModelSpace, tensors: TensorReader): TrainedPolicy {
  const shape = { features: size, hidden };
  return { shape, parameters: tensors.float32('parameters', [parameterCount(shape)]) };
}

/**
 * PPO as training and serving have it: linear scores, refitted on virtual decisions that a regression on the real ones rewards.
 */
export function policySelector({
  random,
  runtime,
  blocks,
  reference,
  from,
  ...rest
}: SelectorParts & {
  readonly blocks: ModelSpace['blocks'];
  readonly reference: TrainedPolicy | null;
  readonly from?: PpoState;
} & Pick<Parameters<typeof ppo>[0], 'onRefit'>): PpoSelector {
  return ppo({
    runtime: lazyRuntime(runtime),
    random,
    hidden: 0,
    fitReward: virtualReward(blocks),
    ...(reference && { reference }),
    ...(from && { from }),
    ...rest,
  });
}

/** Only `load` is called. */
const lazyRuntime = (runtime: SelectorParts['runtime']): Pick<Runtime, 'load'> => ({
  load: async (source, options) => (await runtime()).load(source, options),
});
