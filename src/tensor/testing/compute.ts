/** One run of a few ops, and comparing what comes out. */
import assert from 'node:assert/strict';
import type { DType } from '../dtype.ts';
import { Graph, type Tensor } from '../graph/graph.ts';
import { type CompileOptions, type Kit, numbers } from './kit.ts';
import type { Plain } from './reference.ts';

export interface Given extends Plain {
  /** The graph's float type by default. */
  readonly dtype?: DType;
}

export interface ComputeOptions extends CompileOptions {
  /** float64 by default: then results can be compared closely. */
  readonly float?: 'float32' | 'float64';
}

/** What `build` makes of tensors with the given elements. */
export async function compute<Name extends string>(
  kit: Kit,
  given: readonly Given[],
  build: (inputs: readonly Tensor[], graph: Graph) => Readonly<Record<Name, Tensor>>,
  { float = 'float64', ...options }: ComputeOptions = {},
): Promise<Readonly<Record<Name, Plain>>> {
  const graph = new Graph({ float });
  const inputs = given.map(({ shape, dtype = float }, i) => graph.input(`given.${i}`, dtype, shape));
  for (const [name, tensor] of Object.entries<Tensor>(build(inputs, graph))) graph.output(name, tensor);
  const feeds = Object.fromEntries(given.map(({ values }, i) => [`given.${i}`, values]));
  const results = await kit.evaluate(graph, feeds, options);
  const plains = Object.entries(results).map(([name, value]) => [name, { shape: value.shape, values: numbers(value) }]);
  return Object.fromEntries(plains) as Record<Name, Plain>;
}

/** The one tensor that `build` makes. */
export async function computeOne(
  kit: Kit,
  given: readonly Given[],
  build: (...inputs: Tensor[]) => Tensor,
  options?: ComputeOptions,
): Promise<Plain> {
  return (await compute(kit, given, (inputs) => ({ y: build(...inputs) }), options)).y;
}

/** Fails unless the shapes are the same, and the elements closer than `tolerance`, relative to those of more than 1. */
export function assertClose(actual: Plain, expected: Plain, tolerance = 1e-12): void {
  assert.deepEqual(actual.shape, expected.shape);
  expected.values.forEach((wanted, i) => {
    const given = actual.values[i]!;
    const close = Object.is(given, wanted) || Math.abs(given - wanted) <= tolerance * Math.max(1, Math.abs(wanted));
    assert.ok(close || given === wanted, `element ${i} is ${given}, not ${wanted}`);
  });
}
