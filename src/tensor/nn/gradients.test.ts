import assert from 'node:assert/strict';
import { availableParallelism } from 'node:os';
import { after, describe, it } from 'node:test';
import { bytesOf } from '../dtype.ts';
import { gradients } from '../graph/autodiff.ts';
import { checkDecoders } from '../testing/checkAll.ts';
import { type DecoderCase, type DecoderSize, decoderCases } from '../testing/decoderCases.ts';
import { numbers, startKit } from '../testing/kit.ts';

const kit = startKit();
after(() => kit.close());

/** The loss and the gradient of each trained weight, by name. */
function withGradients(each: DecoderCase, size: DecoderSize) {
  const { loss, variables } = each.build(size);
  const { graph } = loss;
  const wrt = variables.map(({ tensor }) => tensor);
  graph.output('loss', loss);
  gradients(loss, wrt).forEach((gradient, i) => {
    graph.output(`gradient of ${wrt[i]!.name}`, gradient);
  });
  return { graph, feeds: Object.fromEntries(variables.map(({ tensor, values }) => [tensor.name, values])) };
}

describe('gradients of a decoder', { timeout: 240_000 }, () => {
  it('agree with central differences in float64', async () => {
    const { errors } = await checkDecoders(kit);
    assert.deepEqual(
      [...errors.keys()],
      decoderCases.map(({ name }) => name),
    );
    const wrong = [...errors].filter(([, error]) => !(error <= 1e-6));
    assert.deepEqual(wrong, []);
  });

  it('are the same in float32', async () => {
    for (const each of decoderCases) {
      const [exact, single] = [withGradients(each, { float: 'float64' }), withGradients(each, { float: 'float32' })];
      const [wanted, given] = [
        await kit.evaluate(exact.graph, exact.feeds),
        await kit.evaluate(single.graph, single.feeds),
      ];
      for (const [name, value] of Object.entries(wanted)) {
        const largest = Math.max(...numbers(value).map(Math.abs));
        const error = Math.max(...numbers(value).map((x, i) => Math.abs(x - numbers(given[name])[i]!)));
        assert.ok(error <= 1e-4 * largest, `${each.name}, ${name}: ${error} of ${largest}`);
      }
    }
  });

  // Wide enough that the runtime splits every product, and each token comes many times.
  it(`on all ${availableParallelism()} threads are those on one, bit for bit, 20 times over`, async () => {
    const config = { hiddenSize: 128, intermediateSize: 352, heads: 8, headDim: 16, vocabSize: 512 };
    for (const each of decoderCases.slice(0, 2)) {
      const { graph, feeds } = withGradients(each, { float: 'float32', batch: 8, length: 32, config });
      const expected = await kit.evaluate(graph, feeds, { threads: 1 });
      const compiled = await kit.compile(graph);
      const different = new Set<string>();
      for (let run = 0; run < 20; run++) {
        for (const [name, { data }] of Object.entries(await compiled.run(feeds))) {
          if (Buffer.compare(bytesOf(data), bytesOf(expected[name]!.data)) !== 0) different.add(name);
        }
      }
      await compiled.dispose();
      assert.deepEqual([...different], []);
    }
  });
});
