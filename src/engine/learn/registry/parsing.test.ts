import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import fc from 'fast-check';
import { nodeDisk } from '../../../tensor/files/disk.ts';
import { systemIds } from '../../clock.ts';
import { emptyLifecycle } from './lifecycle.ts';
import { commitState, readState } from './stateFile.ts';
import { encodeChecked, manifestVersion, parseChecked, RegistryError, VersionManifest } from './versionManifest.ts';

const root = await mkdtemp(join(tmpdir(), 'attune-parsing-'));
after(() => rm(root, { recursive: true, force: true }));

const manifest: VersionManifest = {
  version: manifestVersion,
  id: systemIds(),
  kind: 'selector',
  parent: null,
  dependsOn: [],
  created: 1_790_000_000_000,
  data: { sha256: 'a'.repeat(64), episodes: 3, ratings: 2, events: 5 },
  hyperParameters: { alpha: 0.6 },
  metrics: { value: { value: 0.1, low: null, high: 0.3 } },
  seeds: [1],
  featureVersion: 2,
  files: [{ name: 'model.safetensors', sizeBytes: 10, sha256: 'b'.repeat(64) }],
};
const whole = encodeChecked(manifest);

/** What a disk, an editor or another program may leave: nothing sensible, a part, one character changed, valid JSON of any kind. */
const damaged = (text: string): fc.Arbitrary<string> =>
  fc.oneof(
    fc.string({ unit: 'binary', maxLength: 60 }),
    fc.json(),
    fc.json().map((json) => encodeChecked({ version: 1, anything: JSON.parse(json) as unknown })),
    fc.nat(text.length - 1).map((end) => text.slice(0, end)),
    fc
      .tuple(fc.nat(text.length - 1), fc.string({ minLength: 1, maxLength: 1 }))
      .map(([at, character]) => text.slice(0, at) + character + text.slice(at + 1)),
    // Fields of the right names and of any value, with a right checksum.
    fc
      .tuple(fc.constantFrom(...Object.keys(manifest)), fc.jsonValue({ maxDepth: 2 }))
      .map(([key, value]) => encodeChecked({ ...manifest, [key]: value })),
  );

test('A5-24: fuzz: whatever a manifest holds, it is valid, or an error says what to do; nothing else is thrown', () => {
  fc.assert(
    fc.property(damaged(whole), (text) => {
      try {
        const parsed = parseChecked('manifest.json', text, VersionManifest, manifestVersion);
        assert.deepEqual(JSON.parse(encodeChecked(parsed)).sha256, JSON.parse(text).sha256, 'a change went unnoticed');
      } catch (error) {
        assert.ok(error instanceof RegistryError, String(error));
        assert.match(error.message, /Train again|Update Attune/);
      }
    }),
    { numRuns: 300 },
  );
});

test('A5-24: fuzz: whatever the newest state holds, the one before it is used, or it is left to the newer Attune that wrote it', async () => {
  let number = 0;
  const before = { ...emptyLifecycle, versions: [] };
  await fc.assert(
    fc.asyncProperty(damaged(encodeChecked({ version: 1, ...before })), async (text) => {
      const folder = join(root, `${++number}`);
      await mkdir(folder);
      assert.ok(await commitState(nodeDisk, folder, 0, before));
      await mkdir(join(folder, '0000000002'));
      await writeFile(join(folder, '0000000002', 'registry.json'), text);
      try {
        const { generation, lifecycle, damaged: found } = await readState(nodeDisk, folder);
        assert.equal(generation, 2);
        assert.deepEqual(lifecycle.versions, []);
        assert.ok(found.length <= 1);
        // The next change goes on from there.
        assert.ok(await commitState(nodeDisk, folder, generation, lifecycle));
      } catch (error) {
        assert.ok(error instanceof RegistryError && error.reason === 'newer', String(error));
      }
    }),
    { numRuns: 60 },
  );
});
