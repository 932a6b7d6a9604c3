import assert from 'node:assert/strict';
import { cpSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { byHand, openIn } from '../../src/engine/memory/testRecords.ts';
import { assertKept, bundledWriter, idsIn, Promises, temporaryFolder, Window } from './kit.ts';

const kills = 200;
/** A new folder now and then, or opening the growing store would take all the time. */
const killsPerFolder = 20;

test('an engine killed at 200 random moments under load loses nothing it acknowledged', async () => {
  const folder = temporaryFolder();
  try {
    const script = await bundledWriter(folder.path);
    const start = (number: number): Window => new Window(script, [storeFolder(number), 'load']);
    const storeFolder = (number: number): string => join(folder.path, `store-${Math.floor(number / killsPerFolder)}`);
    let promises = new Promises();
    let next = start(0);
    let acknowledged = 0;
    let duringFold = 0;
    for (let number = 0; number < kills; number++) {
      if (number % killsPerFolder === 0) promises = new Promises();
      const window = next;
      if (number + 1 < kills) next = start(number + 1);
      await window.until('ready');
      window.go();
      // The first of a folder must get somewhere; the others may be killed while they open.
      if (number % killsPerFolder === 0 || number % 3 !== 0) await window.until('R ');
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 40));
      await window.kill();
      promises.hear(window.lines);
      acknowledged += window.lines.filter((line) => line.startsWith('R ')).length;
      assert.deepEqual(
        window.lines.filter((line) => line.startsWith('problems') && !line.includes('unfinished write')),
        [],
      );

      const dir = storeFolder(number);
      if (readdirSync(dir).some((name) => name.endsWith('.lock') || name.startsWith('tmp-snapshot'))) duringFold++;
      // Every other time a copy is looked at, so that the next window finds what the killed one left.
      const looked = number % 2 === 0 ? dir : join(folder.path, 'copy');
      if (looked !== dir) cpSync(dir, looked, { recursive: true });
      const store = await openIn(looked, { pace: byHand });
      assert.deepEqual(
        store.report.problems.filter((problem) => !problem.includes('unfinished write')),
        [],
      );
      assertKept(await idsIn(store, folder.path), promises, `after kill ${number + 1}`);
      await store.close();
      if (looked !== dir) rmSync(looked, { recursive: true });
    }
    assert.ok(acknowledged > kills, `only ${acknowledged} ratings in ${kills} windows: this was no load`);
    assert.ok(duringFold > kills / 20, `only ${duringFold} kills fell into a fold`);
  } finally {
    folder.remove();
  }
});
