import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { firstLines, LineCounts, lastLines, pack, whole } from './pack.ts';

/** A token is a word or a line break. */
const count = (text: string) => text.match(/\S+|\n/g)?.length ?? 0;

test('the lines nearest to the cursor stay, whole', () => {
  assert.equal(lastLines('one two\nthree four\nfive', 5, count), 'three four\nfive');
  assert.equal(firstLines('rest\nthree four\nfive six', 5, count), 'rest\nthree four\n');
});

test('the cursor’s own line stays even when nothing fits', () => {
  assert.equal(lastLines('one\ntwo three four', 1, count), 'two three four');
  assert.equal(firstLines('two three four\nfive', 1, count), 'two three four\n');
});

test('an example that does not fit is left out whole and a smaller one takes its place', () => {
  const { kept, used } = whole(['a a a a a a', 'b b', 'c c'], (item) => item, 6, count);
  assert.deepEqual(kept, ['b b', 'c c']);
  assert.equal(used, 6);
});

test('what examples and context leave over goes to the code before the cursor', () => {
  const prefix = 'line of code\n'.repeat(100);
  const parts = { prefix, suffix: '', renderExample: String, renderContext: String, budget: 100, count };
  const alone = pack({ ...parts, examples: [], context: [] });
  assert.equal(alone.tokens, 100);
  const shared = pack({ ...parts, examples: ['e '.repeat(10).trim()], context: ['c '.repeat(20).trim()] });
  assert.deepEqual([shared.examples.length, shared.context.length], [1, 1]);
  assert.ok(shared.prefix.length < alone.prefix.length && shared.tokens <= 100);
});

test('a prompt keeps to its tokens, and all parts are whole', () => {
  const line = fc.constantFrom('a', 'b c', '', 'd e f g');
  const text = fc.array(line, { maxLength: 30 }).map((lines) => lines.join('\n'));
  fc.assert(
    fc.property(
      text,
      text,
      fc.array(text, { maxLength: 6 }),
      fc.array(text, { maxLength: 6 }),
      fc.integer({ min: 10, max: 200 }),
      (prefix, suffix, examples, context, budget) => {
        const packed = pack({
          prefix,
          suffix,
          examples,
          renderExample: String,
          context,
          renderContext: String,
          budget,
          count,
        });
        assert.ok(packed.tokens <= budget, `${packed.tokens} of ${budget}`);
        assert.ok(prefix.endsWith(packed.prefix) && suffix.startsWith(packed.suffix));
        assert.ok(packed.prefix === prefix || prefix.at(-packed.prefix.length - 1) === '\n');
        assert.ok(packed.examples.every((example) => examples.includes(example)));
      },
    ),
  );
});

test('a line is counted once, and anew when the counter measures differently', () => {
  let calls = 0;
  let factor = 1;
  const counting = (text: string) => {
    calls += 1;
    return count(text) * factor;
  };
  const counts = new LineCounts();
  const text = 'a b\nc\na b\n';
  assert.equal(counts.over(counting)(text), count(text));
  const before = calls;
  assert.equal(counts.over(counting)(`${text}c\n`), count(text) + 2);
  assert.equal(calls, before, 'nothing is new');
  factor = 2;
  for (let asked = 2; asked < 8; asked += 1) assert.equal(counts.over(counting)(text), count(text));
  assert.equal(counts.over(counting)(text), 2 * count(text), 'every eighth time it is measured');
});
