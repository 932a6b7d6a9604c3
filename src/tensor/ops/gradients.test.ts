import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { after, describe, it } from 'node:test';
import { customGradient, gradients } from '../graph/autodiff.ts';
import type { Graph, Tensor } from '../graph/graph.ts';
import { checkAllOps } from '../testing/checkAll.ts';
import { gradientCheck, weightedLoss } from '../testing/gradientCheck.ts';
import { numbers, startKit } from '../testing/kit.ts';
import { opCases, withoutGradient } from '../testing/opCases.ts';
import { mul, square } from './basic.ts';

const kit = startKit();
after(() => kit.close());

describe('gradients of the ops', { timeout: 120_000 }, () => {
  it('every op is checked, or says why not', async () => {
    const folder = new URL('./', import.meta.url);
    const files = readdirSync(folder).filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'));
    const checked = new Set<unknown>(opCases.map(({ op }) => op));
    const missing: string[] = [];
    for (const file of files) {
      const module: Readonly<Record<string, unknown>> = await import(new URL(file, folder).href);
      for (const [name, value] of Object.entries(module)) {
        const excused = typeof value === 'function' && withoutGradient.has(value as (...args: never[]) => unknown);
        if (!checked.has(value) && !excused) missing.push(`${file}: ${name}`);
      }
    }
    assert.deepEqual(missing, []);
    assert.ok(files.length > 10);
  });

  it('agree with central differences in float64', async () => {
    const { maxRelativeError, errors } = await checkAllOps(kit);
    assert.equal(errors.size, opCases.length, 'two cases have one name');
    const wrong = [...errors].filter(([, error]) => !(error <= 1e-6));
    assert.deepEqual(wrong, []);
    assert.ok(maxRelativeError <= 1e-6);
  });

  it('are the same in float32, by the kernels and fusions that training uses', async () => {
    for (const { name, build, inputs } of opCases) {
      const [exact, single] = [await analytic('float64', build, inputs), await analytic('float32', build, inputs)];
      exact.forEach((gradient, i) => {
        const largest = Math.max(...gradient.map(Math.abs));
        gradient.forEach((value, k) => {
          assert.ok(Math.abs(single[i]![k]! - value) <= 1e-5 * largest, `${name}: ${single[i]} instead of ${gradient}`);
        });
      });
    }
  });
});

async function analytic(
  float: 'float32' | 'float64',
  ...of: [Parameters<typeof weightedLoss>[1], Parameters<typeof weightedLoss>[2]]
) {
  const { graph, loss, variables } = weightedLoss(float, ...of);
  const wrt = variables.map(({ tensor }) => tensor);
  gradients(loss, wrt, { unused: 'zero' }).forEach((gradient, i) => {
    graph.output(`gradient.${i}`, gradient);
  });
  const feeds = Object.fromEntries(variables.map(({ tensor, values }) => [tensor.name, values]));
  const results = await kit.evaluate(graph, feeds);
  return variables.map((_, i) => numbers(results[`gradient.${i}`]));
}

describe('the check itself', () => {
  const inputs = [{ shape: [3] }];
  const with2 = (slope: (dy: Tensor, x: Tensor) => Tensor | null) =>
    gradientCheck(
      kit,
      ([x]) =>
        customGradient(
          'Test',
          [x!],
          () => [square(x!)],
          ([dy]) => [slope(dy!, x!)],
        ),
      inputs,
    );

  it('passes what is right', async () => {
    assert.ok((await with2((dy, x) => mul(mul(dy, x), 2))) < 1e-9);
  });
  it('finds a gradient that is a hundred-thousandth off', async () => {
    assert.ok((await with2((dy, x) => mul(mul(dy, x), 2.00002))) > 5e-6);
  });
  it('finds a gradient that is missing', async () => {
    assert.equal(await with2(() => null), 1);
  });
  it('finds NaN', async () => {
    const nan = (graph: Graph): Tensor => graph.scalar(Number.NaN);
    assert.equal(await with2((dy) => mul(dy, nan(dy.graph))), Number.POSITIVE_INFINITY);
  });
});
