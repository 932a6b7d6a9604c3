import assert from 'node:assert/strict';
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { DiskError } from './fileError.ts';
import { readDecoderConfig } from './llamaConfig.ts';
import { AdapterError, adapterShapes, parseAdapterConfig, readAdapter, writeAdapter } from './peft.ts';
import { openSafetensors } from './safetensors.ts';
import { writeSafetensors } from './safetensorsWrite.ts';
import { faultyDisk } from './testDisk.ts';
import { linearNames, WeightsError } from './weightNames.ts';

const fixtures = fileURLToPath(new URL('../../../test/fixtures/tensor/', import.meta.url));
const golden = join(fixtures, 'qwen2/lora');
const config = await readDecoderConfig(join(fixtures, 'qwen2/f32'));
const root = await mkdtemp(join(tmpdir(), 'attune-peft-'));
after(() => rm(root, { recursive: true, force: true }));

const goldenConfig: object = JSON.parse(await readFile(join(golden, 'adapter_config.json'), 'utf8'));

test('an adapter in PEFT’s layout is read, and written again under the same names with the same numbers', async () => {
  const adapter = await readAdapter(golden, config);
  const { rank, alpha, targets, baseModel } = adapter;
  assert.deepEqual(
    { rank, alpha, targets, baseModel },
    { rank: 4, alpha: 8, targets: linearNames, baseModel: 'qwen2/f32' },
  );
  assert.equal(adapter.tensors.length, config.layers * linearNames.length * 2);
  const [first] = adapter.tensors;
  assert.deepEqual([first!.name, first!.shape], ['model.layers.0.self_attn.q_proj.lora_A.weight', [4, 24]]);

  const written = join(root, 'written');
  await writeAdapter(written, adapter);
  assert.deepEqual((await readdir(written)).sort(), ['adapter_config.json', 'adapter_model.safetensors']);
  const [ours, theirs] = await Promise.all(
    [written, golden].map(async (folder) => (await openSafetensors(join(folder, 'adapter_model.safetensors'))).tensors),
  );
  assert.deepEqual([...ours!.keys()], [...theirs!.keys()]);
  assert.deepEqual(JSON.parse(await readFile(join(written, 'adapter_config.json'), 'utf8')), goldenConfig);
  assert.deepEqual(await readAdapter(written, config), adapter);
});

test('an adapter of some maps, in half width', async () => {
  const folder = join(root, 'half');
  await cp(golden, folder, { recursive: true });
  const targets = ['v_proj', 'q_proj'] as const;
  await writeFile(
    join(folder, 'adapter_config.json'),
    JSON.stringify({ ...goldenConfig, r: 2, target_modules: targets }),
  );
  const shapes = adapterShapes(config, { rank: 2, targets: ['q_proj', 'v_proj'] });
  const tensors = [...shapes].map(([name, shape]) => {
    const data = new Uint16Array(shape[0]! * shape[1]!).fill(0x3fc0);
    return { name: `base_model.model.${name}`, dtype: 'bfloat16' as const, shape, data };
  });
  await writeSafetensors(join(folder, 'adapter_model.safetensors'), tensors);
  const adapter = await readAdapter(folder, config);
  assert.deepEqual(adapter.targets, ['q_proj', 'v_proj']);
  assert.ok(adapter.tensors.every(({ data }) => data instanceof Float32Array && data.every((value) => value === 1.5)));
});

test('an adapter for another model is refused by name and shape', async () => {
  const other = await readDecoderConfig(join(fixtures, 'llama3/f32'));
  await assert.rejects(readAdapter(golden, { ...other, layers: 1 }), (error: unknown) => {
    assert.ok(error instanceof WeightsError);
    assert.match(
      error.message,
      /^“adapter_model\.safetensors” does not fit its adapter_config\.json and the base model; wrong: /,
    );
    assert.match(error.message, /gate_proj\.lora_B\.weight is \[44,4\] instead of \[40,4\]/);
    assert.match(error.message, /unexpected: “base_model\.model\.model\.layers\.1\./);
    return true;
  });
  await assert.rejects(readAdapter(golden, { ...config, layers: 3 }), /missing: base_model\.model\.model\.layers\.2\./);
});

