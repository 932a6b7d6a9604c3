/**
 * Ops of ONNX Runtime's own that do in one pass what several standard ones do. They have no gradient: they are for graphs that
 * only generate. There a step is hundreds of tiny ops, and each costs 1 to 2 µs before it does anything.
 */
import { GraphError } from '../graph/errors.ts';
import type { Graph, Node, Tensor } from '../graph/graph.ts';
import type { Rewrite } from '../graph/rewrite.ts';
import { type RopeConfig, ropeTables } from '../nn/rope.ts';
import { apply } from '../ops/basic.ts';

export interface PositionTables {
  /** [positions, headDim / 2] */
  readonly cos: Tensor;
  readonly sin: Tensor;
}

/** Tables for `rotaryAt`, times `factor`. */
export function positionTables(graph: Graph, config: RopeConfig, positions: number, factor = 1): PositionTables {
  const { cos, sin } = ropeTables(config, positions);
  const half = config.headDim / 2;
  // The second half of a row: there the sines are not negated.
  const table = (values: readonly number[]): Tensor =>
    graph.constant(
      values.filter((_, i) => i % config.headDim >= half).map((value) => value * factor),
      [positions, half],
    );
  return { cos: table(cos), sin: table(sin) };
}

/**
 * ops/rotary.ts for `x` [batch, rows, n · headDim], whose tokens stand at `positions`: int64 [batch, rows], or [1] for the first
 * of rows that follow one another.
 */
export function rotaryAt(x: Tensor, positions: Tensor, { cos, sin }: PositionTables): Tensor {
  const headDim = 2 * cos.shape.at(-1)!;
  if (x.rank !== 3 || x.shape[2]! % headDim !== 0) {
    throw new GraphError('RotaryEmbedding', [x, positions, cos], 'expects [batch, rows, n · headDim].');
  }
  return apply({
    op: 'RotaryEmbedding',
    domain: 'com.microsoft',
    inputs: [x, positions, cos, sin],
    type: x,
    attributes: { interleaved: 0 },
  });
}

/** RMSNorm as ops/normalise.ts builds it becomes one op. */
export const fuseNorms: Rewrite = (nodes, graph) => {
  const producers = new Map(nodes.flatMap((node) => node.outputs.map(({ name }) => [name, node] as const)));
  const made = (tensor: Tensor | null | undefined, op: string): Node | null => {
    const node = tensor ? producers.get(tensor.name) : undefined;
    return node?.op === op ? node : null;
  };
  // x · 1 / √(mean x² + ε) · scale
  return nodes.map((node) => {
    const normal = node.op === 'Mul' ? made(node.inputs[0], 'Mul') : null;
    const sum = made(made(made(normal?.inputs[1], 'Reciprocal')?.inputs[0], 'Sqrt')?.inputs[0], 'Add');
    const squared = made(made(sum?.inputs[0], 'ReduceMean')?.inputs[0], 'Mul');
    const [x, scale] = [normal?.inputs[0], node.inputs[1]];
    const epsilon = sum?.inputs[1] && graph.root.initializers.get(sum.inputs[1].name)?.content;
    const isNorm = squared && x && squared.inputs.every((input) => input?.name === x.name);
    if (!isNorm || scale?.rank !== 1 || !epsilon || 'file' in epsilon) return node;
    return {
      ...node,
      op: 'SimplifiedLayerNormalization',
      inputs: [x, scale],
      attributes: { axis: -1, epsilon: { float: Number(epsilon[0]) } },
    };
  });
};
