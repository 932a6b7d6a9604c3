import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, statSync, truncateSync, utimesSync } from 'node:fs';
import { cp, readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, describe, it } from 'node:test';
import { openSafetensors, readFloat32, type StoredTensor } from '../files/safetensors.ts';
import { writeSafetensors } from '../files/safetensorsWrite.ts';
import { openWeights } from '../files/shards.ts';
import { embeddingName } from '../files/weightNames.ts';
import { Graph } from '../graph/graph.ts';
import { rewrite } from '../graph/rewrite.ts';
import { Parameters } from '../nn/parameters.ts';
import { constant, normal } from '../nn/weights.ts';
import { affine, affineOnto } from '../ops/matmul.ts';
import { seeded } from '../random.ts';
import { numbers, startKit } from '../testing/kit.ts';
import { cacheTensors } from './cachedAttention.ts';
import { type Bits, blockScales, blocksOf, dequantise, packBlocks } from './quantise.ts';
import { quantisedFile } from './quantisedFile.ts';
import { codesName, quantisedWeights, scalesName } from './quantisedWeights.ts';
import type { DecoderSource } from './source.ts';
import { families, type GoldenModel, goldenModel, wholeModel } from './testModels.ts';
import { openTextCache } from './textCache.ts';

const kit = startKit();
const folder = mkdtempSync(join(tmpdir(), 'attune-quantised-'));
after(async () => {
  await kit.close();
  rmSync(folder, { recursive: true, force: true });
});

/** √(Σ (a − b)² / Σ b²) */
function relativeError(actual: readonly number[], expected: readonly number[]): number {
  const square = (values: readonly number[]): number => values.reduce((sum, value) => sum + value * value, 0);
  return Math.sqrt(square(actual.map((value, i) => value - expected[i]!)) / square(expected));
}

const sourceOf =
  ({ config }: GoldenModel, stored: ReadonlyMap<string, StoredTensor>, fast = true): DecoderSource =>
  (graph) => {
    const { weights, rewrite } = quantisedWeights(graph, stored);
    return { decoder: { config, weights, adapter: null }, rewrites: fast ? [rewrite] : [] };
  };

const tokens = [3, 17, 5, 40, 11, 2, 9, 30, 22, 7, 1, 44];

