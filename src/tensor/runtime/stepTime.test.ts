import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { startRuntime } from './runtime.ts';
import { stepTime } from './stepTime.ts';

const runtime = startRuntime({ log: { debug() {} } });
after(() => runtime.close());
/** A provider that ONNX Runtime has on another platform only. */
const foreign = process.platform === 'darwin' ? 'dml' : 'coreml';

describe('the time of a training step', { timeout: 120_000 }, () => {
  it('is measured on the CPU, and leaves the runtime usable', async () => {
    for (const milliseconds of [await stepTime(runtime, 'cpu'), await stepTime(runtime, 'cpu')]) {
      assert.ok(milliseconds > 0 && Number.isFinite(milliseconds), `${milliseconds}`);
    }
  });

  it('is never the CPU’s in the name of another provider', async () => {
    await assert.rejects(stepTime(runtime, foreign), /comes without/);
  });
});
