/** Gradients in float64 against central differences. */
import { gradients } from '../graph/autodiff.ts';
import { Graph, type Tensor } from '../graph/graph.ts';
import type { Shape } from '../model.ts';
import { add, mul, sum } from '../ops/basic.ts';
import { seeded } from '../random.ts';
import { type Kit, numbers } from './kit.ts';
import { integers, spread } from './random.ts';

/** An input of the graph with the values at which its gradient is checked. */
export interface Variable {
  readonly tensor: Tensor;
  readonly values: Float64Array;
}

export interface CheckOptions {
  /** How many elements of each variable are checked, drawn at random; all when missing. */
  readonly elements?: number;
  readonly seed?: number;
}

/** Half the distance of the inner pair of points. With two pairs the error is about h⁴, below what rounding leaves. */
const h = 2e-4;

/**
 * The largest relative error of d`loss`/d`variables`, `loss` a float64 scalar, against central differences of fourth order:
 * (8 (f(x + h) − f(x − h)) − (f(x + 2h) − f(x − 2h))) / 12h. Errors are relative to the element, or to a thousandth of the
 * variable's largest one where that is more, so that rounding in elements near 0 doesn't count.
 */
export async function maxGradientError(
  kit: Kit,
  loss: Tensor,
  variables: readonly Variable[],
  { elements, seed = 1 }: CheckOptions = {},
): Promise<number> {
  const { graph } = loss;
  const random = seeded(seed);
  const names = variables.map((_, i) => `check.gradient.${i}`);
  graph.output('check.loss', loss);
  gradients(
    loss,
    variables.map(({ tensor }) => tensor),
    // A gradient that is wrongly missing is then wrong by 100 %.
    { unused: 'zero' },
  ).forEach((gradient, i) => {
    graph.output(names[i]!, gradient);
  });
  const analytic = await kit.evaluate(graph, feedsOf(variables), { threads: 1 });

  const forward = new Map(graph.outputs.map(({ name, tensor }) => [name, tensor]));
  // Only the loss is computed at the points around.
  graph.outputs.splice(0, graph.outputs.length, { name: 'check.loss', tensor: forward.get('check.loss')! });
  const compiled = await kit.compile(graph, { threads: 1 });
  const lossAt = async (): Promise<number> => numbers((await compiled.run(feedsOf(variables)))['check.loss'])[0]!;

  let worst = 0;
  for (const [i, { values }] of variables.entries()) {
    const given = numbers(analytic[names[i]!]);
    const largest = Math.max(...given.map(Math.abs));
    const checked =
      elements !== undefined && elements < values.length ? integers(random, elements, values.length) : values.keys();
    for (const k of checked) {
      const x = values[k]!;
      const at = async (offset: number): Promise<number> => {
        values[k] = x + offset;
        return lossAt();
      };
      const near = (await at(h)) - (await at(-h));
      const far = (await at(2 * h)) - (await at(-2 * h));
      values[k] = x;
      const numeric = (8 * near - far) / (12 * h);
      const exact = given[k]!;
      const scale = Math.max(Math.abs(numeric), Math.abs(exact), largest / 1000);
      // NaN must not pass as small.
      const error = scale === 0 ? 0 : Math.abs(numeric - exact) / scale;
      if (!(error <= worst)) worst = Number.isNaN(error) ? Number.POSITIVE_INFINITY : error;
    }
  }
  await compiled.dispose();
  return worst;
}

const feedsOf = (variables: readonly Variable[]) =>
  Object.fromEntries(variables.map(({ tensor, values }) => [tensor.name, values]));

/** A variable of this shape with values in [low, high), −1 to 1 by default, or with the given ones. */
export interface CheckedInput {
  readonly shape: Shape;
  readonly low?: number;
  readonly high?: number;
  readonly values?: readonly number[];
}

export type Build = (inputs: readonly Tensor[], graph: Graph) => Tensor | readonly Tensor[];

/** A graph with the inputs and, as its loss, the sum of what `build` makes of them, weighted at random. */
export function weightedLoss(float: 'float32' | 'float64', build: Build, inputs: readonly CheckedInput[], seed = 1) {
  const random = seeded(seed);
  const graph = new Graph({ float });
  const variables = inputs.map(({ shape, low, high, values }, i): Variable => {
    const tensor = graph.input(`x${i}`, float, shape);
    return { tensor, values: values ? Float64Array.from(values) : spread(random, tensor.size, low, high) };
  });
  const built = build(
    variables.map(({ tensor }) => tensor),
    graph,
  );
  const loss = [built]
    .flat()
    .map((y) => sum(mul(y, graph.constant([...spread(random, y.size)], y.shape))))
    .reduce((a, b) => add(a, b));
  return { graph, loss, variables };
}

/** The largest relative error of the gradients of what `build` makes of `inputs`. */
export async function gradientCheck(
  kit: Kit,
  build: Build,
  inputs: readonly CheckedInput[],
  options: CheckOptions = {},
): Promise<number> {
  const { loss, variables } = weightedLoss('float64', build, inputs, options.seed);
  return maxGradientError(kit, loss, variables, options);
}
