/** What is learnt in the background, through the engine as the editor has it: from ratings to what serves, and back again. */
import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { storedEpisodes } from '../engine/learn/training/testEpisodes.ts';
import { seeded } from '../tensor/random.ts';
import { startInProcess } from './inProcess.ts';
import { VirtualTime } from './virtualTime.ts';

async function eventually(what: string, is: () => boolean | Promise<boolean>): Promise<void> {
  const end = Date.now() + 120_000;
  while (!(await is())) {
    assert.ok(Date.now() < end, what);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

test('after enough new ratings and a quiet while it trains by itself, activates what is better and says how to undo it; a changed rating makes that stale, a reset removes it', {
  timeout: 300_000,
}, async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'attune-idle-'));
  const time = new VirtualTime(1_790_000_000_000);
  const engine = await startInProcess(
    { folders: [], storagePath: folder, cachePath: folder, config: { trainAfterRatings: 60 } },
    { time, random: seeded(1) },
  );
  t.after(async () => {
    await engine.stop();
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  });
  const notices: string[] = [];
  engine.hear('notice', ({ message, nextStep, offer }) => notices.push(`${message} ${nextStep} ${offer}`));
  const entries = storedEpisodes({ seed: 3, count: 90, kind: 'edit' });
  const lines = entries.flatMap(({ episode, events, rating }) => [
    { record: 'episode', value: episode },
    ...events.map((value) => ({ record: 'event', value })),
    ...(rating ? [{ record: 'rating', value: { ...rating, rater: 'developer' } }] : []),
  ]);
  const path = join(folder, 'import.jsonl');
  const header = { attune: 1, exportedAt: new Date(0).toISOString() };
  await writeFile(path, [header, ...lines].map((line) => `${JSON.stringify(line)}\n`).join(''));
  const imported = await engine.ask('importMemory', { path });
  assert.ok(imported.ok && imported.rejected === 0);
  await engine.settled();

  // Not while something is going on.
  time.advance(60_000);
  assert.equal((await engine.ask('trainingState', {})).running, null);
  time.advance(61_000);
  await eventually('it trains by itself', () => notices.length > 0);
  assert.match(notices[0]!, /learnt what you like from 90 new ratings.*Better on held-out.*Roll Back.*openTraining/);
  const trained = await engine.ask('trainingState', {});
  const active = trained.versions.find(({ state }) => state === 'active')!;
  assert.deepEqual([active.layer, active.serving], ['rewardModel', true]);
  assert.equal(trained.data.newRatings, 0);
  assert.deepEqual(trained.help.control, { accepted: 0, decisions: 0 });
  // Nothing new was said: it does not train again.
  time.advance(600_000);
  await engine.settled();
  assert.equal((await engine.ask('trainingState', {})).versions.length, trained.versions.length);

  // The list asks for what the model is least sure of; one card is marked.
  const { cards, marked } = await engine.ask('listEpisodes', {
    query: '',
    filter: 'all',
    limit: 50,
    order: 'informative',
  });
  assert.ok(cards.length === 50 && marked.length <= 1);

  const rated = entries.find(({ rating }) => rating !== null)!.episode.id;
  const again = await engine.ask('rate', {
    episodeId: rated,
    thumb: 'down',
    score: null,
    reasons: [],
    comment: '',
    correction: null,
    withdrawn: false,
  });
  assert.ok(again.ok);
  await engine.settled();
  const stale = (await engine.ask('trainingState', {})).versions.find(({ id }) => id === active.id)!;
  assert.deepEqual([stale.state, stale.serving], ['stale', true]);

  assert.ok((await engine.ask('resetMemory', {})).ok);
  await engine.settled();
  assert.deepEqual((await engine.ask('trainingState', {})).versions, []);
  assert.deepEqual(await readdir(join(folder, 'learning')).catch(() => []), []);
});
