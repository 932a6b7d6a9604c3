import assert from 'node:assert/strict';
import { test } from 'node:test';
import { offerableOf } from '../features/offerable.ts';
import { fitProjection, rewardProjection } from '../features/projection.ts';
import { fitBayesianLinear } from '../reward/bayesianLinear.ts';
import { modelSpace } from './modelSpace.ts';
import { storedEpisodes, type Taste } from './testEpisodes.ts';
import { trainingData } from './trainingData.ts';
import { learntWords } from './words.ts';

function wordsFor(taste: Taste, count = 200) {
  const data = trainingData(storedEpisodes({ seed: 6, count, taste }));
  const { extractor, places, labels, entries, featuresOf } = data;
  const space = modelSpace(extractor, fitProjection(places, extractor.blocks, rewardProjection));
  const rows = labels.rows.map((row) => ({ ...row, features: space.of(row.features) }));
  const edits = entries.map(({ episode }) => ({
    features: featuresOf(offerableOf(episode, episode.offered!)),
    before: episode.before,
    after: episode.candidates[episode.offered!]!.text,
  }));
  return learntWords(fitBayesianLinear(rows, { blocks: space.blocks }), space, extractor.names, edits);
}
const none = { early: 0, comments: 0, snake: 0, double: 0 };

test('what is liked is said, and its opposite is not', () => {
  const texts = wordsFor({ ...none, early: 0.3, comments: -0.25 }).map(({ text }) => text);
  assert.ok(texts.includes('prefers early returns'), texts.join('; '));
  assert.ok(texts.includes('prefers fewer comments'), texts.join('; '));
  assert.ok(!texts.some((text) => /single way out|more comments/.test(text)));
});

test('quotes, which no named feature counts, are found in what edits bring', () => {
  const words = wordsFor({ ...none, double: 0.3 });
  const strength = (text: string): number => words.find((word) => word.text === text)?.strength ?? 0;
  assert.ok(strength('likes “"”') > 0 && strength("dislikes “'”") < 0, words.map(({ text }) => text).join('; '));
});

test('how much: twice the taste is about twice as strong', () => {
  const of = (early: number): number =>
    wordsFor({ ...none, early, noise: 0.05 }).find(({ text }) => text === 'prefers early returns')?.strength ?? 0;
  const [half, whole] = [of(0.1), of(0.2)];
  assert.ok(half > 0 && whole / half > 1.5 && whole / half < 2.5, `${half} and ${whole}`);
});

test('of one without a taste nothing is said', () => {
  assert.deepEqual(wordsFor({ ...none, noise: 0.2 }), []);
});
