import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { OfferCache } from './offerCache.ts';

const offer = (text: string, replaces = '') => ({ episodeId: 'e', candidates: [{ candidateId: 'c', text, replaces }] });
const where = (text: string, now = 0) => ({
  uri: 'file:///a',
  text: text.replace('▮', ''),
  offset: text.indexOf('▮'),
  now,
});

test('typing along leaves the rest, of the same offer', () => {
  const cache = new OfferCache();
  cache.add(offer('lo(world);'), where('a();\nhel▮\nb();'));
  assert.equal(cache.find(where('a();\nhello(▮\nb();'))?.candidates[0]?.text, 'world);');
  assert.equal(cache.find(where('a();\nhel▮\nb();'))?.candidates[0]?.text, 'lo(world);');
});

test('another letter, another place or another text after the cursor ends it', () => {
  const cache = new OfferCache();
  cache.add(offer('lo(world);'), where('a();\nhel▮\nb();'));
  for (const text of [
    'a();\nhelp▮\nb();',
    'a();\nhe▮\nb();',
    'x();\nhel▮\nb();',
    'a();\nhel▮\nc();',
    'a();\nhello(world);▮\nb();',
  ]) {
    assert.equal(cache.find(where(text)), null, text);
  }
  assert.equal(cache.find({ ...where('a();\nhel▮\nb();'), uri: 'file:///b' }), null);
});

test('after five minutes, and after clearing, it is forgotten', () => {
  const cache = new OfferCache();
  cache.add(offer('lo()'), where('hel▮'));
  assert.equal(cache.find(where('hel▮', 300_001)), null);
  cache.clear();
  assert.equal(cache.find(where('hel▮')), null);
});

test('an offer that replaces code after the cursor is not typed along', () => {
  const cache = new OfferCache();
  cache.add(offer('a) {', ')'), where('if (▮)'));
  assert.equal(cache.find(where('if (▮)'))?.candidates[0]?.replaces, ')');
  assert.equal(cache.find(where('if (a▮)')), null);
});

test('the oldest of more than a hundred gives way', () => {
  const cache = new OfferCache();
  for (let index = 0; index <= 100; index += 1) cache.add(offer('text();'), where(`line ${index}\n▮`));
  assert.equal(cache.find(where('line 0\n▮')), null);
  assert.ok(cache.find(where('line 1\n▮')));
});

test('whatever is typed, prefix and rest together are always the offer', () => {
  fc.assert(
    fc.property(
      fc.string({ maxLength: 30 }),
      fc.string({ minLength: 1, maxLength: 30 }),
      fc.string({ maxLength: 30 }),
      fc.nat(40),
      (head, text, tail, typed) => {
        const cache = new OfferCache();
        cache.add(offer(text), { uri: 'u', text: head + tail, offset: head.length, now: 0 });
        const along = text.slice(0, typed);
        const found = cache.find({ uri: 'u', text: head + along + tail, offset: head.length + along.length, now: 0 });
        if (along.length < text.length) assert.equal(along + found?.candidates[0]?.text, text);
        else assert.equal(found, null);
      },
    ),
  );
});

test('a bracket or quote that the editor closed meanwhile does not end the offer', () => {
  const cache = new OfferCache();
  cache.add(offer("load('a', id);"), where('const x = ▮\ny();'));
  assert.deepEqual(cache.find(where('const x = load(▮)\ny();'))?.candidates[0], {
    candidateId: 'c',
    text: "'a', id);",
    replaces: ')',
  });
  assert.deepEqual(cache.find(where("const x = load('▮')\ny();"))?.candidates[0], {
    candidateId: 'c',
    text: "a', id);",
    replaces: "')",
  });
  assert.equal(cache.find(where('const x = load(▮]\ny();')), null, 'a bracket that the offer does not have');
});
