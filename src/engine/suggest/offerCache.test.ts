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

test('an offer is found again past the edge of its window, and through the whole of a long file', () => {
  for (const length of [4090, 4096, 8190, 8192, 20_475]) {
    const cache = new OfferCache();
    const head = 'const line = 1;\n'.repeat(2000).slice(0, length);
    cache.add(offer('first();\nsecond();'), where(`${head}▮\nafter();`));
    for (const typed of ['', 'f', 'first();\n', 'first();\nsecond()']) {
      const found = cache.find(where(`${head}${typed}▮\nafter();`));
      assert.equal(typed + found?.candidates[0]?.text, 'first();\nsecond();', `${length} and ${typed}`);
    }
  }
});

/** The same as a list that is looked through: what the tree is to be held to. */
class PlainCache {
  #entries: (ReturnType<typeof offer> & { head: string; tail: string; offset: number; at: number })[] = [];

  add(made: ReturnType<typeof offer>, { text, offset, now }: ReturnType<typeof where>): void {
    const head = text.slice(0, offset);
    this.#entries = this.#entries.filter((entry) => entry.head !== head);
    this.#entries.push({ ...made, head, tail: text.slice(offset, offset + 500), offset, at: now });
    if (this.#entries.length > 100) this.#entries.shift();
  }

  find({ text, offset, now }: ReturnType<typeof where>): string | null {
    for (const entry of [...this.#entries].reverse()) {
      const [first] = entry.candidates;
      const typed = text.slice(entry.offset, offset);
      if (!text.slice(0, offset).startsWith(entry.head) || now - entry.at > 300_000) continue;
      if (!first!.text.startsWith(typed) || typed === first!.text || text.slice(offset, offset + 500) !== entry.tail)
        continue;
      this.#entries = [...this.#entries.filter((other) => other !== entry), entry];
      return `${entry.episodeId} ${first!.text.slice(typed.length)}`;
    }
    return null;
  }
}

test('the tree finds what looking through all offers would find', () => {
  const letters = (maxLength: number, minLength = 0) =>
    fc.string({ unit: fc.constantFrom('a', 'b'), maxLength, minLength });
  const step = fc.record({
    add: fc.boolean(),
    head: letters(6),
    tail: fc.constantFrom('', '\nx'),
    text: letters(5, 1),
    now: fc.nat(400_000),
    // Also across the edges of windows, where only a shared beginning precedes.
    before: fc.constantFrom(0, 4093, 8190),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 250 }), (steps) => {
      const cache = new OfferCache();
      const plain = new PlainCache();
      for (const [index, { add, head, tail, text, now, before }] of steps.entries()) {
        const at = where(`${'z'.repeat(before)}${head}▮${tail}`, now);
        if (add) {
          const made = { ...offer(text), episodeId: `e${index}` };
          cache.add(made, at);
          plain.add(made, at);
        } else {
          const found = cache.find(at);
          assert.equal(found && `${found.episodeId} ${found.candidates[0]!.text}`, plain.find(at));
        }
      }
    }),
    { numRuns: 300 },
  );
});