const refused: readonly [change: object, message: RegExp][] = [
  [{ peft_type: 'IA3' }, /peft_type = “IA3”, which is not supported\. Supported are adapters of type LORA/],
  [{ task_type: 'SEQ_CLS' }, /task_type = “SEQ_CLS”.* CAUSAL_LM/],
  [{ bias: 'all' }, /bias = “all”.* Supported is “none”/],
  [{ r: 0 }, /r = 0, which/],
  [{ r: undefined }, /r = nothing, which/],
  [{ target_modules: ['q_proj', 'lm_head'] }, /target_modules.* Supported are lists of q_proj, /],
  [{ target_modules: '.*proj' }, /target_modules = “\.\*proj”/],
  [{ use_dora: true }, /uses use_dora, which is not supported\. Train it as plain LoRA/],
  [{ use_rslora: true }, /uses use_rslora/],
  [{ rank_pattern: { q_proj: 8 } }, /uses rank_pattern/],
  [{ alpha_pattern: { q_proj: 8 } }, /uses alpha_pattern/],
  [{ modules_to_save: ['lm_head'] }, /uses modules_to_save/],
  [{ layers_to_transform: [0] }, /uses layers_to_transform/],
  [{ layers_to_transform: 0 }, /uses layers_to_transform/],
  [{ init_lora_weights: 'pissa' }, /init_lora_weights = “pissa”.* Convert the adapter/],
];

test('what is not plain LoRA is refused, with the option’s name', () => {
  for (const [change, message] of refused) {
    assert.throws(
      () => parseAdapterConfig('/a/adapter_config.json', JSON.stringify({ ...goldenConfig, ...change })),
      (error: unknown) => {
        assert.ok(error instanceof AdapterError);
        assert.match(error.message, message);
        return true;
      },
    );
  }
});

test('options that are not in use, and all linear maps by one word', () => {
  const quiet = { use_dora: null, rank_pattern: null, exclude_modules: [], target_parameters: null, eva_config: null };
  const text = JSON.stringify({ ...goldenConfig, ...quiet, target_modules: 'all-linear' });
  assert.deepEqual(parseAdapterConfig('/a/adapter_config.json', text).targets, linearNames);
});

test('a folder without an adapter, files that are damaged', async () => {
  await assert.rejects(
    readAdapter(root, config),
    /“adapter_config\.json” is not there\. Choose the folder of a LoRA adapter/,
  );
  const parse = (text: string) => () => parseAdapterConfig('/a/adapter_config.json', text);
  assert.throws(parse('{'), /“adapter_config\.json” is not valid JSON/);
  assert.throws(parse('null'), /“adapter_config\.json” is not an object/);
  fc.assert(
    fc.property(
      fc.oneof(
        fc.json(),
        fc
          .dictionary(fc.constantFrom(...Object.keys(goldenConfig)), fc.jsonValue())
          .map((change) => JSON.stringify({ ...goldenConfig, ...change })),
      ),
      (text) => {
        try {
          parse(text)();
        } catch (error) {
          if (!(error instanceof AdapterError)) throw error;
        }
      },
    ),
    { numRuns: 500 },
  );
});

test('a disk that fails while an adapter is replaced leaves the old one or the new one, never half of each', async () => {
  const adapter = await readAdapter(golden, config);
  const next = { ...adapter, alpha: 16 };
  const folder = join(root, 'faults');
  const { disk: counting, done } = faultyDisk(Number.POSITIVE_INFINITY, 'once');
  await writeAdapter(folder, adapter);
  await writeAdapter(folder, next, counting);
  for (let failAt = 0; failAt < done.length; failAt++) {
    await writeAdapter(folder, adapter);
    const result = await writeAdapter(folder, next, faultyDisk(failAt, 'once').disk).catch((error: unknown) => error);
    const { alpha } = await readAdapter(folder, config);
    const inPlace = failAt > done.indexOf('rename faults');
    assert.equal(alpha, inPlace ? 16 : 8, done[failAt]);
    assert.ok(result instanceof DiskError || inPlace, done[failAt]);
  }
});
