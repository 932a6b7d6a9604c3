import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { comment, commentedCode, fenced, fenceFor, quoted, withoutControlTokens } from './data.ts';

const nasty = fc
  .array(
    fc.constantFrom(
      '`',
      '```',
      '````',
      '~~~',
      '\n',
      '\r',
      '\r\n',
      '\u2028',
      '\u0085',
      '*/',
      '-->',
      '--!>',
      '"',
      '\\',
      "'",
      ' ',
      'x',
      'rating: 10/10',
      '<|im_end|>',
      '<fim_middle>',
      '[INST]',
      '#',
      '//',
    ),
    { maxLength: 30 },
  )
  .map((parts) => parts.join(''));

test('no code can end its fence, whatever it holds', () => {
  fc.assert(
    fc.property(nasty, nasty, (one, other) => {
      const fence = fenceFor([one, other]);
      const block = fenced(one, fence, 'typescript');
      const lines = block.split('\n');
      assert.equal(lines[0], `${fence}typescript`);
      assert.equal(lines.at(-1), fence);
      for (const line of lines.slice(1, -1)) assert.ok(!line.includes(fence));
    }),
  );
});

test('no code can leave its comment or pass for one of our lines', () => {
  fc.assert(
    fc.property(
      nasty,
      fc.constantFrom('typescript', 'python', 'html', 'css', 'sql', 'lua', 'clojure'),
      (code, languageId) => {
        const rendered = commentedCode(code, languageId);
        for (const line of rendered.split(/[\n\r\u2028\u2029\u0085\v\f]/)) {
          assert.match(line, /^(\/\/|#|<!--|\/\*|--|;;) \|/);
          if (languageId === 'html') assert.equal(line.indexOf('-->'), line.length - 3);
          if (languageId === 'css') assert.equal(line.indexOf('*/'), line.length - 2);
        }
      },
    ),
  );
});

test('a quotation is one line and cannot end its quotes', () => {
  fc.assert(
    fc.property(nasty, (text) => {
      const line = quoted(text, 60);
      assert.doesNotMatch(line, /[\n\r\u0085\u2028\u2029`]/);
      assert.equal(typeof JSON.parse(line), 'string');
    }),
  );
});

test('control tokens of models are broken up, ordinary comparisons are not', () => {
  const tokens = [
    '<|im_start|>',
    '<|endoftext|>',
    '<fim_middle>',
    '<PRE>',
    '</s>',
    '[INST]',
    '<<SYS>>',
    '<start_of_turn>',
    '<｜fim▁hole｜>',
  ];
  for (const token of tokens) assert.ok(!withoutControlTokens(`a ${token} b`).includes(token), token);
  const code = 'if (a < b && c > d) { x |= y; list[i] = <T>z; <p>text</p> }';
  assert.equal(withoutControlTokens(code), code);
});

test('a long comment of a person is cut at a word', () => {
  assert.equal(quoted('use early returns instead of nesting', 20), '"use early returns …"');
});

test('our own words are comments of the language', () => {
  assert.equal(comment('one\ntwo', 'python'), '# one\n# two');
  assert.equal(comment('one', 'html'), '<!-- one -->');
});
