// Makes onnx_pb.js and onnx_pb.d.ts from onnx.proto. Needs nothing but npm; run it after a change of the .proto.
//   node src/tensor/onnx/generate.mjs
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const here = import.meta.dirname;
const template = join(tmpdir(), 'attune-buf.gen.yaml');
writeFileSync(
  template,
  JSON.stringify({
    version: 'v2',
    inputs: [{ directory: here }],
    plugins: [{ local: 'protoc-gen-es', out: here, opt: ['target=js+dts'] }],
  }),
);
const packages = ['@bufbuild/buf@1', '@bufbuild/protoc-gen-es@2'].flatMap((name) => ['--package', name]);
execFileSync('npx', ['--yes', ...packages, 'buf', 'generate', '--template', template], { stdio: 'inherit' });
