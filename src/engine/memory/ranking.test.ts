import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { placeText } from './placeText.ts';
import { ageing, diverse, recencyFactor, relevance } from './ranking.ts';
import { dot } from './vectors.ts';

const { halfLifeMs } = ageing;
const place = { languageId: 'typescript', file: 'src/a.ts' };
const episode = { languageId: 'typescript', file: 'src/b.ts', at: 1000 };

describe('relevance', () => {
  it('prefers the same language, then the same family, and asks much of another one', () => {
    const of = (languageId: string) => relevance(0.5, place, { ...episode, languageId }, 1000, 0.2)!;
    assert.ok(of('typescript') > of('javascriptreact'));
    assert.ok(of('javascriptreact') > of('python'));
    assert.equal(relevance(0.3, place, { ...episode, languageId: 'python' }, 1000, 0.2), null);
    assert.notEqual(relevance(0.3, place, episode, 1000, 0.2), null);
  });

  it('lets age only tip the scales', () => {
    assert.equal(recencyFactor(0), 1);
    assert.ok(Math.abs(recencyFactor(halfLifeMs) - 0.9) < 1e-9);
    assert.ok(recencyFactor(Number.MAX_SAFE_INTEGER) >= 0.8);
    assert.equal(recencyFactor(-5), 1, 'a clock that went back');
    const old = relevance(0.9, place, { ...episode, at: 0 }, 10 * halfLifeMs, 0.2)!;
    const fresh = relevance(0.6, place, { ...episode, at: 10 * halfLifeMs }, 10 * halfLifeMs, 0.2)!;
    assert.ok(old > fresh);
  });

  it('favours the file at hand a little, but not all untitled documents', () => {
    const elsewhere = relevance(0.5, place, episode, 1000, 0.2)!;
    assert.ok(relevance(0.5, place, { ...episode, file: 'src/a.ts' }, 1000, 0.2)! > elsewhere);
    assert.equal(relevance(0.5, { ...place, file: '' }, { ...episode, file: '' }, 1000, 0.2), elsewhere);
  });
});

describe('variety', () => {
  const item = (score: number, vector: number[], text: string) => ({ score, vector: Float32Array.from(vector), text });

  it('takes the best first, then what the best does not already show', () => {
    const best = item(0.9, [1, 0], 'a');
    const same = item(0.88, [0.99, Math.sqrt(1 - 0.99 ** 2)], 'b');
    const different = item(0.6, [0, 1], 'c');
    assert.deepEqual(diverse([same, different, best], 2, dot), [best, different]);
    assert.deepEqual(diverse([same, different, best], 3, dot), [best, different, same]);
  });

  it('shows the same text at the same place once, even when there is room', () => {
    const twice = [item(0.9, [1, 0], 'a'), item(0.8, [1, 0], 'a'), item(0.7, [1, 0], 'other text')];
    assert.deepEqual(
      diverse(twice, 3, dot).map(({ text }) => text),
      ['a', 'other text'],
    );
  });

  it('the most relevant one is first even where rounding makes two equal', () => {
    const less = item(7e-323, [1, 0], 'a');
    const more = item(7.4e-323, [1, 0], 'b');
    assert.deepEqual(diverse([less, more], 1, dot), [more]);
  });

  it('is what comparing everything with everything would choose', () => {
    /** The definition: of all that is left, the best; then without what shows the same. */
    const plainly = (pool: readonly ReturnType<typeof item>[], count: number) => {
      const chosen: (typeof pool)[number][] = [];
      let left = [...pool];
      while (chosen.length < count && left.length > 0) {
        const value = (one: (typeof pool)[number]) =>
          0.7 * one.score - 0.3 * Math.max(0, ...chosen.map(({ vector }) => dot(vector, one.vector)));
        const best = left.reduce((a, b) =>
          value(b) > value(a) || (value(b) === value(a) && b.score > a.score) ? b : a,
        );
        chosen.push(best);
        left = left.filter((one) => one !== best && !(one.text === best.text && dot(best.vector, one.vector) >= 0.98));
      }
      return chosen;
    };
    const pool = fc.array(fc.tuple(fc.nat(10), fc.nat(12), fc.nat(2)), { maxLength: 40 });
    fc.assert(
      fc.property(pool, fc.nat(12), (raw, count) => {
        const items = raw.map(([score, angle, text]) =>
          item(score / 10, [Math.cos(angle / 2), Math.sin(angle / 2)], `${text}`),
        );
        assert.deepEqual(diverse(items, count, dot), plainly(items, count));
      }),
      { numRuns: 500 },
    );
  });

  it('never gives more than asked for, nor anything twice', () => {
    const pool = fc.array(
      fc.record({
        score: fc.double({ min: 0, max: 1, noNaN: true }),
        angle: fc.double({ min: 0, max: 6, noNaN: true }),
        text: fc.string({ maxLength: 1 }),
      }),
    );
    fc.assert(
      fc.property(pool, fc.nat(8), (raw, count) => {
        const items = raw.map(({ score, angle, text }) => item(score, [Math.cos(angle), Math.sin(angle)], text));
        const chosen = diverse(items, count, dot);
        assert.ok(chosen.length <= count && new Set(chosen).size === chosen.length);
        if (chosen.length > 0) assert.equal(chosen[0]!.score, Math.max(...items.map(({ score }) => score)));
      }),
    );
  });
});

describe('the text of a place', () => {
  it('is short, keeps what is next to the cursor, and is the same for a query and for the episode stored from it', () => {
    fc.assert(
      fc.property(
        fc.string({ maxLength: 3000 }),
        fc.string({ maxLength: 3000 }),
        fc.string({ maxLength: 3000 }),
        (prefix, before, suffix) => {
          const text = placeText({
            instruction: '',
            prefix: `${prefix}<cursor>`,
            before,
            suffix,
            languageId: 'typescript',
            file: 'a/b/c/d.ts',
          });
          assert.ok(text.length < 1300);
          assert.ok(text.startsWith('c/d.ts\n') && text.includes('<cursor>'));
        },
      ),
    );
    assert.equal(placeText({ instruction: '', prefix: ' ', before: '', suffix: '\n', languageId: '', file: '' }), '');
  });
});
