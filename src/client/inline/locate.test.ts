import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Anchor, locate } from './locate.ts';

const found = (text: string, anchor: Anchor): string | null => {
  const range = locate(text, anchor);
  return range && text.slice(range.start, range.end);
};
const add = 'function add(a: number, b: number) {\n  return ';

test('what the developer made of a suggestion is found again after a restart', () => {
  const anchor = { prefix: `import x;\n\n${add}`, suffix: ';\n}\n\nexport const two = 2;\n', line: 3 };
  assert.equal(found(`import x;\n\n${add}b + a;\n}\n\nexport const two = 2;\n`, anchor), 'b + a');
});

test('lines added above do not matter, nor does an edit a few lines above', () => {
  const anchor = { prefix: `// one\n${add}`, suffix: ';\n}\n', line: 2 };
  assert.equal(found(`// more\n// two\n${add}sum(a, b);\n}\n`, anchor), 'sum(a, b)');
});

test('of two alike places the nearer to the old one is taken', () => {
  const text = 'log(first);\n// end\n\n\n\nlog(second);\n// end\n';
  const anchor = { prefix: 'log(', suffix: ');\n// end', line: 5 };
  assert.equal(found(text, { ...anchor, prefix: 'logger log(' }), null);
  assert.equal(found(`x\n${text}`.replaceAll('log(', 'logger.log('), { ...anchor, prefix: 'logger.log(' }), 'second');
});

test('nothing is claimed when the place is gone', () => {
  const anchor = { prefix: add, suffix: ';\n}\n', line: 1 };
  assert.equal(found('export const other = 1;\n', anchor), null);
  assert.equal(found(`${add}a`, { ...anchor, suffix: ';\n}\n// gone\n' }), null);
  assert.equal(found('{\n  {\n', { prefix: '  if (alpha) {\n  {\n', suffix: '\n}\n', line: 1 }), null);
});

test('at the end of a file everything behind the place is it', () => {
  assert.equal(found(`${add}a + b;\n}\n\n`, { prefix: add, suffix: '\n', line: 1 }), 'a + b;\n}');
});

test('an unchanged file gives back exactly what was inserted', () => {
  const word = fc.constantFrom('alpha', 'beta', '(', ')', ' ', '\n', '{', '}', 'gamma', ';');
  const code = fc.array(word, { minLength: 1, maxLength: 30 }).map((words) => words.join(''));
  fc.assert(
    fc.property(code, code, code, (before, middle, behind) => {
      const prefix = `${before}\nconst uniqueName = `;
      const suffix = `/* uniqueEnd */${behind}`;
      assert.equal(found(prefix + middle + suffix, { prefix, suffix, line: prefix.split('\n').length - 1 }), middle);
    }),
  );
});
