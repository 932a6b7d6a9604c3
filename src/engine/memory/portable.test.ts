import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { MemoryRecord } from '../../protocol/episode.ts';
import { systemIds } from '../clock.ts';
import type { Store } from './store.ts';
import { ModelFiles, systemError } from './testFiles.ts';
import { byHand, directive, episode, event, openIn, rating } from './testRecords.ts';

async function exported(store: Store, files: ModelFiles, path: string): Promise<string[]> {
  await store.exportTo(path);
  return (await files.read(path))!.toString('utf8').split('\n').slice(0, -1);
}

const text = fc.string({ unit: 'binary', maxLength: 80 });
const records: fc.Arbitrary<MemoryRecord[]> = fc
  .array(
    fc.record({
      prefix: text,
      instruction: text,
      candidate: text,
      at: fc.double({ min: 0, max: 4e12, noNaN: true }),
      offered: fc.constantFrom(0, null),
      comments: fc.array(text, { maxLength: 3 }),
      correction: fc.option(text),
      events: fc.integer({ min: 0, max: 3 }),
      never: fc.boolean(),
      // Older episodes have none of these.
      seen: fc.option(
        fc.record({
          featureVersion: fc.nat(3),
          requestedAt: fc.double({ min: 0, max: 4e12, noNaN: true }),
          features: fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), { maxLength: 40 }),
          propensity: fc.double({ min: 0, max: 1, noNaN: true }),
        }),
      ),
    }),
    { maxLength: 6 },
  )
  .map((shapes) =>
    shapes.flatMap(({ candidate, comments, correction, events, never, seen, ...rest }): MemoryRecord[] => {
      const { features, propensity, ...asked } = seen ?? {};
      const how = features === undefined || propensity === undefined ? {} : { features, propensity };
      const one = episode({
        ...rest,
        ...asked,
        candidates: [{ id: systemIds(), text: candidate, model: 'm', ...how }],
      });
      return [
        { record: 'episode', value: one },
        ...comments.map(
          (comment): MemoryRecord => ({ record: 'rating', value: rating(one.id, { comment, correction }) }),
        ),
        ...Array.from({ length: events }, (): MemoryRecord => ({ record: 'event', value: event(one.id, 'shown') })),
        ...(never ? [{ record: 'directive', value: directive(one.id, 'never') } as const] : []),
      ];
    }),
  );

test('an export imported into an empty memory exports the same bytes again', async () => {
  await fc.assert(
    fc.asyncProperty(records, fc.infiniteStream(fc.nat()), async (all, order) => {
      const files = new ModelFiles();
      const shuffled = all
        .map((record) => ({ record, key: order.next().value as number }))
        .sort((a, b) => a.key - b.key);
      const lines = shuffled.map(({ record }) => JSON.stringify(record));
      files.put('/in.jsonl', Buffer.from(`${lines.join('\n')}\n`));
      const first = await openIn('/first', { files, pace: byHand });
      assert.equal((await first.importFrom('/in.jsonl')).added, all.length);
      const out = await exported(first, files, '/out.jsonl');
      assert.equal(out.length, all.length + 1);

      const second = await openIn('/second', { files, pace: byHand });
      assert.deepEqual(await second.importFrom('/out.jsonl'), {
        added: all.length,
        known: 0,
        rejected: 0,
        problems: [],
      });
      assert.deepEqual(await second.importFrom('/out.jsonl'), {
        added: 0,
        known: all.length,
        rejected: 0,
        problems: [],
      });
      await second.close();
      const reopened = await openIn('/second', { files, pace: byHand });
      assert.deepEqual((await exported(reopened, files, '/again.jsonl')).slice(1), out.slice(1));
      await first.close();
      await reopened.close();
    }),
    { numRuns: 40 },
  );
});

