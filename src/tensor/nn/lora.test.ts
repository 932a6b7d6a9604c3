import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { type LoraAdapter, readAdapter, writeAdapter } from '../files/peft.ts';
import { openSafetensors, type StoredTensor } from '../files/safetensors.ts';
import { linearNames } from '../files/weightNames.ts';
import { adamw, initialOptimizerState } from '../optim/adamw.ts';
import { seeded } from '../random.ts';
import { numbers, startKit } from '../testing/kit.ts';
import { logitsOf } from './decoder.ts';
import type { Adapter } from './lora.ts';
import { nextTokenLoss } from './nextToken.ts';
import { openDecoder } from './openDecoder.ts';
import { parametersIn } from './parameters.ts';
import { type DecoderGraph, decoderGraph } from './testDecoders.ts';
import { fixture, largestDifference, readGoldens, readTensors, tolerance } from './testGoldens.ts';

const kit = startKit();
after(() => kit.close());

const { config } = await openDecoder(fixture('qwen2', 'f32'));
const golden = await readGoldens('qwen2', 'lora');
const ids = golden.inputIds.flat();
const read = await readAdapter(fixture('qwen2', 'lora'), config);

/** A graph with an adapter, and its logits as output. */
async function withLogits(adapter: Omit<Adapter, 'weights'> | undefined): Promise<DecoderGraph> {
  const built = await decoderGraph('qwen2', 'frozen', adapter && { adapter });
  built.graph.output('logits', logitsOf(built.decoder, built.tokens.hidden));
  built.parameters.packs();
  return built;
}

async function logits(adapter: Omit<Adapter, 'weights'> | undefined, from: Pick<LoraAdapter, 'tensors'> | null) {
  const { graph, parameters } = await withLogits(adapter);
  const state = parameters.initialState(seeded(5), { file: 'adapter', tensors: from?.tensors ?? [] });
  return numbers((await kit.evaluate(graph, { ids }, { state })).logits);
}

describe('an adapter', () => {
  it('of PEFT gives PEFT’s logits', async () => {
    const error = largestDifference(
      await logits(read, read),
      numbers((await readTensors('qwen2', 'lora', 'logits.safetensors')).get('f32')),
    );
    assert.ok(error < tolerance, `${error}`);
  });

  it('that is new changes nothing', async () => {
    const fresh = { rank: 4, alpha: 8, targets: linearNames };
    assert.deepEqual(await logits(fresh, null), await logits(undefined, null));
  });

  for (const targets of [['q_proj', 'v_proj'], ['down_proj'], ['o_proj', 'gate_proj']] as const) {
    it(`on ${targets.join(' and ')} trains these and no others`, async () => {
      const { parameters } = await withLogits({ rank: 3, alpha: 6, targets });
      const expected = [0, 1].flatMap((layer) =>
        targets.flatMap((target) => {
          const part = /^(gate|up|down)/.test(target) ? 'mlp' : 'self_attn';
          return ['A', 'B'].map((matrix) => `model.layers.${layer}.${part}.${target}.lora_${matrix}.weight`);
        }),
      );
      assert.deepEqual([...parameters.tensors.keys()].toSorted(), expected.toSorted());
    });
  }

  it('computes with a subset what it computes with all, the others being zero', async () => {
    const targets = ['q_proj', 'down_proj'] as const;
    const part = read.tensors.filter(({ name }) => targets.some((target) => name.includes(target)));
    const zeroed = read.tensors.map((tensor) =>
      part.includes(tensor) ? tensor : { ...tensor, data: new Float32Array(tensor.data.length) },
    );
    const error = largestDifference(
      await logits({ ...read, targets }, { tensors: part }),
      await logits(read, { tensors: zeroed }),
    );
    assert.ok(error < 1e-5, `${error}`);
  });
});

describe('dropout before an adapter', () => {
  async function run(rate: number, noise: number): Promise<number[]> {
    const names: string[] = [];
    const dropout: NonNullable<Adapter['dropout']> = {
      rate,
      noise: (path, x) => {
        names.push(path);
        return x.graph.input(path, 'float32', x.shape);
      },
    };
    const { graph, parameters } = await withLogits({ ...read, dropout });
    const state = parameters.initialState(seeded(5), { file: 'adapter', tensors: read.tensors });
    const feeds = graph.inputs
      .filter(({ name }) => names.includes(name))
      .map(({ name, size }) => {
        return [name, new Float32Array(size).fill(noise)];
      });
    return numbers((await kit.evaluate(graph, { ids, ...Object.fromEntries(feeds) }, { state })).logits);
  }

  it('drops what the adapter reads and nothing of the frozen layer', async () => {
    assert.deepEqual(await run(0.5, 0), await logits(undefined, null));
  });

  it('scales what it keeps, so that the mean stays', async () => {
    const error = largestDifference(await run(0.5, 0.9), await logits({ ...read, alpha: 2 * read.alpha }, read));
    assert.ok(error < 1e-4, `${error}`);
  });
});

describe('a trained adapter', () => {
  let folder = '';
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'attune-lora-'));
  });
  after(() => rm(folder, { recursive: true }));

  it('written in PEFT’s files has PEFT’s names and shapes, and reads back bit for bit', async () => {
    const { graph, parameters, tokens } = await decoderGraph('qwen2', 'frozen', { adapter: read });
    const loss = nextTokenLoss(tokens);
    adamw(parameters, loss, { learningRate: 1e-2 });
    const start = parameters.initialState(seeded(1), { file: 'adapter', tensors: read.tensors });
    const step = await kit.compile(graph, { state: { ...start, ...initialOptimizerState(graph) } });
    await step.run({ ids });
    const trained: LoraAdapter = { ...read, tensors: parametersIn(parameters.layouts, await step.state()) };

    await writeAdapter(join(folder, 'adapter'), trained);
    const places = (tensors: ReadonlyMap<string, StoredTensor>) =>
      [...tensors.values()].map(({ name, dtype, shape }) => ({ name, dtype, shape }));
    const written = await openSafetensors(join(folder, 'adapter', 'adapter_model.safetensors'));
    const peft = await openSafetensors(fixture('qwen2', 'lora', 'adapter_model.safetensors'));
    assert.deepEqual(places(written.tensors), places(peft.tensors));

    const back = await readAdapter(join(folder, 'adapter'), config);
    const byName = (adapter: LoraAdapter) => new Map(adapter.tensors.map(({ name, data }) => [name, data]));
    assert.deepEqual(byName(back), byName(trained));
    assert.notDeepEqual(byName(back), byName(read));
    assert.deepEqual(await logits(back, back), await logits(trained, trained));
  });
});
