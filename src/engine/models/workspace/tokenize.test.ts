import assert from 'node:assert/strict';
import { test } from 'node:test';
import { syntaxOf } from './syntax.ts';
import { indentationOf, tokenize } from './tokenize.ts';
import { createVocabulary, indentDeltaOf, isLineBreak, unknownString } from './vocabulary.ts';

function read(text: string, languageId = 'typescript') {
  const vocabulary = createVocabulary(2_000_000);
  const syntax = syntaxOf(languageId);
  const { tokens, end } = tokenize(text, syntax, vocabulary, {
    rare: false,
    indentation: indentationOf(text, syntax.family),
  });
  const words = [...tokens].map((token) => {
    const id = token >>> 1;
    if (isLineBreak(id)) return `${token & 1 ? '¶' : ''}⏎${indentDeltaOf(id)}`;
    return (token & 1 ? '_' : '') + (id === unknownString ? '«»' : vocabulary.text(id));
  });
  return { words: words.join(' '), end };
}

test('names, numbers, strings and operators stay whole, and spacing is kept', () => {
  assert.equal(
    read(`a.b ??= f('x y', 1.5e3) => "q\\"r";\n`).words,
    `a . b _??= _f ( 'x y' , _1.5e3 ) _=> _"q\\"r" ; ⏎0`,
  );
});

test('indentation is relative, so the same code reads the same at any depth and width', () => {
  const code = 'if (a) {\n@b();\n@if (c) {\n@@d();\n@}\n}\n';
  const [two, four, tab] = ['  ', '    ', '\t'].map((unit) => read(code.replaceAll('@', unit)).words);
  assert.equal(two, 'if _( a ) _{ ⏎1 b ( ) ; ⏎0 if _( c ) _{ ⏎1 d ( ) ; ⏎-1 } ⏎-1 } ⏎0');
  assert.equal(four, two);
  assert.equal(tab, two);
  assert.equal(read(code.replaceAll('@', '  ').replaceAll('\n', '\r\n')).words, two);
});

test('comments and documentation are left out; what looks like one is not', () => {
  assert.equal(read('a; // b\n/* c\n d */ e;\n').words, 'a ; ⏎0 e ; ⏎0');
  assert.equal(
    read('def f():\n    """Doc."""\n    x = """y"""  # c\n', 'python').words,
    'def _f ( ) : ⏎1 x _= _«» ⏎-1',
  );
  // biome-ignore lint/suspicious/noTemplateCurlyInString: shell, not a template
  assert.equal(read('echo ${a#b} "#c"\n', 'shellscript').words.includes('"#c"'), true);
  assert.equal(read('#include <a>\n', 'cpp').words, '# include _< a > ⏎0');
});

test('a blank line is told from a line break', () => {
  assert.equal(read('a\n\n\nb\n').words, 'a ¶⏎0 b ⏎0');
});

test('the word, string or comment the text stops in is known', () => {
  assert.deepEqual(read('foo(ba').end, { type: 'partial', partial: 'ba' });
  assert.deepEqual(read('import x from "./a').end, { type: 'partial', partial: '"./a' });
  assert.deepEqual(read('a // b').end, { type: 'comment' });
  assert.deepEqual(read('a /* b\n c').end, { type: 'comment' });
  assert.deepEqual(read('a(').end, { type: 'code' });
  assert.deepEqual(read('"done"').end, { type: 'code' });
});

test('rare strings are kept from their second appearance on, so data does not fill the memory', () => {
  const vocabulary = createVocabulary(2_000_000);
  const options = { rare: true, indentation: { unit: 2, text: '  ' } };
  const once = () => tokenize('f("some long text");\n', syntaxOf('typescript'), vocabulary, options).tokens[2]! >>> 1;
  assert.equal(once(), unknownString);
  assert.equal(vocabulary.text(once()), '"some long text"');
});

test('the width of a level is found', () => {
  assert.deepEqual(indentationOf('a\n    b\n        c\n    d\n', 'script'), { unit: 4, text: '    ' });
  assert.deepEqual(indentationOf('a\n\tb\n\t\tc\n', 'script'), { unit: 4, text: '\t' });
  assert.deepEqual(indentationOf('a\nb\n', 'python'), { unit: 4, text: '    ' });
});
