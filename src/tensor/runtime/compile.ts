/** From a graph to the model that an execution provider can run, by rules for what it can't do. */
import { type Graph, type Node, Tensor } from '../graph/graph.ts';
import { eachNode, nodesOf, type Rewrite, rewrite } from '../graph/rewrite.ts';
import { serialise } from '../graph/serialise.ts';
import { withSize } from '../graph/types.ts';
import type { Model, Shape } from '../model.ts';
import { sub, sum } from '../ops/basic.ts';
import { max } from '../ops/reduce.ts';
import { exp, log } from '../ops/unary.ts';
import type { Provider } from './providers.ts';

/** A shader of the WebGPU provider binds at most 12 buffers; some are its own. */
const mostBuffers = 4;

/** `items` in runs of equal length, at most `mostBuffers` of them. */
function groups<T>(items: readonly T[]): readonly (readonly T[])[] {
  const length = Math.max(1, Math.ceil(items.length / mostBuffers));
  return Array.from({ length: Math.ceil(items.length / length) }, (_, i) => items.slice(i * length, (i + 1) * length));
}

const sizeAlong = (tensors: readonly Tensor[], axis: number): number =>
  tensors.reduce((size, { shape }) => size + shape[axis]!, 0);

const partOf = (like: Tensor, shape: Shape, graph: Graph): Tensor =>
  new Tensor(graph, graph.fresh('part'), { dtype: like.dtype, shape });

/** A Split into many parts becomes a tree of Splits into few. */
const narrowSplit = eachNode((node, graph) => {
  if (node.op !== 'Split' || node.outputs.length <= mostBuffers) return null;
  const { axis } = node.attributes as { axis: number };
  return nodesOf(graph, () => {
    const divide = (whole: Tensor, parts: readonly Tensor[]): void => {
      const grouped = groups(parts);
      const made = grouped.map((group) =>
        group.length === 1 ? group[0]! : partOf(whole, withSize(whole.shape, axis, sizeAlong(group, axis)), graph),
      );
      const sizes = graph.integers(made.map(({ shape }) => shape[axis]!));
      graph.define({ op: 'Split', inputs: [whole, sizes], attributes: { axis } }, made);
      grouped.forEach((group, i) => {
        if (group.length > 1) divide(made[i]!, group);
      });
    };
    divide(node.inputs[0]!, node.outputs);
  });
});

/** The inputs of a node with many, taken together by `op` until there are few. */
const narrowed = (node: Node, graph: Graph, shapeOf: (group: readonly Tensor[]) => Shape): readonly Node[] =>
  nodesOf(graph, () => {
    const { op, attributes } = node;
    const join = (inputs: readonly Tensor[], output: Tensor): void => {
      const made = groups(inputs).map((group) => {
        if (group.length === 1) return group[0]!;
        const part = partOf(output, shapeOf(group), graph);
        join(group, part);
        return part;
      });
      graph.define({ op, inputs: made, attributes }, [output]);
    };
    join(node.inputs as readonly Tensor[], node.outputs[0]!);
  });

/** A Concat of many parts becomes a tree of Concats of few. */
const narrowConcat = eachNode((node, graph) => {
  if (node.op !== 'Concat' || node.inputs.length <= mostBuffers) return null;
  const { axis } = node.attributes as { axis: number };
  return narrowed(node, graph, (group) => withSize(group[0]!.shape, axis, sizeAlong(group, axis)));
});

/** A Sum of several becomes additions of two, for which there is a kernel. */
const pairwiseSum = eachNode((node, graph) => {
  if (node.op !== 'Sum') return null;
  const [first, ...others] = node.inputs as readonly Tensor[];
  return nodesOf(graph, () => {
    let total = first!;
    others.forEach((input, i) => {
      const isLast = i === others.length - 1;
      const next = isLast ? node.outputs[0]! : partOf(total, total.shape, graph);
      graph.define({ op: 'Add', inputs: [total, input] }, [next]);
      total = next;
    });
  });
});

/** LogSoftmax has no kernel: x − max − ln Σ e^(x − max). */
const plainLogSoftmax = eachNode((node, graph) => {
  if (node.op !== 'LogSoftmax') return null;
  const over = { axes: [node.attributes.axis as number], keepDims: true };
  return nodesOf(graph, () => {
    const x = node.inputs[0]!;
    const shifted = sub(x, max(x, over));
    graph.define({ op: 'Sub', inputs: [shifted, log(sum(exp(shifted), over))] }, node.outputs);
  });
});

const rewrites: Readonly<Record<Provider, readonly Rewrite[]>> = {
  cpu: [],
  webgpu: [narrowSplit, narrowConcat, pairwiseSum, plainLogSoftmax],
  cuda: [],
  dml: [],
  coreml: [],
};

/** The model of `graph` for each execution provider, to hand to `Runtime.load`. */
export const modelFor =
  (graph: Graph): ((provider: Provider) => Model) =>
  (provider) =>
    serialise(rewrite(graph, rewrites[provider]));
