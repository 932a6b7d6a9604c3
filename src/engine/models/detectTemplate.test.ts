import assert from 'node:assert/strict';
import { test } from 'node:test';
import { detectTemplate, isBaseModel } from './detectTemplate.ts';
import type { ResolvedTemplate } from './templates.ts';

/** Names as they stand in Ollama's library, on Hugging Face, in file names and in the lists of hosted services. */
const names: Readonly<Record<ResolvedTemplate, readonly string[]>> = {
  qwen: [
    'qwen2.5-coder',
    'qwen2.5-coder:1.5b',
    'qwen2.5-coder:7b-instruct-q4_K_M',
    'qwen2.5-coder:1.5b-base',
    'Qwen/Qwen2.5-Coder-7B',
    'Qwen/Qwen2.5-Coder-32B-Instruct-AWQ',
    'QWEN2.5-CODER-14B.Q8_0.GGUF',
    'hf.co/unsloth/Qwen3-Coder-30B-A3B-Instruct-GGUF:UD-Q4_K_XL',
    'qwen3-coder:30b',
    'models\\qwen2.5-coder-3b-q8_0.gguf',
    'Qwen2.5 Coder 7B',
  ],
  starcoder: [
    'starcoder2',
    'starcoder2:3b',
    'bigcode/starcoder2-15b',
    'starcoder:1b',
    'bigcode/starcoderbase-1b',
    'bigcode/tiny_starcoder_py',
    'smallcloudai/Refact-1_6B-fim',
    'codeqwen:7b-code',
    'Qwen/CodeQwen1.5-7B',
  ],
  codellama: [
    'codellama',
    'codellama:7b-code',
    'codellama:13b-instruct',
    'codellama/CodeLlama-7b-hf',
    'TheBloke/CodeLlama-13B-GGUF',
  ],
  deepseek: [
    'deepseek-coder:1.3b-base',
    'deepseek-ai/deepseek-coder-6.7b-base',
    'deepseek-coder-v2',
    'deepseek-coder-v2:16b-lite-instruct-q4_K_M',
    'deepseek-ai/DeepSeek-Coder-V2-Lite-Base',
  ],
  codestral: ['codestral', 'codestral-latest', 'codestral:22b', 'mistralai/Codestral-22B-v0.1', 'codestral-2501'],
  codegemma: ['codegemma', 'codegemma:2b', 'codegemma:code', 'google/codegemma-7b'],
  granite: [
    'granite-code:8b',
    'granite-code:3b-base',
    'ibm-granite/granite-3b-code-base-2k',
    'ibm-granite/granite-3.3-8b-base',
    'granite3.3:8b',
  ],
  seed: ['ByteDance-Seed/Seed-Coder-8B-Base', 'seed-coder-8b-base.Q4_K_M.gguf'],
  stable: ['stable-code', 'stable-code:3b-code', 'stabilityai/stable-code-3b'],
  codegeex: ['codegeex4', 'codegeex4:9b-all-q4_0', 'THUDM/codegeex4-all-9b'],
  chat: [
    'gpt-4.1-mini',
    'gpt-5',
    'claude-sonnet-4',
    'llama3.2:3b',
    'qwen3:8b',
    'Qwen/Qwen2.5-7B-Instruct',
    'deepseek-r1:7b',
    'deepseek-chat',
    'deepseek-coder',
    'deepseek-coder:6.7b-instruct',
    'starcoder2:instruct',
    'starcoder2:15b-instruct-v0.1-q4_0',
    'codellama:34b',
    'codellama:70b-instruct',
    'codellama:7b-python',
    'google/codegemma-7b-it',
    'codegemma:7b-instruct',
    'ibm-granite/granite-8b-code-instruct-4k',
    'granite3.1-dense:8b',
    'Seed-Coder-8B-Instruct',
    'Seed-Coder-8B-Reasoning',
    'stable-code:3b-instruct-q4_0',
    'codestral-mamba',
    'codeqwen',
    'devstral',
    // Who quantised it isn't what it is.
    'starcoder2/llama-3-8b-gguf',
    '',
  ],
};

for (const [template, models] of Object.entries(names)) {
  test(`the gap is marked the way these models learnt it: ${template}`, () => {
    for (const model of models) assert.equal(detectTemplate(model), template, model);
  });
}

test('a pretrained model isn’t asked to follow instructions, a tuned one is', () => {
  for (const base of [
    'qwen2.5-coder:1.5b-base',
    'Qwen2.5-Coder-7B-Base',
    'deepseek-coder:1.3b-base',
    'starcoder2:3b',
    'bigcode/starcoder2-15b',
    'stable-code:3b',
    'codellama:7b-code',
    'gemma-3-4b-pt',
    'codegemma:2b',
  ]) {
    assert.equal(isBaseModel(base), true, base);
  }
  for (const tuned of [
    'qwen2.5-coder:1.5b',
    'llama3.2:3b',
    'codestral',
    'granite-code:8b',
    'starcoder2:15b-instruct',
    'deepseek-coder-v2',
    'codegemma:7b-instruct',
    'codellama',
    'database-llm:7b',
  ]) {
    assert.equal(isBaseModel(tuned), false, tuned);
  }
});
