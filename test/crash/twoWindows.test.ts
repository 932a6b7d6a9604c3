import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { byHand, openIn } from '../../src/engine/memory/testRecords.ts';
import { bundledWriter, idsIn, temporaryFolder, Window } from './kit.ts';

test('two windows that write 1 000 records each at once lose none and both see all', async () => {
  const folder = temporaryFolder();
  try {
    const script = await bundledWriter(folder.path);
    const dir = join(folder.path, 'store');
    const windows = [new Window(script, [dir, 'some', '1000']), new Window(script, [dir, 'some', '1000'])];
    await Promise.all(windows.map((window) => window.until('ready')));
    for (const window of windows) window.go();
    await Promise.all(windows.map((window) => window.until('written')));
    for (const window of windows) window.go();
    for (const window of windows)
      assert.equal(await window.until('seen'), 'seen 1000', 'a window misses the other’s episodes');
    await Promise.all(windows.map((window) => window.ended()));

    const store = await openIn(dir, { pace: byHand });
    const found = await idsIn(store, folder.path);
    assert.deepEqual(store.report.problems, []);
    assert.equal(found.size, 2000);
    assert.deepEqual(
      [...found.values()].filter((count) => count !== 1),
      [],
    );
    assert.equal([...store.entries()].filter((entry) => entry.rating !== null).length, 1000);
    await store.close();
  } finally {
    folder.remove();
  }
});
