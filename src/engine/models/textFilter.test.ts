import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { holeAnswer, holeFillerPrompt } from './holeFiller.ts';
import { piped, type TextFilter, untilStop, withoutThinking } from './textFilter.ts';

const through = (filter: TextFilter, text: string, sizes: readonly number[] = []): string => {
  let out = '';
  let at = 0;
  for (const size of sizes) {
    out += filter.push(text.slice(at, at + size));
    at += size;
  }
  return out + filter.push(text.slice(at)) + filter.flush();
};

const sizes = fc.array(fc.integer({ min: 0, max: 7 }), { maxLength: 30 });

test('an answer ends at a stop, even from a server that ignores the parameter, however the stream is torn', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom('a', '\n', '<|', 'end', '|>', '<|end|>', '\n\n')), sizes, (texts, torn) => {
      const text = texts.join('');
      const wanted = text.slice(
        0,
        Math.min(...['\n\n', '<|end|>'].map((stop) => (text.includes(stop) ? text.indexOf(stop) : text.length))),
      );
      assert.equal(through(untilStop(['\n\n', '<|end|>', '']), text, torn), wanted);
    }),
    { numRuns: 300, seed: 3 },
  );
});

test('once a stop was seen the rest needn’t be waited for', () => {
  const filter = piped([untilStop(['STOP'])]);
  filter.push('a ST');
  assert.equal(filter.done, false);
  assert.equal(filter.push('OP b'), '');
  assert.equal(filter.done, true);
});

test('a model’s thoughts don’t end up in the code', () => {
  const cases: readonly [string, string][] = [
    ['<think>\nhm </code>\n</think>\n\n  return 1;', '  return 1;'],
    ['\n<think></think>x', 'x'],
    ['return "<think>";', 'return "<think>";'],
    ['  <t', '  <t'],
    ['<think>never ends', ''],
    ['', ''],
  ];
  for (const [answer, wanted] of cases) {
    fc.assert(
      fc.property(sizes, (torn) => {
        assert.equal(through(withoutThinking(), answer, torn), wanted);
      }),
      { numRuns: 40, seed: 5 },
    );
  }
});

test('what goes into the gap is found in every way chat models answer', () => {
  const cases: readonly [string, string][] = [
    ['<fill>total += x;</fill>', 'total += x;'],
    ['<fill>total += x;', 'total += x;'],
    ['Sure!\n<fill>  a < b</fill> Hope this helps.', '  a < b'],
    ['```js\n<fill>x</fill>\n```', 'x'],
    ['```js\ntotal += x;\n```', 'total += x;'],
    ['Here you go:\n```\na\n\nb\n```\nDone.', 'a\n\nb'],
    ['```\n```', ''],
    ['total += x;', 'total += x;'],
    ['<fill></fill>', ''],
    ['a <b && c > d', 'a <b && c > d'],
  ];
  for (const [answer, wanted] of cases) {
    fc.assert(
      fc.property(sizes, (torn) => {
        assert.equal(through(holeAnswer(), answer, torn), wanted, JSON.stringify(answer));
      }),
      { numRuns: 60, seed: 9 },
    );
  }
});

test('the gap is marked with something the file doesn’t hold', () => {
  const parts = {
    preamble: '// note',
    prefix: 'a <GAP/> b ',
    suffix: ' c <GAP-1/>',
    languageId: 'plaintext',
    file: 'a.txt',
  };
  const { messages, stop } = holeFillerPrompt(parts);
  assert.deepEqual(stop, ['</fill>']);
  assert.match(messages[0]?.content ?? '', /in which <GAP-2\/> marks/);
  assert.equal(messages[1]?.content, 'File: a.txt\nLanguage: plaintext\n\n// note\na <GAP/> b <GAP-2/> c <GAP-1/>');
});
