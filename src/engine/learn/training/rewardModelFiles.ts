/** A reward model as files of a version, and back: `model.json` says what it is, `model.safetensors` holds its numbers. */
import * as v from 'valibot';
import type { NamedTensor } from '../../../tensor/files/packs.ts';
import { type BayesianLinear, bayesianLinearOf } from '../reward/bayesianLinear.ts';
import { type LogisticThumbs, logisticThumbsOf } from '../reward/logisticThumbs.ts';
import { type Network, type NeuralHead, neuralHeadOf } from '../reward/neuralHead.ts';
import type { RewardModel } from '../reward/rewardModel.ts';
import type { ModelSpace } from './modelSpace.ts';
import { float32Tensor, float64Tensor, type TensorReader } from './tensorReader.ts';

const Positive = v.pipe(v.number(), v.finite(), v.gtValue(0));
const Count = v.pipe(v.number(), v.safeInteger(), v.minValue(1));

/** What of a reward model is no tensor. */
export const StoredRewardModel = v.variant('algorithm', [
  v.object({
    algorithm: v.literal('bayesianLinear'),
    centre: v.pipe(v.number(), v.finite()),
    effectiveParameters: v.pipe(v.number(), v.finite()),
    precisions: v.object({ blocks: v.array(Positive), noise: Positive }),
  }),
  v.object({ algorithm: v.literal('logisticThumbs'), noise: Positive }),
  v.object({ algorithm: v.literal('neuralHead'), noise: Positive, networks: Count, hidden: Count }),
]);
export type StoredRewardModel = v.InferOutput<typeof StoredRewardModel>;

interface Encoded {
  readonly stored: StoredRewardModel;
  readonly tensors: readonly NamedTensor[];
}

/** Throws a TypeError for a kind that is not stored. */
export function encodeRewardModel(model: RewardModel): Encoded {
  switch (model.kind) {
    case 'bayesianLinear':
      return bayesianLinear(model as BayesianLinear);
    case 'logisticThumbs':
      return logisticThumbs(model as LogisticThumbs);
    case 'neuralHead':
      return neuralHead(model as NeuralHead);
    default:
      throw new TypeError(`A reward model of the kind ${model.kind} can’t be stored.`);
  }
}

function bayesianLinear({
  weights,
  factor,
  information,
  precisions,
  centre,
  effectiveParameters,
}: BayesianLinear): Encoded {
  const size = weights.length;
  return {
    stored: {
      algorithm: 'bayesianLinear',
      centre,
      effectiveParameters,
      precisions: { blocks: [...precisions.blocks], noise: precisions.noise },
    },
    tensors: [
      float64Tensor('weights', [size], weights),
      float64Tensor('information', [size], information),
      float64Tensor('factor', [size, size], factor),
    ],
  };
}

function logisticThumbs({ posterior: { mean, factor }, noise }: LogisticThumbs): Encoded {
  const size = mean.length;
  return {
    stored: { algorithm: 'logisticThumbs', noise },
    tensors: [float64Tensor('mean', [size], mean), float64Tensor('factor', [size, size], factor)],
  };
}

function neuralHead({ networks, noise }: NeuralHead): Encoded {
  const hidden = networks[0]!.bias.length;
  return {
    stored: { algorithm: 'neuralHead', noise, networks: networks.length, hidden },
    tensors: networks.flatMap(({ weight, bias, out, offset }, i) => [
      float32Tensor(`networks.${i}.weight`, [hidden, weight.length / hidden], weight),
      float32Tensor(`networks.${i}.bias`, [hidden], bias),
      float32Tensor(`networks.${i}.out`, [1, hidden], out),
      float32Tensor(`networks.${i}.offset`, [1], Float32Array.of(offset)),
    ]),
  };
}

/** The model as it was, to the last bit. Throws `RegistryError`. */
export function readRewardModel(
  stored: StoredRewardModel,
  { size, blocks }: ModelSpace,
  tensors: TensorReader,
): RewardModel {
  switch (stored.algorithm) {
    case 'bayesianLinear': {
      const { centre, effectiveParameters, precisions } = stored;
      if (precisions.blocks.length !== blocks.length) throw tensors.failure('has not one precision for each block.');
      return bayesianLinearOf({
        centre,
        effectiveParameters,
        precisions,
        blocks,
        mean: tensors.float64('weights', [size]),
        information: tensors.float64('information', [size]),
        factor: factorIn(tensors, size),
      });
    }
    case 'logisticThumbs':
      return logisticThumbsOf({ mean: tensors.float64('mean', [size]), factor: factorIn(tensors, size) }, stored.noise);
    case 'neuralHead': {
      const { hidden, networks: count, noise } = stored;
      const networks = Array.from(
        { length: count },
        (_, i): Network => ({
          weight: tensors.float32(`networks.${i}.weight`, [hidden, size]),
          bias: tensors.float32(`networks.${i}.bias`, [hidden]),
          out: tensors.float32(`networks.${i}.out`, [1, hidden]),
          offset: tensors.float32(`networks.${i}.offset`, [1])[0]!,
        }),
      );
      return neuralHeadOf(networks, noise);
    }
  }
}

/** Uncertainties are divided by its diagonal. */
export function factorIn(tensors: TensorReader, size: number, name = 'factor'): Float64Array {
  const factor = tensors.float64(name, [size, size]);
  for (let i = 0; i < size; i += 1) {
    if (!(factor[i * size + i]! > 0)) throw tensors.failure(`has a “${name}” that is no Cholesky factor.`);
  }
  return factor;
}
