import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { readCheckpoint, writeCheckpoint } from './checkpoint.ts';
import { notesOf, stepOf, tensorsOf } from './testCheckpoints.ts';

const program = fileURLToPath(new URL('./testCheckpoints.ts', import.meta.url));
const root = await mkdtemp(join(tmpdir(), 'attune-crash-'));
after(() => rm(root, { recursive: true, force: true }));

/** Lets a process write checkpoints, kills it after so many operations. Returns the last step it called written. */
async function killedAfter(operations: number, folder: string, from: number): Promise<number> {
  const child = spawn(process.execPath, ['--no-warnings', program, 'loop', folder, String(from)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  child.stdout.setEncoding('latin1').on('data', (text: string) => {
    said += text;
    if (said.split('.').length > operations) child.kill('SIGKILL');
  });
  await once(child, 'close');
  return Math.max(from - 1, ...(said.match(/\d+(?=\n)/g) ?? []).map(Number));
}

test('a process that writes checkpoints is killed 32 times: there is always a whole one, and the last that was done', async () => {
  const folder = join(root, 'run');
  await writeCheckpoint(folder, tensorsOf(0), notesOf(0));
  let step = 0;
  let seed = 20_261_120;
  const leftovers = new Set<string>();
  for (let kill = 0; kill < 32; kill++) {
    seed = (seed * 48_271) % 2_147_483_647;
    // A checkpoint takes some 35 operations.
    const acknowledged = await killedAfter(1 + (seed % 70), folder, step + 1);
    for (const name of await readdir(root)) leftovers.add(name.replace(/\d+-[0-9a-f]+/, '*'));
    step = stepOf(await readCheckpoint(folder));
    assert.ok(step === acknowledged || step === acknowledged + 1, `step ${step} after ${acknowledged} was written`);
    assert.deepEqual(await readdir(root), ['run']);
  }
  // Else the kills came too late to mean anything.
  assert.ok(leftovers.has('run.*.draft'), [...leftovers].join());
  assert.ok(step > 3, `only ${step} checkpoints`);
});

test('a disk that is really full: a clear error, the old checkpoint stays, and the next one that fits is written', async (t) => {
  // A mount of its own namespace, so that it goes with the process.
  const commands = 'mount -t tmpfs -o size=256k tmpfs "$1" || exit 77; exec "$2" --no-warnings "$3" fill "$1"';
  const flags = process.getuid?.() === 0 ? '-m' : '-rm';
  const { status, stdout, stderr, error } = spawnSync(
    'unshare',
    [flags, 'sh', '-c', commands, 'sh', root, process.execPath, program],
    { encoding: 'utf8' },
  );
  if (error || status === 77 || (status !== 0 && stderr.includes('unshare'))) {
    t.skip(`no small disk can be made here: ${error?.message ?? stderr.trim()}`);
    return;
  }
  assert.equal(status, 0, stderr);
  const { message, kept, after: last, names } = JSON.parse(stdout);
  assert.equal(message, '“run” could not be written. The disk is full: free some space and try again.');
  assert.deepEqual({ kept, last, names }, { kept: 1, last: 3, names: ['run'] });
});
