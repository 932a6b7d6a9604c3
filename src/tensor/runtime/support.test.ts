import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import { notBuilt } from './providers.ts';
import { thisMachine, trainingNeed, whyUnsupported } from './support.ts';

const machine = (platform: string, arch: string, musl = false) => ({ platform, arch, musl });

describe('machines without a build of ONNX Runtime', () => {
  it('are told plainly, with what still works', () => {
    assert.equal(
      whyUnsupported(machine('darwin', 'x64'), trainingNeed),
      'Training and the local policy need ONNX Runtime, which has no build for Macs with an Intel processor. They need another platform; Attune goes on suggesting, remembering and retrieving.',
    );
    assert.match(whyUnsupported(machine('linux', 'x64', true), trainingNeed) ?? '', /Alpine or another musl Linux/);
    assert.match(whyUnsupported(machine('linux', 'arm'), trainingNeed) ?? '', /no build for linux on arm\./);
  });

  it('are those the package has no folder for', () => {
    const library = dirname(createRequire(import.meta.url).resolve('onnxruntime-node/package.json'));
    for (const platform of ['linux', 'darwin', 'win32']) {
      for (const arch of ['x64', 'arm64', 'arm', 'ia32']) {
        const built = existsSync(join(library, 'bin/napi-v6', platform, arch));
        assert.equal(whyUnsupported(machine(platform, arch), trainingNeed) === null, built, `${platform} ${arch}`);
        assert.equal(notBuilt('cpu', machine(platform, arch)) === null, built, `${platform} ${arch}`);
      }
    }
  });

  it('are not this one, where the tests run the runtime', () => {
    assert.equal(whyUnsupported(thisMachine(), trainingNeed), null);
  });
});
