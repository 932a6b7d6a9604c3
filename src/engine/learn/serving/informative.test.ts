import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { EpisodeCard } from '../../../protocol/episode.ts';
import { cardOf } from '../../memory/cards.ts';
import { AcceptanceGate } from '../acceptance.ts';
import { featureNames, featureVersion } from '../acceptanceFeatures.ts';
import { featureExtractor } from '../features/features.ts';
import { offerableOf } from '../features/offerable.ts';
import type { Row } from '../reward/rewardModel.ts';
import { byInformation, gainOf, placeCounts, Questions } from './informative.ts';
import { RatingQueue } from './queue.ts';
import { nothingServed } from './served.ts';
import { type Kit, kit } from './testKit.ts';

const minuteMs = 60_000;

async function start(t: TestContext): Promise<Kit> {
  const made = await kit();
  t.after(() => made.close());
  return made;
}
const cardsOf = (k: Kit, ids: readonly string[]): EpisodeCard[] => ids.map((id) => cardOf(k.store.get(id)!));
const idsOf = (cards: readonly EpisodeCard[]): string[] => cards.map(({ episode }) => episode.id);

test('unsure ones at frequent places come first, rated ones last', async (t) => {
  const k = await start(t);
  const rare = k.decide({ over: { languageId: 'sql' } });
  const common = Array.from({ length: 20 }, () => k.decide({}));
  const [sure, unsure, rated] = common as [string, string, string];
  await k.rate(rated, { thumb: 'up' });
  const doubt = ({ id }: { readonly id: string }): number =>
    id === unsure || id === rare ? 0.3 : id === rated ? 1 : 0.1;
  const counts = placeCounts([...k.store.entries()].map(({ episode }) => episode));
  // 0.3·ln 21, 0.1·ln 21, 0.3·ln 2.
  assert.deepEqual(idsOf(byInformation(cardsOf(k, [sure, rated, rare, unsure]), doubt, counts)), [
    unsure,
    sure,
    rare,
    rated,
  ]);
});

test('one question in twenty minutes, six a day, and none that would teach next to nothing', async (t) => {
  const k = await start(t);
  const ids = Array.from({ length: 12 }, () => k.decide({}));
  const questions = new Questions();
  let doubt = 0.2;
  let ranked = 0;
  const open = new Set(ids);
  const ask = (): string[] =>
    questions.marked(
      k.clock.time,
      (id) => open.has(id),
      () => {
        ranked += 1;
        return {
          cards: cardsOf(
            k,
            ids.filter((id) => open.has(id)),
          ),
          doubt: () => doubt,
        };
      },
    );
  assert.deepEqual(ask(), [ids[0]]);
  k.clock.time += 19 * minuteMs;
  assert.deepEqual(ask(), [ids[0]]);
  assert.equal(ranked, 1, 'nothing is worked out before one more may be asked');
  k.clock.time += minuteMs;
  assert.deepEqual(ask(), ids.slice(0, 2));
  for (let i = 0; i < 20; i += 1) {
    k.clock.time += 21 * minuteMs;
    ask();
  }
  assert.equal(ask().length, 6);
  // Answered ones lose their mark, and count all the same.
  open.delete(ids[0]!);
  k.clock.time += 21 * minuteMs;
  assert.deepEqual(ask(), ids.slice(1, 6));
  k.clock.time += 24 * 60 * minuteMs;
  doubt = 0.05;
  assert.ok(gainOf(doubt) < 0.01);
  assert.deepEqual(ask(), []);
  doubt = 0.2;
  assert.deepEqual(ask(), [], 'it is not worked out anew at every look');
  k.clock.time += 21 * minuteMs;
  assert.equal(ask().length, 1);
});

test('the list orders by the reward model that serves, else by the gate, and marks within the budget', async (t) => {
  const k = await start(t);
  const extractor = featureExtractor();
  const known = Array.from({ length: 6 }, () => k.decide({ kind: 'edit', texts: ['return 1;', 'return 2;'] }));
  const strange = k.decide({
    kind: 'edit',
    texts: ['for await (const line of readLines(socket)) {\n  queue.push(decode(line));\n}', 'return 2;'],
  });
  const newest = k.decide({ kind: 'edit', texts: ['return 1;', 'return 2;'] });
  const rows = Array.from({ length: 40 }, (_, i): Row => {
    const { episode } = k.store.get(known[i % 6]!)!;
    const features = extractor.featuresOf(offerableOf(episode, i % 2), []);
    return { features, target: i % 2, weight: 1, source: 'rating', group: `f${i}`, episodeId: episode.id, at: i };
  });
  await k.promoteRewardModel(rows);
  const serving = k.serve();
  await serving.idle();
  const queue = new RatingQueue({
    store: k.store,
    clock: k.clock,
    served: () => serving.served,
    doubtOfGate: () => null,
  });
  const query = { query: '', filter: 'all', limit: 5 } as const;
  assert.equal(queue.list(query).cards[0]!.episode.id, newest, 'newest first unless asked otherwise');
  const { cards, total, marked } = queue.list({ ...query, order: 'informative' });
  assert.deepEqual([cards[0]!.episode.id, cards.length, total], [strange, 5, 8]);
  assert.deepEqual(marked, [strange]);
  await k.rate(strange, { thumb: 'up' });
  assert.deepEqual(queue.list(query).marked, []);

  // Of an inline offer the gate has written down what it saw.
  const features = featureNames.map((_, i) => (i === 0 ? 1 : 0.5));
  const { episode } = k.store.get(newest)!;
  const candidates = episode.candidates.map((one) => ({ ...one, features }));
  const inline = k.decide({ over: { candidates, featureVersion } });
  const gate = new AcceptanceGate(k.store);
  t.after(() => gate.close());
  const doubt = gate.doubtOf(k.store.get(inline)!.episode)!;
  assert.ok(doubt > 0.1 && doubt < 1, `${doubt}`);
  assert.equal(gate.doubtOf(episode), null);
  const untaught = new RatingQueue({
    store: k.store,
    clock: k.clock,
    served: () => nothingServed,
    doubtOfGate: (one) => gate.doubtOf(one),
  });
  assert.equal(untaught.list({ ...query, order: 'informative' }).cards.length, 5);
});
