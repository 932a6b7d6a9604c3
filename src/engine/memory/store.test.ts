import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, test } from 'node:test';
import { encodeFrame } from './frames.ts';
import { thisOwner } from './owner.ts';
import { schemaVersion } from './schema.ts';
import { withDatabase } from './sqlite.ts';
import type { StoreChange, StoreNotice } from './store.ts';
import { StoreError } from './storeError.ts';
import { ModelFiles, systemError } from './testFiles.ts';
import { byHand, directive, episode, event, openIn, rating } from './testRecords.ts';

const folders: string[] = [];
function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'attune-store-'));
  folders.push(path);
  return path;
}
afterEach(() => {
  for (const path of folders.splice(0)) rmSync(path, { recursive: true, force: true });
});

/** All bytes of all files. */
function everythingIn(dir: string): string {
  return readdirSync(dir)
    .map((name) => readFileSync(join(dir, name), 'latin1'))
    .join('');
}

test('episodes, events and ratings are there after a reload', async () => {
  const dir = folder();
  const first = await openIn(dir, { pace: byHand });
  const one = episode({ instruction: 'sort them' });
  first.addEpisode(one);
  first.addEvents([event(one.id, 'offered'), event(one.id, 'accepted')]);
  await first.rate(rating(one.id, { comment: 'exactly', score: 9 }));
  const before = first.get(one.id);
  await first.close();
  const second = await openIn(dir, { pace: byHand });
  assert.deepEqual(second.report.problems, []);
  assert.equal(second.report.episodes, 1);
  assert.deepEqual(second.get(one.id), before);
  assert.equal(second.card(one.id)?.outcome.type, 'accepted');
  await second.close();
});

test('the last item removed leaves nothing, in memory or on the disk', async () => {
  const dir = folder();
  const store = await openIn(dir, { pace: byHand });
  const one = episode({ prefix: 'the very secret prefix', candidates: [] });
  store.addEpisode(one);
  await store.rate(rating(one.id, { comment: 'the very secret comment' }));
  await store.fold();
  // Once more, so that the snapshot kept as the previous one holds it too.
  const another = episode();
  store.addEpisode(another);
  await store.fold();
  await store.direct([directive(another.id, 'deleted')]);
  assert.match(readFileSync(join(dir, 'memory.db.previous'), 'latin1'), /very secret prefix/);
  await store.direct([directive(one.id, 'deleted')]);
  assert.equal(store.get(one.id), null);
  assert.equal(store.size, 0);
  await store.fold();
  assert.doesNotMatch(everythingIn(dir), /very secret/);
  await store.close();
  const again = await openIn(dir, { pace: byHand });
  assert.deepEqual([...again.entries()], []);
  assert.equal(again.list({ query: '', filter: 'all', limit: 10 }).total, 0);
  await again.close();
});

test('deleting reaches the journal of another window that is open', async () => {
  const dir = folder();
  const [a, b] = [await openIn(dir, { pace: byHand }), await openIn(dir, { pace: byHand })];
  const one = episode({ prefix: 'the very secret prefix' });
  a.addEpisode(one);
  await a.flush();
  await b.refresh();
  await b.direct([directive(one.id, 'deleted')]);
  await b.fold();
  assert.doesNotMatch(everythingIn(dir), /very secret/);
  const later = episode();
  a.addEpisode(later);
  await a.flush();
  await a.refresh();
  assert.equal(a.get(one.id), null);
  await b.refresh();
  assert.ok(b.get(later.id), 'a window whose journal was taken lost what it wrote next');
  await a.close();
  await b.close();
});

test('A5-14: the same id twice is one episode, now and after a reload', async () => {
  const dir = folder();
  const store = await openIn(dir, { pace: byHand });
  const one = episode();
  const happened = event(one.id, 'shown');
  const said = rating(one.id);
  for (let i = 0; i < 2; i++) {
    store.addEpisode(one);
    store.addEvents([happened]);
    await store.rate(said);
    await store.fold();
  }
  assert.equal(store.size, 1);
  assert.equal(store.get(one.id)?.events.length, 1);
  assert.equal(store.stats().ratings, 1);
  await store.close();
  const again = await openIn(dir, { pace: byHand });
  assert.equal([...again.entries()].length, 1);
  assert.equal(again.get(one.id)?.events.length, 1);
  assert.equal(again.stats().ratings, 1);
  await again.close();
});

