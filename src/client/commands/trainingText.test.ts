import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ProviderCheck } from '../../protocol/rpc.ts';
import { plainL10n } from '../platform/l10n.ts';
import { trainingText } from './trainingText.ts';

const cpu: ProviderCheck = { ok: true, provider: 'cpu', label: 'the CPU', milliseconds: 8.25 };
const webgpu: ProviderCheck = { ok: true, provider: 'webgpu', label: 'WebGPU', milliseconds: 2 };
const cuda: ProviderCheck = {
  ok: false,
  provider: 'cuda',
  label: 'CUDA',
  reason: 'ONNX Runtime’s libraries for CUDA are not installed.',
};
const text = (providers: readonly ProviderCheck[]) =>
  trainingText({ ok: true, unsupported: null, threads: 4, providers: [...providers] }, plainL10n);

test('the user sees where training would run, what else was tried, and why it can’t be had', () => {
  const report = text([cpu, cuda]);
  assert.match(report, /^# What this machine can train on$/m);
  assert.match(report, /^Training works here\. It would run on \*\*the CPU\*\*\.$/m);
  assert.match(report, /^\| The CPU \| yes \| 8\.3 ms for a training step \|$/m);
  assert.match(report, /^\| CUDA \| no \| ONNX Runtime’s libraries for CUDA are not installed\. \|$/m);
  assert.match(report, /^Threads of a training step on the CPU: 4\.$/m);
});

test('of several that work the fastest is taken, wherever it stands', () => {
  assert.match(text([cpu, webgpu, cuda]), /It would run on \*\*WebGPU\*\*/);
  assert.match(text([cpu, { ...webgpu, milliseconds: 120.4 }, cuda]), /It would run on \*\*the CPU\*\*/);
  assert.match(text([cpu, { ...webgpu, milliseconds: 120.4 }]), /^\| WebGPU \| yes \| 120 ms/m);
});

test('where nothing works the report says so, with the reason as a sentence in its cell', () => {
  const reason = 'the CPU failed: a | b\nat c';
  const report = text([{ ok: false, provider: 'cpu', label: 'the CPU', reason }, cuda]);
  assert.match(report, /^Training does not work here\. Attune goes on suggesting, remembering and retrieving\.$/m);
  assert.match(report, /^\| The CPU \| no \| The CPU failed: a \\\| b at c \|$/m);
});

test('on a platform without ONNX Runtime the report is the plain sentence, without a table', () => {
  const unsupported = 'Training needs another platform; Attune goes on.';
  const report = trainingText({ ok: true, unsupported, threads: 4, providers: [] }, plainL10n);
  assert.equal(report, `# What this machine can train on\n\n${unsupported}\n`);
});
