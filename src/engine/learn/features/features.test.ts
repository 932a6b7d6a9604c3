import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { episode } from '../../memory/testRecords.ts';
import { decisionOf, type Past, pastOf } from '../decisions.ts';
import { featureExtractor, featureMarkdown } from './features.ts';
import { offerableOf, offerablesOf } from './offerable.ts';

const { names, blocks, featuresOf, identity } = featureExtractor();
const featureNamed = (features: Float64Array, name: string): number => features[names.indexOf(name)]!;

test('the table a person reads is the one that is computed', async () => {
  assert.equal(await readFile(new URL('./README.md', import.meta.url), 'utf8'), featureMarkdown());
});

test('every feature has its own name, the bias is first, and the blocks cover them all', () => {
  assert.equal(new Set(names).size, names.length);
  assert.equal(names[0], 'bias');
  assert.equal(blocks[0]!.end, 1);
  blocks.forEach(({ start }, i) => {
    assert.equal(start, i === 0 ? 0 : blocks[i - 1]!.end);
  });
  assert.equal(blocks.at(-1)!.end, names.length);
  assert.match(identity, /^features:v\d+:edit:v\d+:\d+$/);
});

test('an edit that changes nothing has no difference; turned round it is the opposite', () => {
  const [a, b] = ['if (x) { return y; }', 'return x ? y : null;'];
  const of = (before: string, text: string) =>
    featuresOf(offerableOf(episode({ before, candidates: [{ id: '1', text, model: 'workspace' }] }), 0), []);
  const edit = blocks.at(-1)!;
  assert.ok(
    of(a, a)
      .slice(edit.start)
      .every((value) => value === 0),
  );
  const [there, back] = [of(a, b).slice(edit.start), of(b, a).slice(edit.start)];
  assert.ok(there.every((value, i) => value + back[i]! === 0));
  assert.ok(there.some((value) => value !== 0));
});

test('what a developer may like or dislike shows: comments, returns, nesting, spelling', () => {
  const before = 'function f(x) {\n  if (x) {\n    g(x);\n  }\n}';
  const of = (text: string, name: string) =>
    featureNamed(
      featuresOf(offerableOf(episode({ before, candidates: [{ id: '1', text, model: 'workspace' }] }), 0), []),
      name,
    );
  assert.ok(of('function f(x) {\n  // calls g\n  if (x) g(x);\n}', 'comments') > 0.5);
  assert.ok(of('function f(x) {\n  if (!x) return;\n  g(x);\n}', 'exits') > 0.5);
  assert.ok(of('function f(x) {\n  if (!x) return;\n  g(x);\n}', 'depth') < 0);
  assert.equal(of('function f(the_x) {\n  g(the_x);\n}', 'underscores'), 1);
});

test('what is known only later does not count: training sees what serving saw', () => {
  const first = episode({ at: 1000 });
  const past = (toldBy: string): readonly Past[] => [
    { ...pastOf(first.id, decisionOf(first)!), fate: 'taken', toldBy, weight: 1 },
  ];
  const offer = offerableOf(episode({ at: 2000, prefix: 'let y = ' }), 0);
  assert.equal(featureNamed(featuresOf(offer, past(first.id)), 'taken lately'), 0.05);
  assert.equal(featureNamed(featuresOf(offer, past('ffffffff-0000-7000-8000-000000000000')), 'taken lately'), 0);
});

test('a candidate that a filter dropped is not offered, and all numbers are finite and of the order of 1', () => {
  const candidates = ['', 'x', '\n\n', '\u0000', 'a'.repeat(5000), '}'.repeat(50)].map((text, i) => ({
    id: `${i}`,
    text,
    model: i % 2 === 0 ? 'memory' : 'ollama:qwen',
    ...(i === 1 ? { droppedBy: 'tooShort' } : {}),
  }));
  const offers = offerablesOf(episode({ candidates, examples: [{ episodeId: 'x', similarity: 0.4 }] }));
  assert.deepEqual(
    offers.map(({ index }) => index),
    [0, 2, 3, 4, 5],
  );
  for (const { offerable } of offers) {
    const features = featuresOf(offerable, []);
    assert.ok(features.every((value) => Number.isFinite(value) && Math.abs(value) < 10));
    assert.equal(featureNamed(features, 'similarity'), 0.4);
  }
});