test('a record nobody understands is set aside, named and reported once; the others open', async () => {
  const dir = folder();
  const owner = { ...thisOwner, run: 'killed' };
  const store = await openIn(dir, { pace: byHand, owner });
  const one = episode();
  store.addEpisode(one);
  await store.flush();
  const journal = join(dir, readdirSync(dir).find((name) => name.endsWith('.active'))!);
  const strange = JSON.stringify({ record: 'event', value: { id: 'not an id' } });
  writeFileSync(journal, Buffer.concat([readFileSync(journal), encodeFrame(strange)]));
  const again = await openIn(dir, { pace: byHand });
  assert.ok(again.get(one.id));
  assert.match(again.report.problems.join(), /1 record was not understood .* kept as rejected-records-/);
  const kept = readdirSync(dir).find((name) => name.startsWith('rejected-records-'))!;
  assert.match(readFileSync(join(dir, kept), 'utf8'), /not an id/);
  await again.close();
  const third = await openIn(dir, { pace: byHand });
  assert.deepEqual(third.report.problems, []);
  await third.close();
});

test('a memory of a newer version is neither changed nor written to', async () => {
  const dir = folder();
  const bytes = await withDatabase(null, (db) => {
    db.run(`CREATE TABLE memory(future TEXT); PRAGMA user_version = ${schemaVersion + 1}`);
    return db.export();
  });
  writeFileSync(join(dir, 'memory.db'), bytes);
  const store = await openIn(dir, { pace: byHand });
  assert.match(store.report.problems.join(), /newer version of Attune.*Update Attune/);
  const one = episode();
  store.addEpisode(one);
  assert.ok(store.get(one.id), 'suggestions of this session should still be seen');
  await assert.rejects(
    store.rate(rating(one.id)),
    (error: unknown) => error instanceof StoreError && error.reason === 'readOnly',
  );
  await assert.rejects(store.reset());
  await store.close();
  assert.deepEqual(readdirSync(dir), ['memory.db']);
  assert.ok(readFileSync(join(dir, 'memory.db')).equals(Buffer.from(bytes)));
});

test('ratings change and are withdrawn; other people’s are counted, not shown as mine', async () => {
  const store = await openIn(folder(), { pace: byHand });
  const one = episode();
  store.addEpisode(one);
  await store.rate(rating(one.id, { at: 10, thumb: 'up' }));
  await store.rate(rating(one.id, { at: 20, thumb: 'down' }));
  await store.rate(rating(one.id, { at: 15, thumb: 'up', rater: 'someone else' }));
  assert.equal(store.get(one.id)?.rating?.thumb, 'down');
  assert.equal(store.card(one.id)?.otherRatings, 1);
  assert.equal(store.stats().bad, 1);
  await store.rate(rating(one.id, { at: 30, withdrawn: true }));
  assert.equal(store.get(one.id)?.rating, null);
  await store.close();
});

test('"never use this again" holds until it is lifted', async () => {
  const dir = folder();
  const store = await openIn(dir, { pace: byHand });
  const one = episode();
  store.addEpisode(one);
  await store.direct([{ ...directive(one.id, 'never'), at: 5 }]);
  assert.equal(store.get(one.id)?.forbidden, true);
  await store.close();
  const again = await openIn(dir, { pace: byHand });
  assert.equal(again.get(one.id)?.forbidden, true);
  await again.direct([{ ...directive(one.id, 'allowed'), at: 6 }]);
  assert.equal(again.get(one.id)?.forbidden, false);
  await again.close();
});

test('search finds words in file, instruction, text and comment whatever their case, and filters', async () => {
  const store = await openIn(folder(), { pace: byHand });
  const parser = episode({ at: 1, file: 'src/Parser.ts', instruction: 'make it faster (a+b)' });
  const other = episode({ at: 2, candidates: [{ id: parser.candidates[0]!.id, text: 'return Größe;', model: 'm' }] });
  const silent = episode({ at: 3, file: 'src/parser.ts', offered: null });
  for (const one of [parser, other, silent]) store.addEpisode(one);
  await store.rate(rating(other.id, { comment: 'Too Clever', thumb: 'down' }));
  store.addEvents([event(parser.id, 'accepted')]);
  const ids = (query: string, filter: 'all' | 'good' | 'bad' | 'unrated' | 'accepted' | 'rejected' = 'all'): string[] =>
    store.list({ query, filter, limit: 10 }).cards.map((card) => card.episode.id);
  assert.deepEqual(ids(''), [other.id, parser.id]);
  assert.deepEqual(ids('PARSER faster'), [parser.id]);
  assert.deepEqual(ids('(A+B)'), [parser.id]);
  assert.deepEqual(ids('GRÖSSE'), []);
  assert.deepEqual(ids('grÖße'), [other.id]);
  assert.deepEqual(ids('clever'), [other.id]);
  assert.deepEqual(ids('', 'bad'), [other.id]);
  assert.deepEqual(ids('', 'unrated'), [parser.id]);
  assert.deepEqual(ids('', 'accepted'), [parser.id]);
  assert.deepEqual(ids('', 'rejected'), []);
  assert.deepEqual(store.list({ query: '', filter: 'all', limit: 1 }), {
    cards: [store.card(other.id)!],
    total: 2,
  });
  await store.close();
});

