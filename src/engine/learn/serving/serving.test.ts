import assert from 'node:assert/strict';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { featureExtractor } from '../features/features.ts';
import { offerableOf } from '../features/offerable.ts';
import type { Row } from '../reward/rewardModel.ts';
import { type Kit, kit, nextId } from './testKit.ts';

async function start(t: TestContext): Promise<Kit> {
  const made = await kit();
  t.after(() => made.close());
  return made;
}

const extractor = featureExtractor();
const offers = (k: Kit, id: string) => {
  const { episode } = k.store.get(id)!;
  return episode.candidates.map((_, i) => extractor.featuresOf(offerableOf(episode, i), []));
};
const near = (a: number, b: number, by: number, what: string): void =>
  assert.ok(Math.abs(a - b) <= by, `${what}: ${a} for ${b}`);

test('what serves is loaded from the disk, and a rollback or an activation, also by another window, takes effect', async (t) => {
  const k = await start(t);
  const first = await k.promoteSelector();
  const here = k.serve();
  const there = k.serve();
  await Promise.all([here.idle(), there.idle()]);
  assert.deepEqual([here.served.selector?.id, here.served.rewardModel], [first, null]);
  const second = await k.promoteSelector();
  await here.refresh();
  assert.equal(here.served.selector?.id, second);
  assert.equal(there.served.selector?.id, first, 'it has not looked yet');
  // Something happens in the other window, a while later: it looks by itself.
  k.clock.time += 10_000;
  k.decide({});
  k.timer.run();
  await there.idle();
  assert.equal(there.served.selector?.id, second);
  await k.registry.rollBack('selector', 'Rolled back.');
  const rm = await k.promoteRewardModel();
  await here.refresh();
  assert.deepEqual([here.served.selector?.id, here.served.rewardModel?.id], [first, rm]);
  assert.ok(k.changes > 0, 'views are told');
});

test('nothing is read of the registry when its state has not changed', async (t) => {
  const k = await start(t);
  await k.promoteSelector();
  const serving = k.serve();
  await serving.idle();
  const selector = serving.served.selector;
  await serving.refresh();
  assert.equal(serving.served.selector, selector, 'the very same, with what it has learnt');
});

test('a damaged version is reported, and the one before it serves', async (t) => {
  const k = await start(t);
  const first = await k.promoteSelector();
  const second = await k.promoteSelector();
  const version = join(k.folder, 'versions', second);
  const name = (await readdir(version)).find((file) => file.endsWith('.safetensors'))!;
  await writeFile(join(version, name), 'damaged');
  const serving = k.serve();
  await serving.idle();
  assert.equal(serving.served.selector?.id, first);
  assert.ok(k.problems.length > 0);
});

test('a version that this Attune can’t use is told of once, and suggestions go on without it', async (t) => {
  const k = await start(t);
  await k.promoteSelector([], [], { others: { 'model.json': [Buffer.from('{"version":1}')] } });
  const serving = k.serve();
  await serving.idle();
  await serving.refresh();
  assert.equal(serving.served.selector, null);
  assert.equal(k.notices.length, 1);
  assert.match(k.notices[0]!.message, /selector in use can’t be used/);
});

test('a selector goes on learning from decisions settled since, each once; a new one from what it was not trained on', async (t) => {
  const k = await start(t);
  const old = Array.from({ length: 5 }, () => k.decide({ became: 'rejected' }));
  k.clock.time += 60_000;
  await k.promoteSelector([], old);
  const serving = k.serve();
  await serving.idle();
  const probe = offers(k, old[0]!);
  const before = serving.served.selector!.probabilities(probe);
  for (let i = 0; i < 40; i += 1) {
    k.clock.time += 5000;
    k.decide({ offered: i % 2, became: i % 2 === 0 ? 'rejected' : 'accepted' });
  }
  k.decide({ offered: null });
  await serving.idle();
  const after = serving.served.selector!.probabilities(probe);
  assert.ok(after[1]! > 0.9 && before[1]! < 0.9, `what was liked comes first: ${before} then ${after}`);
  // Another window that opens now has learnt the same from the store; nothing counts twice.
  await serving.refresh();
  await serving.idle();
  const other = k.serve();
  await other.idle();
  const theirs = other.served.selector!.probabilities(probe);
  for (const [i, p] of after.entries()) near(theirs[i]!, p, 1e-12, `action ${i}`);
});

