import { GraphError } from '../graph/errors.ts';
import { Graph, type Tensor } from '../graph/graph.ts';
import { sameShape } from '../graph/types.ts';

export interface LoopBody<Carried extends string, Collected extends string> {
  /** What the next turn gets, and after the last one the caller; of the types they came with. */
  readonly carried: Readonly<Record<Carried, Tensor>>;
  /** Kept from each turn: the caller gets them stacked, [turns, ..]. Excludes `goOn`. */
  readonly collected?: Readonly<Record<Collected, Tensor>>;
  /** A bool scalar: whether there is a next turn. */
  readonly goOn?: Tensor;
}

/**
 * Repeats `body` up to `turns` times inside the graph. The body sees tensors from outside as they are; what changes from turn
 * to turn is carried by name. No gradient flows through a loop.
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
  const result = graph.withoutTape(() =>
    body(Object.fromEntries(names.map((name, i) => [name, inside[i]!])) as Record<Carried, Tensor>, turn),
  );

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

  const outputs = graph.apply({
    op: 'Loop',
    inputs: [graph.scalar(turns, 'int64'), graph.scalar(1, 'bool'), ...before],
    types: [
      ...before.map(({ dtype, shape }) => ({ dtype, shape })),
      ...collected.map(({ dtype, shape }) => ({ dtype, shape: [turns, ...shape] })),
    ],
    attributes: { body: inner },
  });
  return Object.fromEntries([...names, ...collectedNames].map((name, i) => [name, outputs[i]!])) as Record<
    Carried | Collected,
    Tensor
  >;
}
