import assert from 'node:assert/strict';
import { availableParallelism } from 'node:os';
import { describe, it } from 'node:test';
import { notBuilt, plainReason, sessionSettings } from './providers.ts';

describe('providers', () => {
  it('say in one line why they failed', () => {
    const reasons = [
      plainReason(
        'webgpu',
        '/onnxruntime_src/onnxruntime/core/providers/webgpu/webgpu_context.cc:136 operator() adapter_result.status == wgpu::RequestAdapterStatus::Success was false. Failed to get a WebGPU adapter: No supported adapters',
      ),
      plainReason('cuda', 'OrtSessionOptionsAppendExecutionProvider_Cuda: Failed to load shared library'),
      plainReason('dml', 'no available backend found. ERR: [dml] backend not found.'),
      plainReason('webgpu', 'ONNX Runtime: Too many storage buffers in shader. Current: 13, Max is 12\nstack'),
    ];
    assert.deepEqual(reasons, [
      'No graphics adapter was found that WebGPU can use.',
      'ONNX Runtime’s libraries for CUDA are not installed.',
      'ONNX Runtime comes without DirectML here.',
      'WebGPU failed: ONNX Runtime: Too many storage buffers in shader. Current: 13, Max is 12.',
    ]);
  });

  it('are not tried where ONNX Runtime comes without them', () => {
    const mac = { platform: 'darwin', arch: 'arm64', musl: false };
    assert.equal(notBuilt('coreml', mac), null);
    assert.equal(notBuilt('webgpu', mac), null);
    assert.equal(notBuilt('cuda', mac), 'ONNX Runtime’s build for darwin on arm64 comes without CUDA.');
  });

  it('train on all cores without prepacking, and decode on one with it', () => {
    const train = sessionSettings('cpu', 'train', {}, '/');
    assert.equal(train.intraOpNumThreads, availableParallelism());
    assert.equal(train.extra.session.disable_prepacking, '1');
    const decode = sessionSettings('webgpu', 'decode', { lowMemory: true }, '/');
    assert.deepEqual(decode.executionProviders, ['webgpu', 'cpu']);
    assert.equal(decode.intraOpNumThreads, 1);
    assert.equal(decode.extra.session.disable_prepacking, undefined);
    assert.equal(decode.enableCpuMemArena, false);
    assert.equal(sessionSettings('cpu', 'decode', { threads: 3 }, '/').intraOpNumThreads, 3);
    assert.equal(sessionSettings('dml', 'train', {}, '/').enableMemPattern, false);
  });
});