test('before anything was trained, what became of choices among several answers is learnt, also of those remembered; a reset begins anew', async (t) => {
  const k = await start(t);
  const texts = ['return 1;', 'if (!ready) throw new Error("not yet");'];
  const id = k.decide({ texts, became: 'rejected' });
  // Of a model that says how sure it is the gate decides.
  for (let i = 0; i < 40; i += 1) {
    const sure = texts.map((text) => ({
      id: nextId(),
      text,
      model: 'workspace',
      probability: 0.5,
    }));
    k.decide({ offered: i % 2, became: i % 2 === 0 ? 'accepted' : 'rejected', over: { candidates: sure } });
  }
  const serving = k.serve();
  const anchor = serving.served.anchor!();
  await serving.idle();
  const probe = offers(k, id);
  const before = anchor.probabilities(probe);
  assert.ok(before[1]! > 0.1 && before[1]! < 0.9, `${before}`);
  for (let i = 0; i < 40; i += 1) {
    k.clock.time += 5000;
    k.decide({ texts, offered: i % 2, became: i % 2 === 0 ? 'rejected' : 'accepted' });
  }
  await serving.idle();
  assert.equal(serving.served.anchor!(), anchor);
  assert.ok(anchor.probabilities(probe)[1]! > 0.9, `${anchor.probabilities(probe)}`);
  const later = k.serve();
  const theirs = later.served.anchor!();
  await later.idle();
  assert.ok(theirs.probabilities(probe)[1]! > 0.9, 'the next window knows it from the memory');
  await k.store.reset();
  await serving.forget();
  await serving.idle();
  const anew = serving.served.anchor!().probabilities(probe);
  assert.ok(anew[1]! < 0.9 && anew[1]! > 0.1, `${anew}`);
});

test('what was trained on is not learnt again, but what was settled afterwards is', async (t) => {
  const k = await start(t);
  const trained = Array.from({ length: 30 }, () => k.decide({ texts: ['return 1;'], became: 'accepted' }));
  const unsettled = k.decide({ texts: ['return 1;'] });
  k.clock.time += 60_000;
  await k.promoteSelector([], trained);
  const serving = k.serve();
  await serving.idle();
  const seen: number[] = [];
  const selector = serving.served.selector!;
  const learn = selector.learn.bind(selector);
  Object.assign(selector, {
    learn: (outcome: Parameters<typeof learn>[0]) => {
      seen.push(outcome.reward);
      return learn(outcome);
    },
  });
  k.clock.time += 1000;
  k.event(unsettled, 'accepted');
  await serving.idle();
  assert.deepEqual(seen, [], 'it may be undone yet');
  k.clock.time += 31_000;
  await serving.idle();
  assert.deepEqual(seen, [0.75]);
  const late = k.decide({ texts: ['return 1;'], became: 'accepted' });
  k.event(late, 'reverted');
  k.decide({ texts: ['return 1;'], offered: null });
  await serving.idle();
  assert.equal(seen.length, 2);
  assert.ok(seen[1]! < 0, 'what was undone before the next decision was not wanted');
});

test('a reward model is served as it was trained', async (t) => {
  const k = await start(t);
  const id = k.decide({ kind: 'edit' });
  const [liked, other] = offers(k, id);
  const rows = Array.from(
    { length: 30 },
    (_, i): Row => ({
      features: i % 2 === 0 ? liked! : other!,
      target: i % 2 === 0 ? 0.9 : 0.1,
      weight: 1,
      source: 'rating',
      group: `f${i}`,
      episodeId: nextId(),
      at: i,
    }),
  );
  const version = await k.promoteRewardModel(rows);
  const serving = k.serve();
  await serving.idle();
  const model = serving.served.rewardModel!;
  assert.equal(model.id, version);
  assert.ok(model.estimate(liked!).mean - model.estimate(other!).mean > 0.5);
});

