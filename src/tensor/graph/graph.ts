/**
 * A graph of ONNX operators, built in memory. Every shape is known when an op is added; what an op's gradient is gets noted
 * on a tape beside it (autodiff.ts reads it); serialise.ts writes what the outputs need, and nothing else.
 */
import { type DType, type TensorData, toData } from '../dtype.ts';
import type { Shape } from '../model.ts';
import { GraphError } from './errors.ts';
import { sizeOf, type TensorType } from './types.ts';

/** A value in a graph. Two tensors with one `name` are one value: `stopGradient` makes such a twin. */
export class Tensor implements TensorType {
  readonly graph: Graph;
  readonly name: string;
  readonly dtype: DType;
  readonly shape: Shape;

  constructor(graph: Graph, name: string, type: TensorType) {
    this.graph = graph;
    this.name = name;
    this.dtype = type.dtype;
    this.shape = type.shape;
  }

  get rank(): number {
    return this.shape.length;
  }

  get size(): number {
    return sizeOf(this.shape);
  }
}

/** A whole number is written as an int, a list of them as ints; a float says so. */
export type Attribute = number | readonly number[] | string | { readonly float: number } | Graph;

export interface Node {
  /** ONNX operator name. */
  readonly op: string;
  /** Empty: ONNX's own; else the runtime's, as `com.microsoft`. */
  readonly domain: string;
  /** Where it was built: the scopes, then the op and a number. The runtime's errors name it. */
  readonly name: string;
  readonly inputs: readonly (Tensor | null)[];
  readonly outputs: readonly Tensor[];
  readonly attributes: Readonly<Record<string, Attribute>>;
}

/** A part of a file that holds the elements of a tensor, little-endian and row-major. */
export interface FileSlice {
  /** Absolute path. */
  readonly file: string;
  readonly offset: number;
  readonly bytes: number;
}

export interface Initializer extends TensorType {
  readonly name: string;
  readonly content: TensorData | FileSlice;
}

/** From the gradients of an op's outputs (null: none arrived) to those of its inputs (null: none flows). */
export type Gradient = (
  dys: readonly (Tensor | null)[],
  outputs: readonly Tensor[],
) => readonly (Tensor | null | undefined)[];

export interface TapeEntry {
  readonly op: string;
  readonly inputs: readonly (Tensor | null)[];
  readonly outputs: readonly Tensor[];
  readonly gradient: Gradient | null;
}

export interface OpSpec {
  readonly op: string;
  readonly domain?: string;
  readonly inputs: readonly (Tensor | null)[];
  /** Of each output: the op's shape rule, applied. */
  readonly types: readonly TensorType[];
  readonly attributes?: Readonly<Record<string, Attribute>>;
  /** Missing: the op can't be differentiated, and a gradient that reaches it is an error. */
  readonly gradient?: Gradient;
}

export interface GraphOptions {
  /** What parameters, constants and float inputs are made of: float64 is for checking gradients. */
  readonly float?: 'float32' | 'float64';
}

export class Graph {
  readonly parent: Graph | null;
  readonly root: Graph;
  readonly float: 'float32' | 'float64';
  readonly nodes: Node[] = [];
  readonly inputs: Tensor[] = [];
  readonly outputs: { readonly name: string; readonly tensor: Tensor }[] = [];
  /** Of the root only, like `states`: a body of a loop sees them from outside. */
  readonly initializers = new Map<string, Initializer>();
  readonly states: { readonly input: Tensor; next: Tensor | null }[] = [];
  readonly tape: TapeEntry[] = [];
  private readonly names = new Set<string>();
  /** Constants that exist already, by what they hold. */
  private readonly shared = new Map<string, Tensor>();
  private counter = 0;
  private scopes = '';
  private taping = true;

  constructor(options: GraphOptions = {}, parent: Graph | null = null) {
    this.parent = parent;
    this.root = parent ? parent.root : this;
    this.float = parent ? parent.float : (options.float ?? 'float32');
  }

  /** A tensor fed in each run; of a loop's body, what it gets in each turn. Throws when the name is taken. */
  input(name: string, dtype: DType, shape: Shape): Tensor {
    const tensor = new Tensor(this, this.parent ? this.fresh(name) : this.claim(name), { dtype, shape });
    this.inputs.push(tensor);
    return tensor;
  }

  /** A tensor that stays in the runtime from run to run. `update` says what the next run reads; until then it is constant. */
  state(name: string, dtype: DType, shape: Shape): Tensor {
    const input = new Tensor(this, this.claim(name), { dtype, shape });
    this.states.push({ input, next: null });
    return input;
  }

  /** Sets what `state` is in the next run. */
  update(state: Tensor, next: Tensor): void {
    const entry = this.states.find(({ input }) => input === state);
    if (!entry) throw new GraphError('update', [state, next], `“${state.name}” is not a state of this graph.`);
    if (next.dtype !== state.dtype || next.shape.join() !== state.shape.join()) {
      throw new GraphError('update', [state, next], `the next “${state.name}” has another type.`);
    }
    entry.next = next;
  }