test('A5-12, A5-18: a full memory lets the old and worthless go first, says so, and stays below its cap on the disk', async () => {
  const dir = folder();
  const notices: StoreNotice[] = [];
  let nowMs = 1e12;
  const clock = { now: () => nowMs };
  const maxBytes = 1_000_000;
  const pace = { ...byHand, foldAfterBytes: 60_000 };
  const store = await openIn(dir, {
    pace,
    clock,
    maxBytes,
    maxEpisodes: 1e9,
    onNotice: (notice) => notices.push(notice),
  });
  const rated = episode({ at: nowMs, prefix: 'rated '.repeat(150) });
  const accepted = episode({ at: nowMs, prefix: 'accepted '.repeat(100) });
  const ignored = episode({ at: nowMs, prefix: 'ignored '.repeat(100) });
  for (const one of [rated, accepted, ignored]) store.addEpisode(one);
  store.addEvents([event(accepted.id, 'accepted')]);
  await store.rate(rating(rated.id));
  for (let i = 0; i < 900; i++) {
    nowMs += 3_600_000;
    store.addEpisode(episode({ at: nowMs, prefix: `${i} `.repeat(150), offered: i % 2 === 0 ? null : 0 }));
    if (i % 100 === 99) await store.fold();
  }
  await store.fold();
  assert.ok(store.get(rated.id) && store.get(accepted.id), 'what the user valued was thrown away');
  assert.equal(store.get(ignored.id), null);
  assert.ok(store.stats().evicted > 300);
  assert.match(notices[0]?.message ?? '', /reached its limit of 1 MB: the \d+ oldest/);
  const onDisk = everythingIn(dir).length;
  assert.ok(onDisk <= maxBytes, `${onDisk} bytes on the disk`);
  assert.equal(store.stats().bytes, onDisk);
  const size = store.size;
  store.configure({ maxBytes, maxEpisodes: 100 });
  assert.ok(store.size <= 100 && store.get(rated.id) && store.get(accepted.id), `${size} → ${store.size}`);
  await store.close();
  const again = await openIn(dir, { pace, clock, maxBytes, maxEpisodes: 100 });
  assert.equal(again.size, store.size);
  await again.close();
});

test('windows tell each other; their listeners hear what changed', async () => {
  const dir = folder();
  const [a, b] = [await openIn(dir, { pace: byHand }), await openIn(dir, { pace: byHand })];
  const heard: StoreChange[] = [];
  const stop = b.onChange((change) => heard.push(change));
  const one = episode();
  a.addEpisode(one);
  await a.flush();
  await b.refresh();
  await a.rate(rating(one.id));
  await b.refresh();
  await b.direct([directive(one.id, 'deleted')]);
  assert.deepEqual(heard, [
    { added: [one.id], changed: [], removed: [] },
    { added: [], changed: [one.id], removed: [] },
    { added: [], changed: [], removed: [one.id] },
  ]);
  stop();
  await a.refresh();
  assert.equal(a.get(one.id), null);
  await a.close();
  await b.close();
});

test('a window that slept through many folds misses nothing', async () => {
  const dir = folder();
  const [awake, asleep] = [await openIn(dir, { pace: byHand }), await openIn(dir, { pace: byHand })];
  const gone = episode();
  awake.addEpisode(gone);
  await awake.flush();
  await asleep.refresh();
  for (let i = 0; i < 12; i++) {
    awake.addEpisode(episode());
    await awake.fold();
  }
  await awake.direct([directive(gone.id, 'deleted')]);
  await awake.fold();
  await asleep.refresh();
  assert.deepEqual(
    [...asleep.entries()].map((entry) => entry.episode.id),
    [...awake.entries()].map((entry) => entry.episode.id),
  );
  await awake.close();
  await asleep.close();
});

