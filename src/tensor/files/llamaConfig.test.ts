import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ConfigError, parseDecoderConfig, readDecoderConfig } from './llamaConfig.ts';
import { expectedWeights } from './weightNames.ts';

const parse = (config: unknown) => parseDecoderConfig('/models/some/config.json', JSON.stringify(config));

/** HuggingFaceTB/SmolLM2-135M, the fields that count. */
const smol = {
  architectures: ['LlamaForCausalLM'],
  attention_bias: false,
  bos_token_id: 0,
  eos_token_id: 0,
  hidden_act: 'silu',
  hidden_size: 576,
  intermediate_size: 1536,
  max_position_embeddings: 8192,
  model_type: 'llama',
  num_attention_heads: 9,
  num_hidden_layers: 30,
  num_key_value_heads: 3,
  pretraining_tp: 1,
  rms_norm_eps: 1e-5,
  rope_interleaved: false,
  rope_scaling: null,
  rope_theta: 100_000,
  tie_word_embeddings: true,
  torch_dtype: 'bfloat16',
  vocab_size: 49_152,
};
/** Qwen/Qwen2.5-Coder-0.5B. */
const qwen = {
  ...smol,
  model_type: 'qwen2',
  hidden_size: 896,
  intermediate_size: 4864,
  max_window_layers: 24,
  num_attention_heads: 14,
  num_hidden_layers: 24,
  num_key_value_heads: 2,
  rope_theta: 1e6,
  sliding_window: 32_768,
  use_sliding_window: false,
  bos_token_id: 151_643,
  eos_token_id: 151_643,
  vocab_size: 151_936,
};
const llama3 = {
  factor: 32,
  high_freq_factor: 4,
  low_freq_factor: 1,
  original_max_position_embeddings: 8192,
  rope_type: 'llama3',
};

test('SmolLM2', () => {
  assert.deepEqual(parse(smol), {
    family: 'llama',
    vocabSize: 49_152,
    hiddenSize: 576,
    intermediateSize: 1536,
    layers: 30,
    heads: 9,
    kvHeads: 3,
    headDim: 64,
    rmsNormEps: 1e-5,
    ropeTheta: 100_000,
    ropeScaling: { type: 'none' },
    qkvBias: false,
    outputBias: false,
    mlpBias: false,
    tiedEmbeddings: true,
    maxPositions: 8192,
    bosId: 0,
    eosIds: [0],
    padId: null,
  });
});

test('Qwen2.5 has biases on queries, keys and values only, and a window that is not in use', () => {
  const { qkvBias, outputBias, mlpBias, headDim } = parse(qwen);
  assert.deepEqual(
    { qkvBias, outputBias, mlpBias, headDim },
    { qkvBias: true, outputBias: false, mlpBias: false, headDim: 64 },
  );
});

test('Llama 3.2: rope scaling and several ends of text', () => {
  const { ropeScaling, eosIds, ropeTheta } = parse({
    ...smol,
    vocab_size: 128_256,
    rope_theta: 5e5,
    rope_scaling: llama3,
    eos_token_id: [128_001, 128_008, 128_009],
  });
  assert.deepEqual(ropeScaling, {
    type: 'llama3',
    factor: 32,
    lowFreqFactor: 1,
    highFreqFactor: 4,
    originalMaxPositions: 8192,
  });
  assert.deepEqual(eosIds, [128_001, 128_008, 128_009]);
  assert.equal(ropeTheta, 5e5);
});

test('transformers 5 puts theta and scaling in one object', () => {
  const { rope_theta: _, rope_scaling: __, ...rest } = smol;
  const five = parse({ ...rest, rope_parameters: { ...llama3, rope_theta: 5e5 } });
  assert.equal(five.ropeTheta, 5e5);
  assert.equal(five.ropeScaling.type, 'llama3');
  const plain = parse({ ...rest, rope_parameters: { rope_type: 'default', rope_theta: 1e6 } });
  assert.deepEqual([plain.ropeTheta, plain.ropeScaling], [1e6, { type: 'none' }]);
});

test('the old way to write linear scaling', () => {
  assert.deepEqual(parse({ ...smol, rope_scaling: { type: 'linear', factor: 2 } }).ropeScaling, {
    type: 'linear',
    factor: 2,
  });
});

test('what is left out is what transformers takes', () => {
  const bare = {
    vocab_size: 100,
    hidden_size: 64,
    intermediate_size: 128,
    num_hidden_layers: 1,
    num_attention_heads: 8,
  };
  const llama = parse({ ...bare, model_type: 'llama' });
  assert.deepEqual(
    [llama.kvHeads, llama.rmsNormEps, llama.ropeTheta, llama.tiedEmbeddings, llama.bosId, llama.eosIds, llama.padId],
    [8, 1e-6, 10_000, false, 1, [2], null],
  );
  const mistral = parse({ ...bare, model_type: 'mistral', num_attention_heads: 16, sliding_window: null });
  assert.equal(mistral.kvHeads, 8);
  const qwen2 = parse({ ...bare, model_type: 'qwen2', num_key_value_heads: 8 });
  assert.deepEqual([qwen2.bosId, qwen2.eosIds], [null, []]);
  const padded = (id: number) => parse({ ...bare, model_type: 'llama', pad_token_id: id }).padId;
  assert.deepEqual([padded(2), padded(-1)], [2, null]);
  const biased = parse({ ...bare, model_type: 'llama', attention_bias: true, mlp_bias: true, head_dim: 16 });
  assert.deepEqual([biased.qkvBias, biased.outputBias, biased.mlpBias, biased.headDim], [true, true, true, 16]);
});

