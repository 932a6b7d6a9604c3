import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Cadence, type EngineRun, neverTraining, playEngine, type Seen } from './enginePath.ts';
import { installedWorld } from './ratedStream.ts';
import { simulate } from './run.ts';

const world = installedWorld();
const steps = 100;
/** Often enough to see it. */
const training: Cadence = { ...neverTraining, untilPromoted: 50 };
const runs = new Map<string, Promise<EngineRun>>();
function run(seed: number, mode: 'on' | 'off'): Promise<EngineRun> {
  const key = `${seed} ${mode}`;
  const known = runs.get(key);
  if (known) return known;
  const off = { config: { examples: 0, controlShare: 0 } };
  const fresh = playEngine({ world, seed, steps, ...(mode === 'off' ? off : { training }) });
  runs.set(key, fresh);
  return fresh;
}
const sum = (values: readonly number[]): number => values.reduce((all, value) => all + value, 0);
const rewardOf = ({ played }: EngineRun): number => sum(played.map(({ reward }) => reward)) / played.length;

test('with memory and learning the real engine brings developers more than without', async () => {
  const [on, off] = [
    [await run(100, 'on'), await run(101, 'on')],
    [await run(100, 'off'), await run(101, 'off')],
  ];
  const gain = (sum(on.map(rewardOf)) - sum(off.map(rewardOf))) / 2;
  assert.ok(gain > 0.05, `${on.map(rewardOf)} against ${off.map(rewardOf)}`);
  for (const { played, trainings } of on) {
    assert.equal(played.length, steps);
    assert.deepEqual(
      trainings.map(({ step, failure }) => ({ step, failure })),
      [50, 100].map((step) => ({ step, failure: null })),
    );
  }
});

test('no filter drops what the model writes, and the model reads every example as it was kept', async () => {
  const { shown, dropped, candidates, examples, unreadable } = await run(100, 'on');
  assert.ok(candidates > 4 * steps && examples > steps, `${candidates} ${examples}`);
  assert.deepEqual(dropped, {});
  assert.equal(unreadable, 0);
  assert.equal(shown.foreign, 0);
  assert.ok(shown.whole > 0.8 * steps && shown.cut < 0.02 * steps, JSON.stringify(shown));
});

test('the same developer does the same again, as far as it goes', async () => {
  const again = await playEngine({ world, seed: 101, steps: 60, training });
  assert.deepEqual(again.played, (await run(101, 'on')).played.slice(0, 60));
});

test('what the developer does is in the memory as the editor would have told it', async () => {
  const seen: Seen[] = [];
  let cards: readonly { readonly id: string; readonly type: string; readonly score: number | null }[] = [];
  await playEngine({
    world,
    seed: 102,
    steps: 40,
    async onDecision(one) {
      seen.push(one);
      if (one.step < 39) return;
      const listed = await one.engine.ask('listEpisodes', { query: '', filter: 'all', limit: 100 });
      cards = listed.cards.map(({ episode, outcome, rating }) => ({
        id: episode.id,
        type: outcome.type,
        score: rating?.score ?? null,
      }));
    },
  });
  const types = new Set(cards.map(({ type }) => type));
  assert.ok(
    ['retained', 'rejected', 'ignored'].every((type) => types.has(type)),
    [...types].join(' '),
  );
  const offered = seen.filter(({ prospect }) => prospect !== null);
  const rated = cards.filter(({ score }) => score !== null);
  assert.ok(rated.length > 2 && rated.length < offered.length / 2, `${rated.length} of ${offered.length}`);
  assert.ok(offered.every(({ episodeId }) => cards.some(({ id }) => id === episodeId)));
});

test('where acceptance and ratings follow nothing, nothing is promoted', async () => {
  const once = { ...training, untilPromoted: 100, rewardModel: 100 };
  const { trainings, promoted } = await playEngine({ world, seed: 100, steps, temper: 'random', training: once });
  assert.deepEqual(trainings[0]!.verdicts.map(({ layer }) => layer).sort(), ['rewardModel', 'selector']);
  assert.ok(trainings[0]!.verdicts.every(({ kind }) => kind !== 'promote'));
  assert.equal(promoted, 0);
});

test('a run in worker processes has all that is asked of it', async () => {
  const short = { developers: 1, firstSeed: 100, steps: 12, nonlinear: 1, shuffled: 1, workers: 2 };
  const { policies, vsNone, shuffled, nonlinear, engine } = await simulate({
    ...short,
    policies: ['random', 'linucb', 'attune-off', 'attune', 'oracle'],
  });
  assert.deepEqual(Object.keys(policies), ['random', 'linucb', 'attune-off', 'attune', 'oracle']);
  assert.deepEqual([policies.attune!.ofBestBandit!.name, shuffled.developers, nonlinear.developers], ['linucb', 1, 1]);
  assert.ok(nonlinear.attune!.regret > 0 && vsNone!.acceptRelativeInterval.low <= vsNone!.acceptRelative);
  assert.deepEqual([engine!.trainings, engine!.promoted, engine!.readable], [0, 0, 1]);
});