test('a reset removes every trace, and other windows forget too', async () => {
  const dir = folder();
  const [a, b] = [await openIn(dir, { pace: byHand }), await openIn(dir, { pace: byHand })];
  const one = episode({ prefix: 'very secret' });
  b.addEpisode(one);
  await b.flush();
  await b.fold();
  b.addEpisode(episode({ prefix: 'very secret too' }));
  await b.flush();
  const waiting = episode({ prefix: 'very secret and not written yet' });
  b.addEpisode(waiting);
  writeFileSync(join(dir, 'vectors-0123456789abcdef.bin'), 'very secret vectors');
  writeFileSync(join(dir, 'memory.db.corrupt-20250101T000000000Z'), 'very secret copy');
  const removed: string[] = [];
  b.onChange((change) => removed.push(...change.removed));
  await a.reset();
  assert.equal(a.size, 0);
  assert.deepEqual(readdirSync(dir), ['memory.db']);
  await b.refresh();
  assert.equal(b.size, 0);
  assert.ok(removed.includes(one.id) && removed.includes(waiting.id));
  const later = episode();
  b.addEpisode(later);
  await b.flush();
  await a.refresh();
  assert.deepEqual(
    [...a.entries()].map((entry) => entry.episode.id),
    [later.id],
  );
  assert.doesNotMatch(everythingIn(dir), /very secret/);
  await a.close();
  await b.close();
});

test('a reset that was interrupted is finished by the next window', async () => {
  const files = new ModelFiles();
  const store = await openIn('/f', { files, pace: byHand, owner: { ...thisOwner, run: 'killed' } });
  store.addEpisode(episode());
  await store.fold();
  store.addEpisode(episode());
  await store.flush();
  files.beforeChange = (operation, path) => {
    if (operation === 'remove' && path.endsWith('.previous')) throw systemError('EIO');
  };
  await assert.rejects(store.reset(), /Clearing the memory failed/);
  files.beforeChange = () => {};
  const again = await openIn('/f', { files, pace: byHand });
  assert.equal(again.size, 0);
  assert.deepEqual(
    (await files.list('/f')).filter((name) => !name.endsWith('.lock')),
    ['memory.db'],
  );
  await again.close();
});

test('a folder that can’t be written is refused with a sentence that says what to do', async () => {
  const files = new ModelFiles();
  files.beforeChange = () => {
    throw systemError('EACCES');
  };
  await assert.rejects(openIn('/f', { files, pace: byHand }), /Opening the memory failed \(EACCES\).*write permission/);
});

test('a full disk refuses a rating, loses nothing acknowledged, and the next rating works when there is space', async () => {
  const files = new ModelFiles();
  const store = await openIn('/f', { files, pace: byHand });
  const one = episode();
  store.addEpisode(one);
  await store.rate(rating(one.id, { at: 1, comment: 'first' }));
  files.beforeChange = (operation) => {
    if (operation === 'write' || operation === 'create') throw systemError('ENOSPC');
  };
  await assert.rejects(store.rate(rating(one.id, { at: 2, comment: 'refused' })), /disk is full/);
  await assert.rejects(store.fold());
  assert.equal(store.get(one.id)?.rating?.comment, 'first', 'a rating that was refused is shown as given');
  files.beforeChange = () => {};
  await store.rate(rating(one.id, { at: 3, comment: 'third' }));
  await store.close();
  const again = await openIn('/f', { files, pace: byHand });
  assert.equal(again.get(one.id)?.rating?.comment, 'third');
  assert.equal(again.stats().ratings, 2);
  await again.close();
});

test('an invalid record is refused at once and never reaches the disk', async () => {
  const store = await openIn(folder(), { pace: byHand });
  assert.throws(() => store.addEpisode(episode({ propensity: 2 })), /can’t be stored: propensity/);
  await assert.rejects(store.rate(rating('no id')), /can’t be stored: episodeId/);
  assert.equal(store.size, 0);
  await store.close();
});

test('nothing is stored or said after closing', async () => {
  const dir = folder();
  const store = await openIn(dir, { pace: byHand });
  await store.close();
  store.addEpisode(episode());
  await assert.rejects(store.rate(rating(episode().id)), /closed/);
  await store.close();
  assert.ok(!existsSync(join(dir, 'fold.1.lock')));
  const again = await openIn(dir, { pace: byHand });
  assert.equal(again.size, 0);
  await again.close();
});
