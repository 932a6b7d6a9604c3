import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Directive } from '../../protocol/episode.ts';
import { systemIds } from '../clock.ts';
import { thisOwner } from './owner.ts';
import type { Store } from './store.ts';
import { ModelFiles, PowerCut } from './testFiles.ts';
import { byHand, directive, episode, event, openIn, rating } from './testRecords.ts';

/** What the store has said yes to. */
interface Promised {
  readonly ratings: Map<string, string>;
  /** Asked for; a cut before the answer leaves it open whether it happened. */
  readonly deleting: Set<string>;
  readonly deleted: Set<string>;
}

/** Adds, rates, deletes, folds: every kind of write the store makes, several times. */
async function work(store: Store, promised: Promised): Promise<void> {
  const ids: string[] = [];
  const rate = async (episodeId: string): Promise<void> => {
    const said = rating(episodeId);
    await store.rate(said);
    promised.ratings.set(said.id, episodeId);
  };
  for (let round = 0; round < 3; round++) {
    for (let i = 0; i < 3; i++) {
      const id = systemIds();
      const one = episode({ id, instruction: `text of ${id}` });
      ids.push(one.id);
      store.addEpisode(one);
      store.addEvents([event(one.id, 'offered'), event(one.id, 'accepted')]);
      await rate(one.id);
    }
    await store.fold();
    await rate(ids[0]!);
    const gone: Directive = directive(ids[round * 3 + 1]!, 'deleted');
    promised.deleting.add(gone.episodeId);
    await store.direct([gone]);
    promised.deleted.add(gone.episodeId);
    if (round === 1) await store.fold();
  }
  await store.close();
}

async function run(files: ModelFiles, promised: Promised): Promise<void> {
  const store = await openIn('/store', { files, pace: byHand, owner: { ...thisOwner, run: 'before' } });
  await work(store, promised);
}

async function holds(files: ModelFiles, promised: Promised, place: string): Promise<void> {
  const store = await openIn('/store', { files, pace: byHand, owner: { ...thisOwner, run: 'after' } });
  for (const [ratingId, episodeId] of promised.ratings) {
    if (promised.deleting.has(episodeId)) continue;
    const entry = store.get(episodeId);
    // A rating that stands or an older one of the same rater: exactly one is shown, and the episode is there.
    assert.ok(entry, `${place}: the episode of an acknowledged rating is gone`);
    assert.ok(entry.rating, `${place}: acknowledged rating ${ratingId} is gone`);
  }
  for (const id of promised.deleted) assert.equal(store.get(id), null, `${place}: a deleted episode came back`);
  await store.close();
  for (const name of await files.list('/store')) {
    const content = (await files.read(`/store/${name}`))!.toString('latin1');
    for (const id of promised.deleted) {
      assert.ok(!content.includes(`text of ${id}`), `${place}: text of a deleted episode is still in ${name}`);
    }
  }
}

const silent = (): Promised => ({ ratings: new Map(), deleting: new Set(), deleted: new Set() });

test('a power cut between any two operations loses no acknowledged rating and brings no deleted episode back', async () => {
  const counting = new ModelFiles();
  let operations = 0;
  counting.beforeChange = () => {
    operations++;
  };
  await run(counting, silent());
  assert.ok(operations > 150, `only ${operations} operations: the work is too small to mean anything`);

  for (let cut = 1; cut <= operations; cut++) {
    const files = new ModelFiles();
    const promised = silent();
    let count = 0;
    const off = Promise.withResolvers<void>();
    files.beforeChange = () => {
      if (++count < cut) return;
      off.resolve();
      throw new PowerCut();
    };
    await Promise.race([run(files, promised).catch(() => {}), off.promise]);
    const place = `cut before operation ${cut}`;
    await holds(
      files.afterPowerCut(
        () => false,
        () => 0,
      ),
      promised,
      `${place}, nothing unsynced kept`,
    );
    await holds(
      files.afterPowerCut(
        () => true,
        (unsynced) => unsynced,
      ),
      promised,
      `${place}, all kept`,
    );
    await holds(
      files.afterPowerCut(
        (i) => i % 2 === cut % 2,
        (unsynced) => unsynced >> 1,
      ),
      promised,
      `${place}, some kept`,
    );
  }
});
