import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { fromBinary, toBinary } from '@bufbuild/protobuf';
import { ModelProtoSchema } from '../onnx/onnx_pb.js';
import { neg } from '../ops/basic.ts';
import { Graph } from './graph.ts';
import { serialise } from './serialise.ts';

const scripts = fileURLToPath(new URL('../../../test/fixtures/tensor/', import.meta.url));
const python = process.platform === 'win32' ? 'python' : 'python3';
const hasOnnx = spawnSync(python, ['-c', 'import onnx'], { timeout: 60_000 }).status === 0;
const skip = hasOnnx ? false : 'Python’s onnx is not installed';

// Other tools read what is exported: it has to be ONNX, not just what our runtime takes.
describe('ONNX’s own checker and shape inference', { skip, timeout: 180_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'attune-onnx-'));
  after(() => rmSync(folder, { recursive: true }));
  const check = (files: readonly string[]) =>
    spawnSync(python, [join(scripts, 'check_onnx.py'), ...files], { encoding: 'utf8' });

  it('pass every op with its gradient, decoders, a training step and loops', () => {
    const models = join(folder, 'models');
    const written = spawnSync(process.execPath, [join(scripts, 'write-models.ts'), models], { encoding: 'utf8' });
    assert.equal(written.status, 0, written.stderr);
    const { status, stdout, stderr } = check(readdirSync(models).map((file) => join(models, file)));
    assert.equal(status, 0, stdout + stderr);
  });

  it('find a wrong shape', () => {
    const graph = new Graph();
    graph.output('y', neg(graph.input('x', 'float32', [2, 3])));
    const model = fromBinary(ModelProtoSchema, serialise(graph).bytes);
    const type = model.graph!.output[0]!.type!.value;
    assert.ok(type.case === 'tensorType');
    type.value.shape!.dim[1]!.value = { case: 'dimValue', value: 4n };
    const path = join(folder, 'wrong.onnx');
    writeFileSync(path, toBinary(ModelProtoSchema, model));
    assert.equal(check([path]).status, 1);
  });
});
