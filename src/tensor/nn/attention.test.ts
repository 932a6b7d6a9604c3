import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { gradients } from '../graph/autodiff.ts';
import { Graph } from '../graph/graph.ts';
import { seeded } from '../random.ts';
import { numbers, startKit } from '../testing/kit.ts';
import { causalAttention } from './attention.ts';
import { decode, languageHead } from './decoder.ts';
import { frozenWeights } from './frozen.ts';
import { nextTokenLoss } from './nextToken.ts';
import { openDecoder } from './openDecoder.ts';
import { Parameters } from './parameters.ts';
import { fixture, largestDifference, readNamed } from './testGoldens.ts';

const kit = startKit();
after(() => kit.close());

const model = await openDecoder(fixture('llama3', 'f32'));
const width = model.config.hiddenSize;

type Rows = readonly (readonly number[])[];

/**
 * Of `rows`, the first `starts[i]` tokens of row i being padding: hidden states [rows · length, width], and the last layer's
 * keys for a cache, [rows, kvHeads, length, headDim].
 */
async function read(rows: Rows, starts?: readonly number[]) {
  const [batch, length] = [rows.length, rows[0]!.length];
  const graph = new Graph();
  const ids = graph.input('ids', 'int64', [batch, length]);
  const decoder = { config: model.config, weights: frozenWeights(graph, model.weights), adapter: null };
  const padding = starts && { starts: graph.input('starts', 'int64', [batch]) };
  const attend = causalAttention(graph, model.config, { batch, length, ...padding }, (layer, keys) => {
    if (layer === model.config.layers - 1) graph.output('keys', keys);
  });
  graph.output('hidden', decode(decoder, ids, attend));
  const values = await kit.evaluate(graph, { ids: rows.flat(), ...(starts && { starts }) });
  return { hidden: numbers(values.hidden), keys: numbers(values.keys) };
}

const hiddenOf = async (rows: Rows, starts?: readonly number[]): Promise<number[]> => (await read(rows, starts)).hidden;

/** The hidden states of row `row` from token `start` on. */
const rowOf = (hidden: readonly number[], row: number, length: number, start = 0): number[] =>
  hidden.slice((row * length + start) * width, (row + 1) * length * width);

describe('rows that begin with padding', () => {
  const short = [7, 3, 40, 21, 9];
  const long = [12, 5, 5, 30, 2, 44, 8, 1];
  const padded = [[0, 0, 0, ...short], long, [0, 0, 0, 0, 0, 0, 0, 6]];
  const starts = [3, 0, 7];

  it('give the hidden states that the texts have by themselves', async () => {
    const together = await hiddenOf(padded, starts);
    const alone = [short, long, [6]].map((row) => hiddenOf([row]));
    for (const [row, hidden] of alone.entries()) {
      const error = largestDifference(rowOf(together, row, 8, starts[row]), await hidden);
      assert.ok(error < 1e-5, `row ${row}: off by ${error}`);
    }
  });

  it('give a cache the keys that the texts have by themselves: positions count from where a text begins', async () => {
    const { kvHeads, headDim } = model.config;
    const [together, alone] = [(await read(padded, starts)).keys, (await read([short])).keys];
    const perHead = (keys: readonly number[], length: number, start: number): number[] =>
      Array.from({ length: kvHeads }, (_, head) =>
        keys.slice((head * length + start) * headDim, (head + 1) * length * headDim),
      ).flat();
    const error = largestDifference(perHead(together, 8, 3), perHead(alone, 5, 0));
    assert.ok(error < 1e-5, `${error}`);
  });

  it('are the same whatever the padding is, bit for bit', async () => {
    const other = [[33, 1, 2, ...short], long, [1, 2, 3, 4, 5, 6, 7, 6]];
    const [first, second] = [await hiddenOf(padded, starts), await hiddenOf(other, starts)];
    starts.forEach((start, row) => {
      assert.deepEqual(rowOf(first, row, 8, start), rowOf(second, row, 8, start));
    });
  });

  it('hold no NaN, not even where there is nothing to see, and neither do their gradients', async () => {
    assert.ok(
      (
        await hiddenOf(
          [
            [0, 0, 0, 0],
            [1, 2, 3, 4],
          ],
          [4, 0],
        )
      ).every(Number.isFinite),
    );

    const graph = new Graph();
    const parameters = new Parameters(graph);
    const decoder = { config: model.config, weights: parameters.weights(), adapter: null };
    const ids = graph.constant(padded.flat(), [3, 8], 'int64');
    const learnt = graph.constant(
      starts.flatMap((start) => Array.from({ length: 8 }, (_, i) => (i > start ? 1 : 0))),
      [3, 8],
    );
    const attend = causalAttention(graph, model.config, {
      batch: 3,
      length: 8,
      starts: graph.constant(starts, [3], 'int64'),
    });
    const hidden = decode(decoder, ids, attend);
    const loss = nextTokenLoss({ hidden, ids, table: languageHead(decoder) }, learnt);
    const embedding = parameters.tensors.get('model.embed_tokens.weight')!;
    const [gradient] = gradients(loss, [embedding]);
    graph.output('gradient', gradient!);
    parameters.packs();
    const tensors = await readNamed('llama3', 'f32', 'model.safetensors');
    const state = parameters.initialState(seeded(1), { file: 'llama3', tensors });
    const values = await kit.evaluate(graph, {}, { state });
    const rows = numbers(values.gradient);
    assert.ok(rows.every(Number.isFinite));
    // 0 stands in the padding and nowhere else; 3 is read.
    assert.ok(rows.slice(0, width).every((value) => value === 0));
    assert.ok(rows.slice(3 * width, 4 * width).some((value) => value !== 0));
  });
});
