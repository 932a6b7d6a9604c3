import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { keptResults } from './keptResults.ts';
import { simulate } from './run.ts';

const small = {
  developers: 2,
  firstSeed: 100,
  steps: 60,
  policies: ['none', 'random'],
  nonlinear: 1,
  workers: 0,
} as const;

async function file(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'attune-kept-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return join(folder, 'results.jsonl');
}

test('a simulation that was stopped goes on where it was, and ends the same', async (t) => {
  const path = await file(t);
  const whole = JSON.stringify(await simulate({ ...small, kept: await keptResults(path) }));
  const lines = (await readFile(path, 'utf8')).trimEnd().split('\n');
  assert.equal(lines.length, 3);
  // Killed in the middle of the second.
  await writeFile(path, `${lines[0]}\n${lines[1]!.slice(0, 200)}`);
  const said: string[] = [];
  const again = await simulate({ ...small, kept: await keptResults(path), say: (line) => said.push(line) });
  assert.equal(JSON.stringify(again), whole);
  assert.equal(said.length, 2);
  const third: string[] = [];
  await simulate({ ...small, kept: await keptResults(path), say: (line) => third.push(line) });
  assert.deepEqual(third, []);
});

test('what was kept of other tasks is not taken for these', async (t) => {
  const path = await file(t);
  await simulate({ ...small, kept: await keptResults(path) });
  const said: string[] = [];
  await simulate({ ...small, steps: 50, kept: await keptResults(path), say: (line) => said.push(line) });
  assert.equal(said.length, 3);
});

test('a file that can’t be read is an error, not an empty beginning', async () => {
  await assert.rejects(keptResults(tmpdir()), /EISDIR/);
});
