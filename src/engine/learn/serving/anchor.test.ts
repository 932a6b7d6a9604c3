import assert from 'node:assert/strict';
import { test } from 'node:test';
import { featureExtractor } from '../features/features.ts';
import { offerableOf } from '../features/offerable.ts';
import { isUnsure, openAnchor } from './anchor.ts';
import { kit } from './testKit.ts';

test('two unlucky offers in the beginning are not followed by silence, many are', async (t) => {
  const k = await kit();
  t.after(() => k.close());
  const extractor = featureExtractor();
  const anchor = openAnchor(extractor);
  const { episode } = k.store.get(k.decide({}))!;
  const candidates = episode.candidates.map((_, i) => extractor.featuresOf(offerableOf(episode, i), []));
  const probabilities = [1 / 3, 1 / 3, 1 / 3];
  const silence = (): number => anchor.probabilities(candidates).at(-1)!;
  const first = silence();
  for (const action of [0, 1]) await anchor.learn({ candidates, action, probabilities, reward: -0.3 });
  assert.ok(first < 0.1 && silence() < 0.5, `${first}, then ${silence()}`);
  for (let i = 0; i < 60; i += 1) {
    await anchor.learn({ candidates, action: i % 2, probabilities, reward: -0.3 });
  }
  assert.ok(silence() > 0.8, `${silence()}`);
});

test('unsure are at least two of which nobody said how likely they are', () => {
  assert.equal(isUnsure([{}, {}]), true);
  assert.equal(isUnsure([{}, { probability: 0.4 }]), false);
  assert.equal(isUnsure([{ probability: 0.5 }, { probability: 0.4 }]), false);
});
