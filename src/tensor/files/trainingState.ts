/**
 * The runtime's state of a training (vectors of many parameters, `optim/adamw.ts`) as tensors by parameter, and back:
 *
 *   parameters.<pack>            <parameter>
 *   optimizer.first.<pack>       exp_avg.<parameter>        the names of PyTorch's AdamW
 *   optimizer.second.<pack>      exp_avg_sq.<parameter>
 *   optimizer.accumulated.<pack> accumulated.<parameter>
 *   optimizer.step, …            step, …
 */
import type { PackLayout, TensorValue } from '../model.ts';
import type { CheckpointTensors } from './checkpoint.ts';
import { joinPacks, type NamedTensor, splitPacks } from './packs.ts';

/** The tensors of a state by name, as the runtime hands them out and takes them. */
export type States = Readonly<Record<string, TensorValue>>;

const parametersPrefix = 'parameters.';
const optimizerPrefix = 'optimizer.';

/** What the optimiser holds for each parameter: the name in a state, the name in a file. */
const perParameter = [
  ['first', 'exp_avg'],
  ['second', 'exp_avg_sq'],
  ['accumulated', 'accumulated'],
] as const;

/** Views of the packs, not copies. Throws `TypeError` for a state that is neither of parameters nor of the optimiser. */
export function toCheckpointTensors(layouts: readonly PackLayout[], states: States): CheckpointTensors {
  const rest = new Map(Object.entries(states));
  const split = (prefix: string): readonly NamedTensor[] => {
    const packs = new Map<string, Float32Array>();
    for (const { pack } of layouts) {
      const data = rest.get(prefix + pack)?.data;
      if (!(data instanceof Float32Array)) throw new TypeError(`State ${prefix}${pack} is missing or not float32.`);
      packs.set(pack, data);
      rest.delete(prefix + pack);
    }
    return splitPacks(layouts, packs);
  };
  const parameters = split(parametersPrefix);
  const optimizer: NamedTensor[] = [];
  for (const [kind, stored] of perParameter) {
    const prefix = `${optimizerPrefix}${kind}.`;
    if (![...rest.keys()].some((name) => name.startsWith(prefix))) continue;
    optimizer.push(...split(prefix).map((tensor) => ({ ...tensor, name: `${stored}.${tensor.name}` })));
  }
  for (const [name, value] of rest) {
    if (!name.startsWith(optimizerPrefix)) throw new TypeError(`State ${name} does not belong to a training.`);
    optimizer.push({ name: name.slice(optimizerPrefix.length), ...value });
  }
  return { parameters, optimizer: optimizer.length > 0 ? optimizer : null };
}

/**
 * New states with the very same bits. Throws `WeightsError` when the checkpoint read from `folder` is not one of a model
 * with these packs.
 */
export function fromCheckpointTensors(
  folder: string,
  layouts: readonly PackLayout[],
  { parameters, optimizer }: CheckpointTensors,
): States {
  const states: Record<string, TensorValue> = {};
  const join = (prefix: string, tensors: readonly NamedTensor[]) => {
    for (const [pack, data] of joinPacks(folder, layouts, tensors)) {
      states[prefix + pack] = { dtype: 'float32', shape: [data.length], data };
    }
  };
  join(parametersPrefix, parameters);
  const rest = new Set(optimizer ?? []);
  for (const [kind, stored] of perParameter) {
    const own = [...rest].filter(({ name }) => name.startsWith(`${stored}.`));
    if (own.length === 0) continue;
    for (const tensor of own) rest.delete(tensor);
    const named = own.map((tensor) => ({ ...tensor, name: tensor.name.slice(stored.length + 1) }));
    join(`${optimizerPrefix}${kind}.`, named);
  }
  for (const { name, ...value } of rest) states[optimizerPrefix + name] = value;
  return states;
}
