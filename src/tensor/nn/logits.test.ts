import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { seeded } from '../random.ts';
import { numbers, startKit } from '../testing/kit.ts';
import { logitsOf } from './decoder.ts';
import { type DecoderGraph, decoderGraph } from './testDecoders.ts';
import { families, largestDifference, readGoldens, readNamed, readTensors, tolerance } from './testGoldens.ts';

const kit = startKit();
after(() => kit.close());

async function expectGoldenLogits(family: string, stored: string, built: DecoderGraph, state = {}): Promise<void> {
  const { graph, decoder, tokens } = built;
  graph.output('logits', logitsOf(decoder, tokens.hidden));
  const { inputIds } = await readGoldens(family);
  const values = await kit.evaluate(graph, { ids: inputIds.flat() }, { state });
  const golden = (await readTensors(family, 'logits.safetensors')).get(stored);
  const error = largestDifference(numbers(values.logits), numbers(golden));
  assert.ok(error < tolerance, `${error}`);
}

for (const family of families) {
  describe(`logits of ${family} are those of transformers`, () => {
    for (const stored of ['f32', 'f16', 'bf16']) {
      it(`with ${stored} weights mapped from the file`, async () => {
        await expectGoldenLogits(family, stored, await decoderGraph(family, 'frozen', { stored }));
      });

      it(`with ${stored} weights read from the file to be trained`, async () => {
        const built = await decoderGraph(family, 'trained', { stored });
        built.parameters.packs();
        const tensors = await readNamed(family, stored, 'model.safetensors');
        const state = built.parameters.initialState(seeded(1), { file: stored, tensors });
        await expectGoldenLogits(family, stored, built, state);
      });
    }
  });
}
