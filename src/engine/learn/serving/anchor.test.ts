import assert from 'node:assert/strict';
import { test } from 'node:test';
import { featureExtractor } from '../features/features.ts';
import { offerableOf } from '../features/offerable.ts';
import { isUnsure, openAnchor } from './anchor.ts';
import { kit } from './testKit.ts';

test('two unlucky offers in the beginning are not followed by silence elsewhere, many are', async (t) => {
  const k = await kit();
  t.after(() => k.close());
  const extractor = featureExtractor();
  const anchor = openAnchor(extractor);
  const words = ['order', 'total', 'user', 'page', 'index', 'file', 'event', 'token', 'score', 'label'];
  const candidatesAt = (place: number): Float64Array[] => {
    const [a, b] = [words[place % 10]!, words[(place * 7 + 3) % 10]!];
    const texts = [
      `return ${a}.${b};`,
      `const ${b} = read(${a});\n  return ${b} ?? null;`,
      `if (!${a}) throw new Error("${b}");`,
    ];
    const { episode } = k.store.get(k.decide({ texts, over: { prefix: `function ${a}(${b}) {\n  ` } }))!;
    return texts.map((_, i) => extractor.featuresOf(offerableOf(episode, i), []));
  };
  const silence = (place: number): number => anchor.probabilities(candidatesAt(place)).at(-1)!;
  const refused = (place: number): void | Promise<void> =>
    anchor.learn({
      candidates: candidatesAt(place),
      action: place % 3,
      probabilities: [0.3, 0.3, 0.3, 0.1],
      reward: -0.3,
    });
  assert.ok(silence(0) < 0.05, `${silence(0)}`);
  for (const place of [0, 1]) await refused(place);
  assert.ok(silence(5) < 0.05, `${silence(5)}`);
  for (let place = 2; place < 60; place += 1) await refused(place);
  assert.ok(silence(65) > 0.8, `${silence(65)}`);
});

test('unsure are at least two of which nobody said how likely they are', () => {
  assert.equal(isUnsure([{}, {}]), true);
  assert.equal(isUnsure([{}, { probability: 0.4 }]), false);
  assert.equal(isUnsure([{ probability: 0.5 }, { probability: 0.4 }]), false);
});
