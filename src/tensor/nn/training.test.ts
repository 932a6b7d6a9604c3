import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { gradients } from '../graph/autodiff.ts';
import type { TensorValue } from '../model.ts';
import { adamw, initialOptimizerState } from '../optim/adamw.ts';
import { seeded } from '../random.ts';
import { numbers, startKit } from '../testing/kit.ts';
import { nextTokenLoss } from './nextToken.ts';
import { parametersIn } from './parameters.ts';
import { decoderGraph } from './testDecoders.ts';
import { families, largestDifference, readGoldens, readNamed, readTensors, tolerance } from './testGoldens.ts';

const kit = startKit();
after(() => kit.close());

const adapter = {
  rank: 4,
  alpha: 8,
  targets: ['q_proj', 'k_proj', 'v_proj', 'o_proj', 'gate_proj', 'up_proj', 'down_proj'],
};

/** What is trained: all weights of a family, or an adapter on frozen ones. */
const cases = [
  ...families.map((family) => ({
    title: family,
    family,
    goldens: [family],
    start: [family, 'f32', 'model.safetensors'],
  })),
  {
    title: 'a LoRA adapter on qwen2',
    family: 'qwen2',
    adapter,
    goldens: ['qwen2', 'lora'],
    start: ['qwen2', 'lora', 'adapter_model.safetensors'],
  },
];

/** PEFT's names of an adapter's tensors without its wrappers around the model. */
const withoutPrefix = (name: string): string => name.replace(/^base_model\.model\./, '');

const readExpected = async (...path: readonly string[]): Promise<ReadonlyMap<string, TensorValue>> =>
  new Map([...(await readTensors(...path))].map(([name, value]) => [withoutPrefix(name), value]));

async function setUp({ family, goldens, start, ...options }: (typeof cases)[number], parts = 1) {
  const lora = 'adapter' in options;
  const built = await decoderGraph(family, lora ? 'frozen' : 'trained', { parts, ...options });
  const initial = () => built.parameters.initialState(seeded(1), { file: family, tensors: given });
  const given = (await readNamed(...start)).map((tensor) => ({ ...tensor, name: withoutPrefix(tensor.name) }));
  return { ...built, initial, golden: await readGoldens(...goldens) };
}

function expectClose(what: string, ours: Iterable<number | bigint>, theirs: Iterable<number | bigint>): void {
  const error = largestDifference(ours, theirs);
  assert.ok(error < tolerance, `${what}: off by ${error}`);
}

for (const each of cases) {
  describe(`training ${each.title} is what PyTorch does`, () => {
    for (const parts of [1, 3]) {
      it(`loss and every gradient, the vocabulary in ${parts}`, async () => {
        const { graph, parameters, tokens, initial, golden } = await setUp(each, parts);
        const loss = nextTokenLoss(tokens);
        const names = [...parameters.tensors.keys()];
        const found = gradients(loss, [...parameters.tensors.values()]);
        graph.output('loss', loss);
        names.forEach((name, i) => {
          graph.output(`d ${name}`, found[i]!);
        });
        parameters.packs();
        const values = await kit.evaluate(graph, { ids: golden.inputIds.flat() }, { state: initial() });
        expectClose('the loss', numbers(values.loss), [golden.loss]);
        const expected = await readExpected(...each.goldens, 'gradients.safetensors');
        assert.deepEqual(names.toSorted(), [...expected.keys()].toSorted());
        for (const name of names) {
          assert.deepEqual(values[`d ${name}`]!.shape, expected.get(name)!.shape);
          expectClose(`the gradient of ${name}`, numbers(values[`d ${name}`]), numbers(expected.get(name)));
        }
      });
    }

    it('20 steps of AdamW: losses, gradient norms and what becomes of the parameters', async () => {
      const { graph, parameters, tokens, initial, golden } = await setUp(each);
      const { optimiser, batches, losses, gradientNorms } = golden.training;
      const loss = nextTokenLoss(tokens);
      const { gradientNorm } = adamw(parameters, loss, { ...optimiser, clipNorm: optimiser.maxGradNorm });
      graph.output('loss', loss);
      graph.output('norm', gradientNorm);
      const step = await kit.compile(graph, { state: { ...initial(), ...initialOptimizerState(graph) } });
      const seen = { losses: [] as number[], norms: [] as number[] };
      for (const ids of batches) {
        const values = await step.run({ ids: ids.flat() });
        seen.losses.push(...numbers(values.loss));
        seen.norms.push(...numbers(values.norm));
      }
      expectClose('the losses', seen.losses, losses);
      expectClose('the gradient norms', seen.norms, gradientNorms);
      const expected = await readExpected(...each.goldens, 'trained.safetensors');
      const trained = parametersIn(parameters.layouts, await step.state());
      assert.deepEqual(trained.map(({ name }) => name).toSorted(), [...expected.keys()].toSorted());
      for (const { name, shape, data } of trained) {
        assert.deepEqual(shape, expected.get(name)!.shape);
        expectClose(name, data, numbers(expected.get(name)));
      }
    });
  });
}
