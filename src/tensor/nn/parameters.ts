/**
 * What is trained. Parameters are kept in packs, vectors that hold many of them: the optimiser then is a few large
 * operations instead of some dozens for each tensor, and a state has a handful of tensors instead of hundreds.
 */
import type { NamedTensor } from '../files/packs.ts';
import { fromCheckpointTensors, type States, toCheckpointTensors } from '../files/trainingState.ts';
import { GraphError } from '../graph/errors.ts';
import type { Graph, Tensor } from '../graph/graph.ts';
import { sizeOf } from '../graph/types.ts';
import type { PackedParameter, PackLayout, Shape } from '../model.ts';
import { reshape } from '../ops/basic.ts';
import { gatherRows } from '../ops/gather.ts';
import { concat } from '../ops/layout.ts';
import type { Initial, Random, Weights } from './weights.ts';

export interface ParameterOptions {
  /** Whether weight decay applies; by default to matrices and not to vectors (norms, biases). */
  readonly decay?: boolean;
  /** Times the optimiser's learning rate; 1 by default. */
  readonly rate?: number;
}

interface Parameter extends PackedParameter {
  readonly tensor: Tensor;
  /** As it comes out of the pack. */
  readonly flat: Tensor;
  readonly initial: Initial;
}

export interface Pack extends PackLayout {
  readonly decay: boolean;
  readonly rate: number;
  /** The state itself, [size]. */
  readonly state: Tensor;
}

/**
 * The trainable parameters of one graph. Another graph that creates the same ones in the same order reads the same state: a
 * decoder sees what a training step made.
 */
export class Parameters {
  readonly graph: Graph;
  private readonly groups = new Map<string, { decay: boolean; rate: number; parameters: Parameter[]; size: number }>();
  private sealed: readonly Pack[] | null = null;

  constructor(graph: Graph) {
    this.graph = graph;
  }

  /** A new parameter, of the graph's float type. Throws a GraphError when the name is taken, or the packs are made already. */
  create(name: string, shape: Shape, initial: Initial, options: ParameterOptions = {}): Tensor {
    if (this.sealed) throw new GraphError('Parameters', [], `“${name}” comes after the packs were made.`);
    const { decay = shape.length >= 2, rate = 1 } = options;
    const pack = `${decay ? 'decayed' : 'plain'}${rate === 1 ? '' : `-x${rate}`}`;
    const group = this.groups.get(pack) ?? { decay, rate, parameters: [], size: 0 };
    this.groups.set(pack, group);
    const dtype = this.graph.float;
    const size = sizeOf(shape);
    const flat = this.graph.promise(name, { dtype, shape: [size] });
    const tensor = reshape(flat, shape);
    group.parameters.push({ name, shape, offset: group.size, tensor, flat, initial });
    group.size += size;
    return tensor;
  }

  /** Layers that take their weights from here are trained. `prefix` comes before their names. */
  weights(prefix = '', options: ParameterOptions = {}): Weights {
    const known = new Map<string, Tensor>();
    const tensor: Weights['tensor'] = (name, shape, initial) => {
      const made = known.get(name) ?? this.create(prefix + name, shape, initial, options);
      known.set(name, made);
      return made;
    };
    return {
      tensor,
      rows: (name, shape, initial, index) => gatherRows(tensor(name, shape, initial), index),
      table: (name, shape, initial) => tensor(name, shape, initial),
    };
  }

  /** All parameters by name, in the order of the packs. */
  get tensors(): ReadonlyMap<string, Tensor> {
    return new Map(
      [...this.groups.values()].flatMap(({ parameters }) =>
        parameters.map(({ name, tensor }) => [name, tensor] as const),
      ),
    );
  }

  /** Where each parameter lies in its pack; complete when all have been created. */
  get layouts(): readonly PackLayout[] {
    return [...this.groups].map(([pack, { parameters, size }]) => ({
      pack,
      size,
      parameters: parameters.map(({ name, shape, offset }) => ({ name, shape, offset })),
    }));
  }

  /** Number of trained numbers. */
  get size(): number {
    return [...this.groups.values()].reduce((total, group) => total + group.size, 0);
  }

  /**
   * The packs, which become states of the graph; from then on there are no new parameters. adamw calls it; a graph that only
   * reads the parameters has to, once it has created them all.
   */
  packs(): readonly Pack[] {
    this.sealed ??= this.layouts.map((layout) => {
      const { decay, rate, parameters } = this.groups.get(layout.pack)!;
      const state = this.graph.state(`parameters.${layout.pack}`, this.graph.float, [layout.size]);
      const sizes = this.graph.integers(parameters.map(({ flat }) => flat.size));
      this.graph.define(
        { op: 'Split', inputs: [state, sizes], attributes: { axis: 0 } },
        parameters.map(({ flat }) => flat),
      );
      return { ...layout, decay, rate, state };
    });
    return this.sealed;
  }

  /** One vector [size] in the order of `pack` from one tensor for each of its parameters, such as their gradients. */
  join(pack: Pack, of: ReadonlyMap<string, Tensor>): Tensor {
    return concat(
      pack.parameters.map(({ name }) => reshape(of.get(name)!, [-1])),
      0,
    );
  }

  /**
   * The first values, as the states that the packs are: `given` where there is one of the parameter's name, as from a file,
   * and else what the layer draws; the same `random` draws the same. Throws a `WeightsError`, which names `file`, when one
   * of those given is no parameter's, or of another shape.
   */
  initialState(
    random: Random,
    { file, tensors: given }: { readonly file: string; readonly tensors: readonly NamedTensor[] } = nothing,
  ): States {
    const known = new Set(given.map(({ name }) => name));
    const drawn = [...this.groups.values()]
      .flatMap(({ parameters }) => parameters)
      .filter(({ name }) => !known.has(name))
      .map(({ name, shape, initial }): NamedTensor => {
        return { name, dtype: 'float32', shape, data: Float32Array.from(initial(shape, random)) };
      });
    const state = fromCheckpointTensors(file, this.layouts, { parameters: [...given, ...drawn], optimizer: null });
    if (this.graph.float === 'float32') return state;
    return Object.fromEntries(
      Object.entries(state).map(([name, { shape, data }]) => [
        name,
        { dtype: 'float64', shape, data: Float64Array.from(data as Float32Array) },
      ]),
    );
  }
}

/** One tensor for each parameter out of a training's states, as they were read from the runtime; views, not copies. */
export const parametersIn = (layouts: readonly PackLayout[], states: States): readonly NamedTensor[] =>
  toCheckpointTensors(layouts, states).parameters;

const nothing = { file: '', tensors: [] } as const;
