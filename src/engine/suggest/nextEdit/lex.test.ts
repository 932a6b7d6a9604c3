import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { balance, lex } from './lex.ts';

const texts = (text: string, languageId: string): string[] =>
  lex(text, languageId).map(({ kind, text: token }) => `${kind} ${token}`);

test('names, numbers, strings, comments and signs of TypeScript; code inside a template is code', () => {
  assert.deepEqual(texts("a?.b2 >= 1.5e3 // 'x", 'typescript'), [
    'word a',
    'sign ?.',
    'word b2',
    'sign >=',
    'number 1.5e3',
    "comment // 'x",
  ]);
  const opening = '`a$' + '{';
  assert.deepEqual(texts(`${opening}f({x})}b\``, 'typescript'), [
    `string ${opening}`,
    'word f',
    'sign (',
    'sign {',
    'word x',
    'sign }',
    'sign )',
    'string }b`',
  ]);
});

test('Python’s and Go’s own', () => {
  assert.deepEqual(texts('x = """a\n\'b"""  # c', 'python'), [
    'word x',
    'sign =',
    'string """a\n\'b"""',
    'comment # c',
  ]);
  assert.deepEqual(texts("x := `a` /* c */ 'd'", 'go'), [
    'word x',
    'sign :=',
    'string `a`',
    'comment /* c */',
    "string 'd'",
  ]);
});

test('an apostrophe that nothing closes is not a string to the end of the file', () => {
  assert.deepEqual(texts("fn f<'a>(x)", 'rust').slice(0, 4), ['word fn', 'word f', 'sign <', "sign '"]);
});

test('what is open is told from what is closed', () => {
  const of = (text: string): string => balance(lex(text, 'typescript'));
  assert.equal(of('f(a, { b: [1] })'), of('x'));
  for (const open of ['f(', 'a]', '{', '"a', 'f(`x']) assert.notEqual(of(open), of('x'), open);
});

test('any text is read to its end: tokens in order, with nothing but white space between', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('typescript', 'python', 'go', 'html'),
      (text, language) => {
        let end = 0;
        for (const token of lex(text, language)) {
          assert.equal(text.slice(end, token.start).trim(), '');
          assert.equal(text.slice(token.start, token.end), token.text);
          assert.ok(token.end > token.start);
          end = token.end;
        }
        assert.equal(text.slice(end).trim(), '');
      },
    ),
  );
});