const refused: readonly [what: string, config: unknown, message: RegExp][] = [
  [
    'another family',
    { ...smol, model_type: 'qwen3_moe' },
    /model_type = “qwen3_moe”\. Supported are .* llama, qwen2, mistral/,
  ],
  ['no family', { ...smol, model_type: undefined }, /has no model_type\. Supported are/],
  [
    'another activation',
    { ...smol, hidden_act: 'gelu' },
    /hidden_act = “gelu”, which is not supported\. Supported is silu/,
  ],
  ['a window in use', { ...qwen, use_sliding_window: true, sliding_window: 4096 }, /sliding_window = 4096, which/],
  ['a window of Mistral', { ...smol, model_type: 'mistral', sliding_window: 4096 }, /sliding_window = 4096, which/],
  [
    'some layers with a window',
    { ...qwen, layer_types: ['full_attention', 'sliding_attention'] },
    /layer_types = “sliding/,
  ],
  [
    'another scaling',
    { ...smol, rope_scaling: { rope_type: 'yarn', factor: 4 } },
    /rope_type = “yarn”.* linear and llama3/,
  ],
  ['scaling without its factor', { ...smol, rope_scaling: { rope_type: 'linear' } }, /“linear” but no factor/],
  [
    'scaling upside down',
    { ...smol, rope_scaling: { ...llama3, low_freq_factor: 4 } },
    /high_freq_factor = 4, not above/,
  ],
  ['part of a head', { ...smol, partial_rotary_factor: 0.5 }, /partial_rotary_factor = 0\.5/],
  ['quantised weights', { ...smol, quantization_config: { bits: 4 } }, /quantization_config = an object/],
  ['a size that is text', { ...smol, hidden_size: '576' }, /hidden_size = “576”; expected: number/],
  ['a size of 0', { ...smol, num_hidden_layers: 0 }, /num_hidden_layers = 0; expected: at least 1/],
  [
    'a size out of all proportion',
    { ...smol, num_hidden_layers: 1e9 },
    /num_hidden_layers = 1000000000; expected: at most/,
  ],
  ['half a head', { ...smol, num_attention_heads: 9.5 }, /num_attention_heads = 9\.5; expected: a whole number/],
  ['a missing size', { ...smol, vocab_size: undefined }, /has no vocab_size\. Download/],
  ['heads that do not divide', { ...smol, num_key_value_heads: 2 }, /num_attention_heads = 9, which is no multiple of/],
  ['an odd head', { ...smol, head_dim: 63 }, /heads 63 wide/],
  ['no even split', { ...smol, hidden_size: 577 }, /heads 64\.1+ wide/],
  ['an epsilon of 0', { ...smol, rms_norm_eps: 0 }, /rms_norm_eps = 0; expected: more than 0/],
  ['a list', [], /is not an object|has no model_type/],
  ['null', null, /is not an object/],
];

for (const [what, config, message] of refused) {
  test(`refused, with the field and its value: ${what}`, () => {
    assert.throws(
      () => parse(config),
      (error: unknown) => {
        assert.ok(error instanceof ConfigError);
        assert.match(error.message, message);
        assert.match(error.message, /^“config\.json” .*\.$/);
        return true;
      },
    );
  });
}

test('a file that is missing or no JSON', async () => {
  assert.throws(() => parseDecoderConfig('/m/config.json', '{'), /“config\.json” is not valid JSON\. Download/);
  await assert.rejects(readDecoderConfig('/nowhere/at all'), /“config\.json” is not there\. Download the model again/);
});

test('any text gives a config that can be used, or the typed error', () => {
  const value = fc.oneof(fc.jsonValue(), fc.nat(70_000), fc.constantFrom('silu', 'llama3', 'linear', 1, 2, 64, null));
  const rope = fc.record(
    { rope_type: value, factor: value, low_freq_factor: value, high_freq_factor: value },
    { requiredKeys: [] },
  );
  const changes = fc.oneof(
    fc.dictionary(fc.constantFrom(...Object.keys({ ...qwen, head_dim: 0, layer_types: 0 })), value, { maxKeys: 3 }),
    rope.map((parameters) => ({ rope_parameters: parameters })),
  );
  const text = fc.oneof(
    fc
      .tuple(fc.constantFrom(smol, qwen), changes)
      .map(([config, changed]) => JSON.stringify({ ...config, ...changed })),
    fc.json(),
    fc.string(),
  );
  fc.assert(
    fc.property(text, (json) => {
      try {
        const config = parseDecoderConfig('/m/config.json', json);
        assert.ok(Number.isInteger(config.heads / config.kvHeads) && config.headDim % 2 === 0);
        for (const shape of expectedWeights(config).values())
          assert.ok(shape.every((size) => Number.isInteger(size) && size > 0));
      } catch (error) {
        if (!(error instanceof ConfigError)) throw error;
      }
    }),
    { numRuns: 2000 },
  );
});