  /** A tensor handed to the caller by each run. Throws when the name is taken. */
  output(name: string, tensor: Tensor): void {
    this.outputs.push({ name: this.parent ? this.fresh(name) : this.claim(name), tensor });
  }

  /** A constant; of the graph's float type unless another is given. */
  constant(values: TensorData | readonly number[], shape: Shape, dtype: DType = this.float): Tensor {
    const content = Array.isArray(values) ? toData(values as readonly number[], dtype) : (values as TensorData);
    if (content.length !== sizeOf(shape)) {
      throw new GraphError('constant', [{ dtype, shape }], `${content.length} elements don't fill the shape.`);
    }
    return this.addInitializer(this.fresh('constant'), { dtype, shape }, content);
  }

  /** A scalar constant; equal ones are one value. */
  scalar(value: number, dtype: DType = this.float): Tensor {
    const { root } = this;
    const key = `${dtype} ${Object.is(value, -0) ? '-0' : value}`;
    const known = root.shared.get(key);
    if (known) return known;
    const tensor = root.constant(toData([value], dtype), [], dtype);
    root.shared.set(key, tensor);
    return tensor;
  }

  /** Whole numbers as a constant int64 vector: axes, sizes, positions. Equal ones are one value. */
  integers(values: readonly number[]): Tensor {
    const { root } = this;
    const key = `[${values.join()}]`;
    const known = root.shared.get(key);
    if (known) return known;
    const tensor = root.constant(values, [values.length], 'int64');
    root.shared.set(key, tensor);
    return tensor;
  }

  /** A constant that the runtime reads from a file (a weight of a frozen model), mapped and not copied. */
  weight(name: string, type: TensorType, slice: FileSlice): Tensor {
    return this.addInitializer(this.root.claim(name), type, slice);
  }

  /** Names of what `build` adds begin with `name/`. */
  scope<T>(name: string, build: () => T): T {
    const before = this.root.scopes;
    this.root.scopes = `${before}${name}/`;
    try {
      return build();
    } finally {
      this.root.scopes = before;
    }
  }

  /** What `build` adds leaves no trace on the tape: for gradients themselves, and for ops with a gradient of their own. */
  withoutTape<T>(build: () => T): T {
    const { root } = this;
    const before = root.taping;
    root.taping = false;
    try {
      return build();
    } finally {
      root.taping = before;
    }
  }

  /** Notes a gradient for what was built without the tape. */
  record(entry: TapeEntry): void {
    if (this.root.taping) this.tape.push(entry);
  }

  /** Adds an op and returns its outputs. Shapes must be right already: op functions (../ops) see to that. */
  apply(spec: OpSpec): readonly Tensor[] {
    const name = this.fresh(spec.op);
    const outputs = spec.types.map((type, i) => new Tensor(this, i === 0 ? name : `${name}.${i}`, type));
    this.define(spec, outputs, name);
    this.record({ op: spec.op, inputs: spec.inputs, outputs, gradient: spec.gradient ?? null });
    return outputs;
  }

  /** Adds a node whose output tensors exist already (`promise`). */
  define(spec: Omit<OpSpec, 'types' | 'gradient'>, outputs: readonly Tensor[], name = this.fresh(spec.op)): void {
    const { op, domain = '', inputs, attributes = {} } = spec;
    this.nodes.push({ op, domain, name, inputs, outputs, attributes });
  }

  /** A tensor whose node comes later, by `define`. */
  promise(name: string, type: TensorType): Tensor {
    return new Tensor(this, this.root.claim(name), type);
  }

  /** This graph with other nodes that make the same outputs: everything else is shared. For rewrite.ts. */
  withNodes(nodes: readonly Node[]): Graph {
    return Object.assign(Object.create(Graph.prototype) as Graph, this, { nodes: [...nodes] });
  }

  /** The graph in which an op over `tensors` belongs: the innermost of theirs. `op` is for the error. */
  static of(tensors: readonly (Tensor | null)[], op = 'op'): Graph {
    let innermost: Graph | null = null;
    for (const tensor of tensors) {
      if (tensor && (!innermost || tensor.graph.isInside(innermost))) innermost = tensor.graph;
      else if (tensor && innermost && !innermost.isInside(tensor.graph)) {
        throw new GraphError(op, tensors, 'the tensors belong to different graphs.');
      }
    }
    if (!innermost) throw new GraphError(op, tensors, 'there is no tensor among the inputs.');
    return innermost;
  }

  /** Whether this is `other` or, at whatever depth, a body within it. */
  isInside(other: Graph): boolean {
    for (let graph: Graph | null = this; graph; graph = graph.parent) if (graph === other) return true;
    return false;
  }

  private addInitializer(name: string, type: TensorType, content: TensorData | FileSlice): Tensor {
    this.root.initializers.set(name, { name, dtype: type.dtype, shape: type.shape, content });
    return new Tensor(this.root, name, type);
  }

  private claim(name: string): string {
    if (this.root.names.has(name)) throw new GraphError('name', [], `“${name}” is taken.`);
    this.root.names.add(name);
    return name;
  }

  /** A name nothing has yet. */
  fresh(base: string): string {
    const { root } = this;
    return root.claim(`${root.scopes}${base}_${root.counter++}`);
  }
}
