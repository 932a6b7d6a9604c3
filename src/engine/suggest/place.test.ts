import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { commentSyntax, isClosingLine, isImportLine, sameFamily } from './language.ts';
import { columnsOf, detectIndentUnit, expectedColumn, indentationFor, positionAt, rangeOf } from './place.ts';
import { marked } from './testing/marked.ts';

test('the document’s own indentation is found', () => {
  assert.equal(detectIndentUnit('a {\n    b {\n        c\n    }\n}\n', 'typescript'), '    ');
  assert.equal(detectIndentUnit('a {\n  b {\n    c\n  }\n}\n', 'typescript'), '  ');
  assert.equal(detectIndentUnit('a {\n\tb\n}\n', 'go'), '\t');
  assert.equal(detectIndentUnit('', 'python'), '    ');
  assert.equal(detectIndentUnit('/**\n * one\n * two\n */\nf() {\n  a\n}\n', 'typescript'), '  ');
});

test('columns and white space are inverse', () => {
  fc.assert(
    fc.property(fc.nat(40), fc.constantFrom('\t', '  ', '    '), (columns, unit) => {
      assert.equal(columnsOf(indentationFor(columns, unit), 4), columns);
    }),
  );
});

test('positions are those of the editor, whatever the line ends', () => {
  assert.deepEqual(positionAt('ab\r\ncd', 5), { line: 1, character: 1 });
  assert.deepEqual(rangeOf('a\nbc\nd', 2, 6), { startLine: 1, startCharacter: 0, endLine: 2, endCharacter: 1 });
  fc.assert(
    fc.property(fc.array(fc.constantFrom('a', '\n', 'bc'), { maxLength: 20 }), fc.nat(30), (parts, at) => {
      const text = parts.join('');
      const offset = Math.min(at, text.length);
      const before = text.slice(0, offset).split('\n');
      assert.deepEqual(positionAt(text, offset), { line: before.length - 1, character: before.at(-1)!.length });
    }),
  );
});

test('a new line stands below the last, deeper where a block opens', () => {
  assert.equal(expectedColumn(marked('  a();\n▮')), 2);
  assert.equal(expectedColumn(marked('  if (a) {\n▮', 'typescript', '  ')), 4);
  assert.equal(expectedColumn(marked('def f():\n▮', 'python')), 4);
  assert.equal(expectedColumn(marked('▮')), 0);
});

test('imports, closing lines, comments and families of languages are known', () => {
  for (const line of [
    "import a from 'a';",
    'from a import b',
    'use std::io;',
    '#include <a.h>',
    'using System.IO;',
    "const a = require('a');",
  ]) {
    assert.ok(isImportLine(line), line);
  }
  for (const line of ["import('a').then(b);", 'use(a);', 'from(a);', 'important();'])
    assert.ok(!isImportLine(line), line);
  for (const line of ['}', '  });', '</div>', 'end', 'fi', "'''"]) assert.ok(isClosingLine(line), line);
  for (const line of ['', '} else {', 'ending()', '<div>']) assert.ok(!isClosingLine(line), line);
  assert.deepEqual(commentSyntax('python'), { open: '#', close: '' });
  assert.ok(sameFamily('typescript', 'javascriptreact') && !sameFamily('typescript', 'python'));
});
