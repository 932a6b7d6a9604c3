import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Eagerness, linesFor } from './multiline.ts';
import { marked } from './testing/marked.ts';

const cases: readonly (readonly [at: string, expected: string, languageId?: string])[] = [
  // One line.
  ['const a = ▮ + b;\n', 'one: code follows on the line'],
  ['log("user ▮");\n', 'one: inside a string'],
  ["name = 'user ▮\n", 'one: inside a string', 'python'],
  ['// loads the ▮\nload();\n', 'one: inside a comment'],
  ['/**\n * Loads the ▮\n */\n', 'one: inside a comment'],
  ['x = 1  # the ▮\n', 'one: inside a comment', 'python'],
  ['<!-- the ▮ -->\n', 'one: inside a comment', 'html'],
  ['f() {\n  load(id, other▮)\n}', 'one: in an argument of a call'],
  ['load(\n  id,\n  user.▮\n)', 'one: in an argument of a call'],
  ['new Map([...▮])', 'several: the block ends here'],
  ['new Map(a▮)', 'one: in an argument of a call'],
  ['f() {\n  const a = ▮\n  use(a);\n}', 'one: the block goes on right below'],
  ['def f():\n    a = ▮\n    return a\n', 'one: the block goes on right below', 'python'],
  ['func f() {\n\ta := ▮\n\tuse(a)\n}', 'one: the block goes on right below', 'go'],
  // Several.
  ['const a = b.map(▮)\nuse(a);', 'several: an argument begins'],
  ['load(id, ▮)', 'several: an argument begins'],
  ['function f() {▮\n}', 'several: the line opens a block'],
  ['test("a", () => {▮});', 'several: the line opens a block'],
  ['def f(x):▮\n', 'several: the line opens a block', 'python'],
  ['for f in *; do▮\ndone', 'several: the line opens a block', 'shellscript'],
  ['function f() {\n  ▮\n}', 'several: an empty block'],
  ['def f(x):\n    ▮\n\nprint(f(1))\n', 'several: an empty block', 'python'],
  ['/** Adds. */\n▮', 'several: below what documents the next thing'],
  ['/// Adds.\n▮', 'several: below what documents the next thing', 'rust'],
  ['@Override\n▮', 'several: below what documents the next thing', 'java'],
  ['f() {\n  one();\n  ▮\n  two();\n}', 'several: an empty line'],
  ['f() {\n  return ▮\n}', 'several: the block ends here'],
  ['if (▮)\n  a();', 'several: the block ends here'],
  ['function load(id: string, ▮)\n', 'several: the block ends here'],
  ['fn a<▮', 'several: the block ends here', 'rust'],
  ["let a: &'a ▮", 'several: the block ends here', 'rust'],
  ['const q = `select ▮', 'several: the block ends here'],
  ['const u = get; // http://▮', 'one: inside a comment'],
  ["Don't ▮", 'several: the block ends here', 'markdown'],
  ['* a list ▮', 'several: the block ends here', 'markdown'],
  ["echo 'a' # it's ▮", 'one: inside a comment', 'shellscript'],
];
for (const [at, expected, languageId] of cases) {
  test(`${expected}: ${at.replace(/\n/g, '⏎')}`, () => {
    const { lines, why } = linesFor(marked(at, languageId), 'automatic');
    assert.equal(`${lines}: ${why}`, expected);
  });
}

test('asked for by hand, only the line’s own end and a string hold it to one line', () => {
  const asked = (at: string) => linesFor(marked(at), 'explicit').lines;
  assert.equal(asked('load(id, other▮)'), 'several');
  assert.equal(asked('f() {\n  const a = ▮\n  use(a);\n}'), 'several');
  assert.equal(asked('// the ▮\nload();'), 'several');
  assert.equal(asked('const a = ▮ + b;'), 'one');
  assert.equal(asked('log("user ▮");'), 'one');
});

test('unasked, subtle shows one line', () => {
  const in_ = (mode: Eagerness, at: string) => linesFor(marked(at), 'automatic', mode).lines;
  assert.equal(in_('subtle', 'f() {\n  return ▮\n}'), 'one');
  assert.equal(in_('eager', 'f() {\n  return ▮\n}'), 'several');
  assert.equal(in_('subtle', 'f() {\n  ▮\n}'), 'one');
  assert.equal(in_('normal', 'f() {\n  ▮\n}'), 'several');
  assert.equal(linesFor(marked('f() {\n  ▮\n}'), 'explicit', 'subtle').lines, 'several');
});
