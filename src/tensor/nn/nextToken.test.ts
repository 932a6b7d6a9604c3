import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { numbers, startKit } from '../testing/kit.ts';
import { nextTokenLoss, nextTokenStatistics } from './nextToken.ts';
import { batch, decoderGraph, length } from './testDecoders.ts';
import { families, largestDifference, readGoldens, readTensors, tolerance } from './testGoldens.ts';

const kit = startKit();
after(() => kit.close());

const logSoftmax = (logits: readonly number[]): number[] => {
  const top = Math.max(...logits);
  const total = top + Math.log(logits.reduce((sum, logit) => sum + Math.exp(logit - top), 0));
  return logits.map((logit) => logit - total);
};

describe('the next token', () => {
  for (const family of families) {
    it(`of ${family}: log-probabilities and entropies are those of transformers’ logits`, async () => {
      const { graph, tokens, decoder } = await decoderGraph(family, 'frozen', { parts: 3 });
      const found = nextTokenStatistics(tokens);
      graph.output('log', found.logProbability);
      graph.output('entropy', found.entropy);
      const { inputIds } = await readGoldens(family);
      const values = await kit.evaluate(graph, { ids: inputIds.flat() });
      assert.deepEqual([values.log!.shape, values.entropy!.shape], Array(2).fill([batch, length - 1]));

      const logits = numbers((await readTensors(family, 'logits.safetensors')).get('f32'));
      const size = decoder.config.vocabSize;
      const expected = inputIds.flatMap((row, b) =>
        row.slice(1).map((token, t) => {
          const from = (b * length + t) * size;
          const logs = logSoftmax(logits.slice(from, from + size));
          return { log: logs[token]!, entropy: -logs.reduce((sum, log) => sum + Math.exp(log) * log, 0) };
        }),
      );
      const off = [
        largestDifference(
          numbers(values.log),
          expected.map(({ log }) => log),
        ),
        largestDifference(
          numbers(values.entropy),
          expected.map(({ entropy }) => entropy),
        ),
      ];
      assert.ok(Math.max(...off) < tolerance, `${off}`);
    });

    it(`of ${family} doesn’t count where it is not learnt: the label −100 of transformers`, async () => {
      const { graph, tokens } = await decoderGraph(family, 'frozen');
      const learnt = graph.input('learnt', 'float32', [batch, length]);
      graph.output('loss', nextTokenLoss(tokens, learnt));
      const { inputIds, maskedLabels, maskedLoss } = await readGoldens(family);
      const mask = maskedLabels.flat().map((label) => (label === -100 ? 0 : 1));
      const values = await kit.evaluate(graph, { ids: inputIds.flat(), learnt: mask });
      const error = largestDifference(numbers(values.loss), [maskedLoss]);
      assert.ok(error < tolerance, `${error}`);
    });
  }
});
