import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DType } from '../dtype.ts';
import type { DecoderConfig } from './llamaConfig.ts';
import { checkWeights, expectedWeights, headName, WeightsError } from './weightNames.ts';

const config: DecoderConfig = {
  family: 'qwen2',
  vocabSize: 50,
  hiddenSize: 16,
  intermediateSize: 24,
  layers: 2,
  heads: 4,
  kvHeads: 2,
  headDim: 6,
  rmsNormEps: 1e-6,
  ropeTheta: 10_000,
  ropeScaling: { type: 'none' },
  qkvBias: true,
  outputBias: false,
  mlpBias: false,
  tiedEmbeddings: true,
  maxPositions: 64,
  bosId: null,
  eosIds: [],
  padId: null,
};

const weightsOf = (given: DecoderConfig, dtype: DType = 'bfloat16') =>
  new Map([...expectedWeights(given)].map(([name, shape]) => [name, { dtype, shape }]));

test('names and shapes, layer by layer', () => {
  const layer = (i: number) => [
    [`model.layers.${i}.input_layernorm.weight`, [16]],
    [`model.layers.${i}.self_attn.q_proj.weight`, [24, 16]],
    [`model.layers.${i}.self_attn.q_proj.bias`, [24]],
    [`model.layers.${i}.self_attn.k_proj.weight`, [12, 16]],
    [`model.layers.${i}.self_attn.k_proj.bias`, [12]],
    [`model.layers.${i}.self_attn.v_proj.weight`, [12, 16]],
    [`model.layers.${i}.self_attn.v_proj.bias`, [12]],
    [`model.layers.${i}.self_attn.o_proj.weight`, [16, 24]],
    [`model.layers.${i}.post_attention_layernorm.weight`, [16]],
    [`model.layers.${i}.mlp.gate_proj.weight`, [24, 16]],
    [`model.layers.${i}.mlp.up_proj.weight`, [24, 16]],
    [`model.layers.${i}.mlp.down_proj.weight`, [16, 24]],
  ];
  assert.deepEqual(
    [...expectedWeights(config)],
    [['model.embed_tokens.weight', [50, 16]], ...layer(0), ...layer(1), ['model.norm.weight', [16]]],
  );
  assert.deepEqual(expectedWeights({ ...config, tiedEmbeddings: false }).get(headName), [50, 16]);
  const biased = expectedWeights({ ...config, outputBias: true, mlpBias: true });
  assert.deepEqual(biased.get('model.layers.1.self_attn.o_proj.bias'), [16]);
  assert.deepEqual(biased.get('model.layers.1.mlp.down_proj.bias'), [16]);
  assert.deepEqual(biased.get('model.layers.1.mlp.up_proj.bias'), [24]);
});

test('the right weights pass, also with what old versions saved beside them', () => {
  const weights = weightsOf(config);
  weights.set('model.layers.0.self_attn.rotary_emb.inv_freq', { dtype: 'float32', shape: [3] });
  weights.set(headName, { dtype: 'bfloat16', shape: [50, 16] });
  checkWeights('/models/some', config, weights);
});

test('all that is missing, wrong or unexpected is named', () => {
  const weights = weightsOf(config, 'float16');
  weights.delete('model.norm.weight');
  weights.set('model.layers.0.self_attn.k_proj.weight', { dtype: 'float16', shape: [24, 16] });
  weights.set('model.layers.1.mlp.up_proj.weight', { dtype: 'int8', shape: [24, 16] });
  weights.set('model.layers.2.mlp.up_proj.weight', { dtype: 'float16', shape: [24, 16] });
  assert.throws(
    () => checkWeights('/models/some', config, weights),
    (error: unknown) => {
      assert.ok(error instanceof WeightsError);
      assert.equal(
        error.message,
        '“some” does not fit its config.json; missing: model.norm.weight; ' +
          'wrong: model.layers.0.self_attn.k_proj.weight is [24,16] instead of [12,16], ' +
          'model.layers.1.mlp.up_proj.weight holds int8 instead of a float type; ' +
          'unexpected: “model.layers.2.mlp.up_proj.weight”. ' +
          'Take files that belong together, all from one and the same model.',
      );
      return true;
    },
  );
});

test('a head that is missing where the embedding is none, and a list too long to read', () => {
  const untied = { ...config, tiedEmbeddings: false };
  assert.throws(() => checkWeights('/m', untied, weightsOf(config)), /missing: lm_head\.weight\./);
  assert.throws(() => checkWeights('/m', config, new Map()), /missing: model\.embed_tokens\.weight, .* and 18 more\. /);
});
