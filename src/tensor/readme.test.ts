import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';

test('the README’s example runs as it is printed, and learns', async (t) => {
  const here = import.meta.dirname;
  const readme = await readFile(join(here, 'README.md'), 'utf8');
  const [, example] = /```ts\n(.*?)```/s.exec(readme)!;
  const folder = await mkdtemp(join(tmpdir(), 'attune-readme-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const script = join(folder, 'example.ts');
  await writeFile(script, example!.replaceAll("from './", `from '${pathToFileURL(here).href}/`));
  const { stdout } = await promisify(execFile)(process.execPath, [script]);
  const losses = stdout
    .split('\n')
    .map((line) => /^(\d+) ([\d.e-]+)$/.exec(line))
    .flatMap((match) => (match ? [Number(match[2])] : []));
  assert.equal(losses.length, 6, stdout);
  assert.ok(losses[0]! > 0.1, `it starts untrained: ${losses[0]}`);
  assert.ok(losses.at(-1)! < 1e-3, `it ends trained: ${losses.at(-1)}`);
});