test('lines that are no records are named, and the others come in', async () => {
  const files = new ModelFiles();
  const store = await openIn('/f', { files, pace: byHand });
  const [good, bad] = [episode(), { ...episode(), offered: -1 }];
  const lines = [
    JSON.stringify({ attune: 1, exportedAt: 'now' }),
    JSON.stringify({ record: 'episode', value: good }),
    '{"record":"episode"',
    JSON.stringify({ record: 'episode', value: bad }),
    '',
    JSON.stringify({ record: 'melody', value: {} }),
    JSON.stringify({ record: 'directive', value: directive(good.id, 'deleted') }),
    JSON.stringify({ record: 'episode', value: good }),
  ];
  files.put('/in.jsonl', Buffer.from(`\uFEFF${lines.join('\r\n')}`));
  const result = await store.importFrom('/in.jsonl');
  assert.deepEqual({ ...result, problems: result.problems.length }, { added: 1, known: 1, rejected: 4, problems: 4 });
  assert.match(result.problems[0]!, /^Line 3 is not valid JSON/);
  assert.match(result.problems[1]!, /^Line 4 has value\.offered/);
  assert.match(result.problems[3]!, /^Line 7 would delete/);
  assert.ok(!result.problems.join().includes(good.id), 'a problem quotes content');
  assert.ok(store.get(good.id));
  await store.close();
});

test('what was deleted is neither exported nor brought back by an old export', async () => {
  const files = new ModelFiles();
  const store = await openIn('/f', { files, pace: byHand });
  const [kept, gone] = [episode(), episode({ prefix: 'secret plans' })];
  store.addEpisode(kept);
  store.addEpisode(gone);
  await store.exportTo('/old.jsonl');
  await store.direct([directive(gone.id, 'deleted')]);
  assert.ok(!(await exported(store, files, '/new.jsonl')).join().includes('secret plans'));
  const result = await store.importFrom('/old.jsonl');
  assert.equal(result.added, 0);
  assert.match(result.problems[0]!, /1 records belong to episodes that you deleted/);
  assert.equal(store.get(gone.id), null);
  await store.close();
});

test('an export that fails leaves the file that was there', async () => {
  const files = new ModelFiles();
  const store = await openIn('/f', { files, pace: byHand });
  files.put('/out.jsonl', Buffer.from('yesterday'));
  files.beforeChange = (operation, path) => {
    if (operation === 'write' && path.startsWith('/out')) throw systemError('ENOSPC');
  };
  await assert.rejects(store.exportTo('/out.jsonl'), /Exporting the memory failed \(ENOSPC\)\. The disk is full/);
  files.beforeChange = () => {};
  assert.equal((await files.read('/out.jsonl'))?.toString(), 'yesterday');
  assert.deepEqual((await files.list('/')).sort(), ['out.jsonl']);
  await store.close();
});

test('a file of a newer version is refused as a whole', async () => {
  const files = new ModelFiles();
  const store = await openIn('/f', { files, pace: byHand });
  const line = JSON.stringify({ record: 'episode', value: episode() });
  files.put('/in.jsonl', Buffer.from(`{"attune":2,"exportedAt":"2030"}\n${line}\n`));
  const result = await store.importFrom('/in.jsonl');
  assert.equal(result.added, 0);
  assert.match(result.problems[0]!, /newer version/);
  await store.close();
});

test('what the decision saw comes back as it was written, after an import and a restart', async () => {
  const files = new ModelFiles();
  const seen = { features: [1, -0.4055, 1.25e-7], propensity: 0.05 };
  const one = episode({
    featureVersion: 1,
    requestedAt: 1_700_000_000_000,
    candidates: [{ id: systemIds(), text: 'a();', model: 'm', ...seen }],
  });
  files.put('/in.jsonl', Buffer.from(`${JSON.stringify({ record: 'episode', value: one })}\n`));
  const first = await openIn('/first', { files, pace: byHand });
  assert.equal((await first.importFrom('/in.jsonl')).added, 1);
  await first.close();
  const again = await openIn('/first', { files, pace: byHand });
  assert.deepEqual(again.get(one.id)!.episode, one);
  await again.close();
});
