/**
 * Reverse mode, when the graph is built: the tape is read backwards, and each op's gradient adds ordinary nodes. The result
 * is one graph without anything to learn about differentiation.
 */
import { isFloat } from '../dtype.ts';
import { GraphError } from './errors.ts';
import { type Gradient, Graph, Tensor } from './graph.ts';
import { sameShape } from './types.ts';

/** The same value, through which no gradient flows. Costs nothing: no node is added. */
export const stopGradient = (x: Tensor): Tensor => new Tensor(x.graph, x.name, x);

/**
 * Tensors that `build` makes from `inputs`, with a gradient of their own instead of the one that its ops would give. A fused
 * gradient keeps fewer values and makes fewer passes over memory. `build` has to take everything a gradient should flow to
 * from `inputs`.
 */
export function customGradient(
  op: string,
  inputs: readonly Tensor[],
  build: () => readonly Tensor[],
  gradient: Gradient,
): readonly Tensor[] {
  const graph = Graph.of(inputs);
  const outputs = graph.withoutTape(build);
  graph.record({ op, inputs, outputs, gradient });
  return outputs;
}

/** The sum of one or more gradients of the same shape, in one pass. */
function total(parts: readonly Tensor[]): Tensor {
  const [first] = parts;
  if (parts.length === 1) return first!;
  return first!.graph.apply({ op: 'Sum', inputs: parts, types: [first!] })[0]!;
}

/**
 * d`loss`/d`x` for each x of `wrt`, of x's shape. `loss` is a float with one element. Throws a GraphError when a gradient
 * reaches an op that has none, and when the loss does not depend on one of `wrt` (unless `unused` is 'zero').
 */
export function gradients(
  loss: Tensor,
  wrt: readonly Tensor[],
  { unused = 'error' }: { readonly unused?: 'error' | 'zero' } = {},
): readonly Tensor[] {
  const { graph } = loss;
  if (loss.size !== 1 || !isFloat(loss.dtype)) throw new GraphError('gradients', [loss], 'the loss is not one float.');

  const active = new Set<Tensor>(wrt);
  for (const { inputs, outputs } of graph.tape) {
    if (inputs.some((input) => input && active.has(input))) for (const output of outputs) active.add(output);
  }

  const arrived = new Map<Tensor, Tensor[]>();
  return graph.withoutTape(() => {
    arrived.set(loss, [graph.constant([1], loss.shape, loss.dtype)]);
    const collect = (x: Tensor): Tensor | null => {
      const parts = arrived.get(x);
      if (!parts) return null;
      const sum = total(parts);
      arrived.set(x, [sum]);
      return sum;
    };
    for (const entry of graph.tape.toReversed()) {
      if (!entry.outputs.some((output) => arrived.has(output) && active.has(output))) continue;
      if (!entry.inputs.some((input) => input && active.has(input))) continue;
      if (!entry.gradient) throw new GraphError(entry.op, entry.inputs, 'the op has no gradient; use stopGradient.');
      const dxs = entry.gradient(entry.outputs.map(collect), entry.outputs);
      entry.inputs.forEach((input, i) => {
        const dx = dxs[i];
        if (!input || !dx || !active.has(input)) return;
        if (!sameShape(dx.shape, input.shape) || dx.dtype !== input.dtype) {
          throw new GraphError(entry.op, [input, dx], 'the gradient has another type than what it belongs to.');
        }
        const parts = arrived.get(input);
        if (parts) parts.push(dx);
        else arrived.set(input, [dx]);
      });
    }
    return wrt.map((x) => {
      const dx = collect(x);
      if (dx) return dx;
      if (unused === 'zero') return graph.constant(new Array<number>(x.size).fill(0), x.shape, x.dtype);
      throw new GraphError('gradients', [loss, x], `the loss does not depend on “${x.name}”.`);
    });
  });
}
