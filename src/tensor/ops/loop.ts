import { GraphError } from '../graph/errors.ts';
import { Graph, type OpSpec, type Tensor } from '../graph/graph.ts';
import { sameShape } from '../graph/types.ts';

export interface LoopBody<Carried extends string, Collected extends string> {
  /** What the next turn gets, and after the last one the caller; of the types they came with. */
  readonly carried: Readonly<Record<Carried, Tensor>>;
  /** Kept from each turn: the caller gets them stacked, [turns, ..]. Excludes `goOn`. */
  readonly collected?: Readonly<Record<Collected, Tensor>>;
  /** A bool scalar: whether there is a next turn. */
  readonly goOn?: Tensor;
}

/** Tensors of the graphs around `body` that it uses. */
function seenFromOutside(body: Graph): Tensor[] {
  const used = new Set<Tensor>(body.outputs.map(({ tensor }) => tensor));
  for (const { inputs, attributes } of body.nodes) {
    for (const input of inputs) if (input) used.add(input);
    for (const value of Object.values(attributes)) {
      if (value instanceof Graph) for (const tensor of seenFromOutside(value)) used.add(tensor);
    }
  }
  return [...used].filter(({ graph }) => !graph.isInside(body));
}

/**
 * Repeats `body` up to `turns` times inside the graph. The body sees tensors from outside as they are; what changes from turn
 * to turn is carried by name. No gradient flows through a loop; within its body there may be gradients of what the body made.
 */
export function loop<Carried extends string, Collected extends string = never>(
  graph: Graph,
  turns: number,
  carried: Readonly<Record<Carried, Tensor>>,
  body: (carried: Readonly<Record<Carried, Tensor>>, turn: Tensor) => LoopBody<Carried, Collected>,
): Readonly<Record<Carried | Collected, Tensor>> {
  const names = Object.keys(carried) as Carried[];
  const before = names.map((name) => carried[name]);
  const inner = new Graph({}, graph);
  const turn = inner.input('turn', 'int64', []);
  const goesOn = inner.input('goesOn', 'bool', []);
  const inside = names.map((name, i) => inner.input(name, before[i]!.dtype, before[i]!.shape));
  const result = body(Object.fromEntries(names.map((name, i) => [name, inside[i]!])) as Record<Carried, Tensor>, turn);

  const after = names.map((name) => result.carried[name]);
  after.forEach((tensor, i) => {
    const start = before[i]!;
    if (tensor.dtype !== start.dtype || !sameShape(tensor.shape, start.shape)) {
      throw new GraphError('Loop', [start, tensor], `the body changes the type of “${names[i]}”.`);
    }
  });
  const collectedNames = Object.keys(result.collected ?? {}) as Collected[];
  if (result.goOn && collectedNames.length > 0) {
    throw new GraphError('Loop', [result.goOn], 'a loop that may end early has no fixed number of turns to collect.');
  }
  const collected = collectedNames.map((name) => result.collected![name]);
  for (const tensor of [result.goOn ?? goesOn, ...after, ...collected]) inner.output('next', tensor);

  const inputs = [graph.scalar(turns, 'int64'), graph.scalar(1, 'bool'), ...before];
  const node: OpSpec = {
    op: 'Loop',
    inputs,
    types: [
      ...before.map(({ dtype, shape }) => ({ dtype, shape })),
      ...collected.map(({ dtype, shape }) => ({ dtype, shape: [turns, ...shape] })),
    ],
    attributes: { body: inner },
  };
  const outputs = graph.withoutTape(() => graph.apply(node));
  // A gradient is refused for what the body sees from outside too.
  graph.record({ op: 'Loop', inputs: [...inputs, ...seenFromOutside(inner)], outputs, gradient: null });
  return Object.fromEntries([...names, ...collectedNames].map((name, i) => [name, outputs[i]!])) as Record<
    Carried | Collected,
    Tensor
  >;
}
