import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import { after, describe, it } from 'node:test';
import { linearNames } from '../files/weightNames.ts';
import { gradients } from '../graph/autodiff.ts';
import { Graph } from '../graph/graph.ts';
import { serialise } from '../graph/serialise.ts';
import { seeded } from '../random.ts';
import { numbers, startKit } from '../testing/kit.ts';
import { frozenWeights } from './frozen.ts';
import { nextTokenLoss } from './nextToken.ts';
import { openDecoder } from './openDecoder.ts';
import { decoderGraph } from './testDecoders.ts';
import { fixture, largestDifference, readGoldens } from './testGoldens.ts';
import { constant } from './weights.ts';

const kit = startKit();
after(() => kit.close());

const none = constant(0);

describe('weights that stay in their file', () => {
  for (const family of ['smollm2', 'llama3']) {
    for (const stored of ['f32', 'f16', 'bf16']) {
      it(`${family} in ${stored}: a vocabulary in three parts gives the loss and gradients of one`, async () => {
        const { inputIds } = await readGoldens(family);
        const run = async (parts: number) => {
          const adapter = { rank: 2, alpha: 4, targets: linearNames };
          const { graph, parameters, tokens } = await decoderGraph(family, 'frozen', { stored, adapter, parts });
          const loss = nextTokenLoss(tokens);
          // B is zero at first, so A has no gradient yet.
          const wrt = [...parameters.tensors].filter(([name]) => name.includes('lora_B'));
          const found = gradients(
            loss,
            wrt.map(([, tensor]) => tensor),
          );
          graph.output('loss', loss);
          for (const [i, gradient] of found.entries()) graph.output(`gradient.${i}`, gradient);
          parameters.packs();
          const state = parameters.initialState(seeded(3));
          return Object.values(await kit.evaluate(graph, { ids: inputIds.flat() }, { state })).flatMap(numbers);
        };
        const [one, three] = [await run(1), await run(3)];
        assert.ok(one.some((value) => value !== 0));
        const error = largestDifference(one, three);
        assert.ok(error < 1e-5, `${error}`);
      });
    }
  }

  it('are not copied into the model', async () => {
    const { graph, tokens } = await decoderGraph('tinyllama', 'frozen', { stored: 'f16', parts: 3 });
    graph.output('loss', nextTokenLoss(tokens));
    const { bytes, files } = serialise(graph);
    const file = fixture('tinyllama', 'f16', 'model.safetensors');
    assert.deepEqual(files, [file]);
    assert.ok(bytes.length < statSync(file).size, `${bytes.length}`);
  });

  it('are refused by name where they are missing or of another shape', async () => {
    const { weights } = await openDecoder(fixture('smollm2', 'f16'));
    const frozen = frozenWeights(new Graph(), weights);
    assert.throws(() => frozen.tensor('model.nothing', [2], none), /no tensor “model\.nothing”/);
    assert.throws(
      () => frozen.tensor('model.norm.weight', [23], none),
      /“model\.norm\.weight” is float16\[24\], not \[23\]/,
    );
  });
});