test('when the choices of a version are accepted less than expected, it goes back by itself and says why', async (t) => {
  const k = await start(t);
  const first = await k.promoteSelector();
  const second = await k.promoteSelector([], [], { metrics: { value: { value: 0.4, low: 0.3, high: 0.5 } } });
  const serving = k.serve();
  await serving.idle();
  // As expected: two of three are accepted, some say nothing.
  for (let i = 0; i < 30; i += 1)
    k.decide({ became: i % 3 === 0 ? 'rejected' : 'accepted', over: { versions: [second] } });
  k.decide({});
  await serving.idle();
  assert.equal(serving.served.selector?.id, second);
  // Others' choices are not its fault.
  for (let i = 0; i < 30; i += 1) k.decide({ became: 'rejected' });
  await serving.idle();
  assert.equal(serving.served.selector?.id, second);
  for (let i = 0; i < 14; i += 1) k.decide({ became: 'rejected', over: { versions: [second] } });
  k.decide({ became: 'rejected' });
  await serving.idle();
  await serving.idle();
  assert.equal(serving.served.selector?.id, first);
  const { versions, serving: now } = await k.registry.lifecycle();
  assert.equal(now.selector, first);
  const left = versions.find(({ id }) => id === second)!;
  assert.equal(left.state, 'rejected');
  assert.match(left.history.at(-1)!.reason, /brought −0\.2\d each on average, where 0\.40 was expected/);
  assert.equal(k.notices.length, 1);
  assert.equal(k.notices[0]!.offer, 'openTraining');
});

test('the first version ever goes back to nothing; an expectation that nobody wrote down is that of the decisions before', async (t) => {
  const k = await start(t);
  for (let i = 0; i < 40; i += 1) k.decide({ kind: 'edit', became: i % 2 === 0 ? 'accepted' : 'rejected' });
  k.clock.time += 60_000;
  const only = await k.promoteRewardModel();
  const serving = k.serve();
  await serving.idle();
  for (let i = 0; i < 25; i += 1) k.decide({ kind: 'edit', became: 'rejected', over: { versions: [only] } });
  k.decide({ kind: 'edit', became: 'rejected' });
  await serving.idle();
  await serving.idle();
  assert.equal(serving.served.rewardModel, null);
  assert.equal((await k.registry.lifecycle()).serving.rewardModel, null);
  assert.match(k.notices[0]!.nextStep, /as before it was trained/);
});

test('a rating that is changed or withdrawn makes what was trained on it stale, and it goes on serving', async (t) => {
  const k = await start(t);
  const [one, two, unrated] = [k.decide({}), k.decide({}), k.decide({})];
  await k.rate(one, { thumb: 'up' });
  await k.rate(two, { thumb: 'down' });
  const onOne = await k.promoteSelector([], [one, unrated]);
  const onTwo = await k.promoteRewardModel([], [two]);
  const serving = k.serve();
  await serving.idle();
  const stateOf = async (id: string) => (await k.registry.lifecycle()).versions.find((entry) => entry.id === id)!.state;
  // A first rating, and an event, are news and no change.
  await k.rate(unrated, { thumb: 'up' });
  k.event(one, 'accepted');
  await serving.idle();
  assert.deepEqual([await stateOf(onOne), await stateOf(onTwo)], ['active', 'active']);
  const changes = k.changes;
  await k.rate(one, { score: 3 });
  k.clock.time += 2000;
  k.timer.run();
  await serving.idle();
  assert.deepEqual([await stateOf(onOne), await stateOf(onTwo)], ['stale', 'active']);
  assert.ok(k.changes > changes);
  assert.equal(serving.served.selector?.id, onOne);
  await serving.deleted([two]);
  assert.equal(await stateOf(onTwo), 'stale');
  assert.match((await k.registry.lifecycle()).versions.at(-1)!.history.at(-1)!.reason, /deleted/);
});

test('what another window changed while none was open here is noticed at the start; what the caps removed is no change', async (t) => {
  const k = await start(t);
  const [kept, evicted] = [k.decide({}), k.decide({})];
  await k.rate(kept, { thumb: 'up' });
  const version = await k.promoteSelector([], [kept]);
  const other = await k.promoteRewardModel([], [evicted]);
  await k.rate(kept, { thumb: 'up', withdrawn: true });
  await k.store.direct([{ id: nextId(), episodeId: evicted, at: k.clock.time, use: 'deleted' }]);
  const serving = k.serve();
  await serving.idle();
  const { versions } = await k.registry.lifecycle();
  assert.equal(versions.find(({ id }) => id === version)!.state, 'stale');
  assert.equal(versions.find(({ id }) => id === other)!.state, 'active');
});