describe('quantised weights', { timeout: 120_000 }, () => {
  for (const bits of [4, 8] as const satisfies readonly Bits[]) {
    it(`multiply as the numbers that are left of them do (${bits} bits)`, async () => {
      const random = seeded(bits);
      for (const [rows, inner, out] of [
        [1, 64, 48],
        [1, 40, 33],
        [5, 24, 7],
        [64, 96, 32],
      ] as const) {
        const size = [out, inner] as const;
        const values = Float32Array.from(normal(0.5)(size, random));
        const [x, bias] = [
          Float32Array.from(normal(1)([rows, inner], random)),
          Float32Array.from(normal(1)([out], random)),
        ];
        const residual = Float32Array.from(normal(1)([rows, out], random));
        const scales = blockScales(values, size, bits);
        const codes = packBlocks(values, size, bits, scales);
        const left = dequantise(codes, scales, size, bits);
        const expected = Array.from({ length: rows * out }, (_, i) => {
          const [row, column] = [Math.floor(i / out), i % out];
          let sum = bias[column]!;
          for (let k = 0; k < inner; k++) sum += x[row * inner + k]! * left[column * inner + k]!;
          return sum;
        });

        const file = join(folder, `matrix-${bits}-${inner}.safetensors`);
        const blocks = blocksOf(inner);
        await writeSafetensors(file, [
          { name: codesName('w'), dtype: 'uint8', shape: [out, blocks, bits * 4], data: codes },
          { name: scalesName('w'), dtype: 'float32', shape: [out, blocks], data: scales },
        ]);
        const { tensors } = await openSafetensors(file);
        const results: number[][] = [];
        for (const fast of [false, true]) {
          const graph = new Graph();
          const quantised = quantisedWeights(graph, tensors);
          const weight = quantised.weights.tensor('w', size, constant(0));
          const input = graph.constant(x, [rows, inner]);
          const y = affine(graph.input('x', 'float32', [rows, inner]), weight, graph.constant(bias, [out]));
          graph.output('y', y);
          graph.output('onto', affineOnto(input, weight, graph.constant(residual, [rows, out])));
          const model = rewrite(graph, fast ? [quantised.rewrite] : []);
          assert.equal(model.nodes.filter(({ op }) => op === 'MatMulNBits').length, fast ? 2 : 0);
          const run = await kit.evaluate(model, { x });
          results.push(numbers(run.y));
          const onto = numbers(run.onto).map((value, i) => value - residual[i]! + bias[i % out]!);
          assert.ok(relativeError(onto, results.at(-1)!) < 1e-5);
        }
        assert.ok(relativeError(results[0]!, expected) < 1e-6, 'in float32');
        // Activations of 8 bits, too.
        const error = relativeError(results[1]!, expected);
        assert.ok(error < 0.01, `${[rows, inner, out]}: ${error}`);
      }
    });
  }

  for (const family of families) {
    it(`leave a model’s logits nearly as they were (${family})`, async (t) => {
      const golden = await goldenModel(family);
      const whole = numbers((await kit.evaluate(wholeModel(golden.source, 1, tokens.length), { tokens })).logits);
      for (const [bits, limit] of [
        [8, 0.02],
        // 0.09 of each random matrix; through two layers of them it doubles.
        [4, 0.3],
      ] as const) {
        const stored = await quantisedFile(folder, golden.config, golden.stored, { bits });
        const source = sourceOf(golden, stored);
        const logits = numbers((await kit.evaluate(wholeModel(source, 1, tokens.length), { tokens })).logits);
        const error = relativeError(logits, whole);
        t.diagnostic(`${family}, ${bits} bits: relative error of logits ${error.toFixed(4)}`);
        assert.ok(error < limit, `${bits} bits: ${error}`);
        const exact = await kit.evaluate(wholeModel(sourceOf(golden, stored, false), 1, tokens.length), { tokens });
        const ofSpeed = relativeError(logits, numbers(exact.logits));
        assert.ok(ofSpeed < 0.02, `what MatMulNBits adds: ${ofSpeed}`);
      }
    });
  }

  it('stream, with a trained adapter on top', async () => {
    const golden = await goldenModel('qwen2');
    const stored = await quantisedFile(folder, golden.config, golden.stored, { bits: 8 });
    const source: DecoderSource = (graph) => {
      const parameters = new Parameters(graph);
      const sourced = sourceOf(golden, stored)(graph);
      const adapter = { rank: 2, alpha: 4, targets: ['q_proj', 'o_proj', 'up_proj'], weights: parameters.weights() };
      return { ...sourced, parameters, decoder: { ...sourced.decoder, adapter } };
    };
    const model = wholeModel(source, 1, tokens.length);
    const random = seeded(5);
    const packs = Object.fromEntries(
      model.state.map(({ name, dtype, shape }) => [
        name,
        { dtype, shape, data: Float32Array.from(normal(0.3)(shape, random)) },
      ]),
    );
    const whole = numbers((await kit.evaluate(model, { tokens }, { state: packs })).logits);
    const size = { capacity: 16 };
    const state = await kit.runtime.createState({ ...packs, ...cacheTensors(golden.config, size) });
    const cache = await openTextCache(kit.runtime, {
      config: golden.config,
      source,
      ...size,
      state,
      prefill: { rows: 8 },
    });
    for (const length of [9, 10, 12]) {
      const logits = Array.from((await cache.predict(tokens.slice(0, length))).logits);
      const { vocabSize } = golden.config;
      const expected = whole.slice((length - 1) * vocabSize, length * vocabSize);
      const error = relativeError(logits, expected);
      assert.ok(error < 0.02, `${error}`);
    }
    await cache.dispose();
  });
});

describe('the file of quantised weights', () => {
  const copyOf = async (name: string, precision: 'f32' | 'f16' | 'bf16') => {
    const golden = await goldenModel('smollm2', precision);
    const copy = join(folder, name);
    await cp(dirname([...golden.stored.values()][0]!.file), copy, { recursive: true });
    return { copy, golden, stored: await openWeights(copy) };
  };

  it('is written once, and again for other weights, another scheme, or when it is damaged', async () => {
    const { copy, golden, stored } = await copyOf('model', 'f32');
    const cache = join(folder, 'cache');
    const quantise = async (bits: Bits, weights = stored) => {
      const tensors = await quantisedFile(cache, golden.config, weights, { bits });
      return [...tensors.values()][0]!.file;
    };
    const file = await quantise(8);
    const { ino } = statSync(file);
    assert.equal(await quantise(8), file);
    assert.equal(statSync(file).ino, ino, 'not written again');

    truncateSync(file, statSync(file).size - 1);
    assert.equal(await quantise(8), file);
    assert.notEqual(statSync(file).ino, ino, 'written again');
    assert.notEqual(await quantise(4), file);

    utimesSync(join(copy, 'model.safetensors'), 1, 1);
    assert.notEqual(await quantise(8), file);
    assert.equal((await readdir(cache)).length, 3, 'no drafts are left');
  });

  it('is made of half precision, too, and holds vectors as they were', async () => {
    for (const precision of ['f16', 'bf16'] as const) {
      const { golden, stored } = await copyOf(precision, precision);
      const tensors = await quantisedFile(join(folder, 'halves'), golden.config, stored, { bits: 4 });
      const norm = 'model.norm.weight';
      assert.deepEqual(await readFloat32(tensors.get(norm)!), await readFloat32(stored.get(norm)!));
      assert.equal(tensors.get(codesName(embeddingName))!.shape[2], 32, 'the embedding has 8 bits');
      assert.equal(tensors.get(codesName('model.layers.0.mlp.up_proj.weight'))!.shape[2], 16);
    }
  });
});
