import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { tensorsIn } from '../../../tensor/files/safetensors.ts';
import { openRegistry } from './registry.ts';

const root = await mkdtemp(join(tmpdir(), 'attune-registry-crash-'));
after(() => rm(root, { recursive: true, force: true }));
const program = fileURLToPath(new URL('./testVersions.ts', import.meta.url));

test('a process that trains and promotes is killed 12 times: what serves is whole, and the last that was done or the next', async () => {
  const folder = join(root, 'registry');
  const problems: string[] = [];
  const registry = openRegistry({
    folder,
    clock: { now: () => 1 },
    onProblem: (message) => void problems.push(message),
  });
  let serving = -1;
  let seed = 20_261_126;
  const drafts = new Set<string>();
  for (let kill = 0; kill < 12; kill++) {
    const child = spawn(process.execPath, ['--no-warnings', program, folder, String(serving + 1)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let said = '';
    seed = (seed * 48_271) % 2_147_483_647;
    // The first is done, then the next is cut off; it takes some 90 operations.
    const operations = 1 + (seed % 90);
    child.stdout.setEncoding('latin1').on('data', (text: string) => {
      said += text;
      if ((said.split('\n').slice(1).join('').match(/\./g) ?? []).length >= operations) child.kill('SIGKILL');
    });
    await once(child, 'close');
    assert.ok(!said.includes('problem'), said);
    for (const part of ['state', 'versions']) {
      for (const name of await readdir(join(folder, part))) if (name.endsWith('.draft')) drafts.add(name);
    }
    const acknowledged = Math.max(...said.match(/\d+(?=\n)/g)!.map(Number));
    const version = (await registry.loadServing('selector'))!;
    const { values } = tensorsIn(version.manifest.id, version.files.get('model.safetensors')!);
    serving = Number(values.get('w')!.data[0]);
    assert.ok(serving === acknowledged || serving === acknowledged + 1, `${serving} after ${acknowledged}`);
    const active = (await registry.list()).filter(({ entry }) => entry.state === 'active');
    assert.equal(active.length, 1);
  }
  await registry.collect(1);
  const left = [...(await readdir(join(folder, 'state'))), ...(await readdir(join(folder, 'versions')))];
  assert.deepEqual(
    left.filter((name) => name.endsWith('.draft')),
    [],
  );
  // Else the kills came at moments that mean nothing.
  assert.ok(drafts.size > 2, [...drafts].join());
  assert.deepEqual(problems, []);
});
