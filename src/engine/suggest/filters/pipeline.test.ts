import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { inkOf, linePrefix, type Place, restOfLine, squash } from '../place.ts';
import { marked } from '../testing/marked.ts';
import { brackets } from './brackets.ts';
import { codeFence } from './codeFence.ts';
import { duplicateClosing } from './duplicateClosing.ts';
import { duplicatesNextLine } from './duplicatesNextLine.ts';
import { echoesSurroundings } from './echoesSurroundings.ts';
import { editIndentation } from './editIndentation.ts';
import type { Filter } from './filter.ts';
import { finalNewline } from './finalNewline.ts';
import { firstLine } from './firstLine.ts';
import { importOnly } from './importOnly.ts';
import { indentation } from './indentation.ts';
import { leadingSpace } from './leadingSpace.ts';
import { partialWord } from './partialWord.ts';
import { filterEdit, filterInline } from './pipeline.ts';
import { quotes } from './quotes.ts';
import { reachesNextLine } from './reachesNextLine.ts';
import { repetition } from './repetition.ts';
import { rewritesLineAbove } from './rewritesLineAbove.ts';
import { scopeLimit } from './scopeLimit.ts';
import { secretsInAnswer } from './secretsInAnswer.ts';
import { suffixOverlap } from './suffixOverlap.ts';
import { tooShort } from './tooShort.ts';
import { trailingWhitespace } from './trailingWhitespace.ts';
import { unchanged } from './unchanged.ts';
import { undoesRecentEdit } from './undoesRecentEdit.ts';
import { whitespaceOnly } from './whitespaceOnly.ts';

/** What code is made of, so that random texts have brackets, strings, blocks and repetitions in them. */
const piece = fc.constantFrom(
  ...[
    '\n',
    '\n',
    '\n  ',
    '\n    ',
    '\n\t',
    ' ',
    ' ',
    '{',
    '}',
    '(',
    ')',
    '[',
    ']',
    ';',
    ',',
    '.',
    ':',
    '"',
    "'",
    '`',
    '```',
    '\\',
  ],
  ...[
    'const ',
    'x',
    'value',
    'return ',
    'if ',
    'else ',
    'import a from "a";',
    '// note',
    '/* ',
    ' */',
    '# ',
    'end',
    'def f():',
    '=>',
    '=',
  ],
  ...['€', '😀', '\u2028', 'ß', '\r\n', '<redacted>', 'Here is the code:'],
);
const code = fc.array(piece, { maxLength: 40 }).map((parts) => parts.join(''));
const lf = code.map((text) => text.replace(/\r\n?/g, '\n'));
const place: fc.Arbitrary<Place> = fc.record({
  languageId: fc.constantFrom('typescript', 'python', 'rust', 'html', 'markdown', 'ruby', 'unheard-of'),
  file: fc.constantFrom('src/a.ts', ''),
  prefix: lf,
  before: fc.oneof(fc.constant(''), lf),
  suffix: lf,
  indentUnit: fc.constantFrom('  ', '    ', '\t'),
  lines: fc.constantFrom('one', 'several'),
  recentEdits: fc.array(fc.record({ before: lf, after: lf }), { maxLength: 2 }),
});

const filters: Readonly<Record<string, Filter>> = {
  brackets,
  codeFence,
  duplicateClosing,
  duplicatesNextLine,
  echoesSurroundings,
  editIndentation,
  finalNewline,
  firstLine,
  importOnly,
  indentation,
  leadingSpace,
  partialWord,
  quotes,
  reachesNextLine,
  repetition,
  rewritesLineAbove,
  scopeLimit,
  secretsInAnswer,
  suffixOverlap,
  tooShort,
  trailingWhitespace,
  unchanged,
  undoesRecentEdit,
  whitespaceOnly,
};
/** These peel one layer at a time, or lose their evidence with what they cut or move. */
const notIdempotent = new Set([
  'codeFence',
  'suffixOverlap',
  'echoesSurroundings',
  'duplicateClosing',
  'scopeLimit',
  'indentation',
  'editIndentation',
]);

for (const [name, filter] of Object.entries(filters)) {
  test(`${name}: whatever the model writes, nothing is invented and nothing breaks`, () => {
    fc.assert(
      fc.property(lf, place, (answer, at) => {
        const kept = filter(answer, at);
        if (kept === null) return;
        assert.ok(squash(answer).includes(squash(kept)), 'what is left stood in the answer');
        if (!notIdempotent.has(name)) assert.equal(filter(kept, at), kept, 'a second look changes nothing');
      }),
      { numRuns: 400 },
    );
  });
}

test('an inline offer is something to see, on one line of the document, and holds what it replaces in order', () => {
  fc.assert(
    fc.property(code, place, (answer, at) => {
      const here = { ...at, before: '' };
      const filtered = filterInline(answer, here);
      if (!filtered.kept) return assert.notEqual(filtered.droppedBy, '');
      assert.ok(inkOf(filtered.text) > 0);
      assert.ok(!filtered.replaces.includes('\n'));
      assert.ok(restOfLine(here).startsWith(filtered.replaces));
      let from = 0;
      for (const char of squash(filtered.replaces)) {
        const found = squash(filtered.text).indexOf(char, from);
        assert.notEqual(found, -1, 'VS Code hides ghost text that drops a character of what it replaces');
        from = found + 1;
      }
    }),
    { numRuns: 1500 },
  );
});

test('an edit keeps the line after it where it is', () => {
  fc.assert(
    fc.property(code, place, (answer, at) => {
      const filtered = filterEdit(answer, at);
      if (!filtered.kept || filtered.text === '') return;
      const ends = (text: string) => /\n*$/.exec(text)![0].length;
      assert.equal(ends(filtered.text), ends(at.before));
    }),
    { numRuns: 800 },
  );
});

test('a long answer is cleaned in a few milliseconds', () => {
  const body = Array.from({ length: 400 }, (_, line) => `  call${line}(a[${line}], { b: "${line}" });`).join('\n');
  const at = marked(`${body}\n  ▮\n${body}`);
  const start = process.cpuUsage();
  for (let round = 0; round < 5; round += 1)
    filterInline(`first(${'x'.repeat(40)});\n${body.replaceAll('call', 'other')}`, at);
  const { user } = process.cpuUsage(start);
  assert.ok(user / 5 < 200_000, `${user / 5} µs of CPU for one answer of 400 lines`);
});

const inline: readonly {
  name: string;
  at: string;
  answer: string;
  languageId?: string;
  text?: string;
  replaces?: string;
  droppedBy?: string;
}[] = [
  {
    name: 'a chat model’s block lands indented in the function',
    at: 'function f(a) {\n  ▮\n}\n',
    answer: '```ts\nif (a) {\n  return 1;\n}\n```',
    text: 'if (a) {\n    return 1;\n  }',
  },
  {
    name: 'an argument before an auto-closed bracket',
    at: 'const user = load(▮);\n',
    answer: 'id, { cache: true });\nreturn user;',
    text: 'id, { cache: true }',
  },
  {
    name: 'a condition that goes on behind the auto-closed bracket',
    at: 'if (▮)\n',
    answer: 'user === null) {\n  return;\n}',
    text: 'user === null) {\n  return;\n}',
    replaces: ')',
  },
  {
    name: 'the rest of the file is not offered again',
    at: 'const a = ▮\nconst b = two();\nconst c = three();\n',
    answer: 'one();\nconst b = two();\nconst c = three();',
    text: 'one();',
  },
  {
    name: 'a CRLF answer becomes an LF one',
    at: 'f(() => {\n  ▮\n});',
    answer: 'a();\r\n  b();\r\n',
    text: 'a();\n  b();',
  },
  { name: 'a string in a string', at: "import { a } from '▮';\n", answer: "./lib/a.ts';", text: './lib/a.ts' },
  { name: 'a repetition of the line above', at: 'log(a);\n▮', answer: 'log(a);', droppedBy: 'rewritesLineAbove' },
  { name: 'an answer that only closes what is closed', at: 'f(▮)', answer: ')', droppedBy: 'empty' },
  { name: 'nothing', at: 'a\n▮', answer: '\n\n', droppedBy: 'whitespaceOnly' },
  {
    name: 'a Python suite',
    at: 'def area(r):\n    ▮\n\nprint(area(2))\n',
    languageId: 'python',
    answer: 'return 3.14 * r ** 2\n\nprint(area(2))',
    text: 'return 3.14 * r ** 2',
  },
];
for (const { name, at, answer, languageId, text, replaces, droppedBy } of inline) {
  test(`inline: ${name}`, () => {
    const filtered = filterInline(answer, marked(at, languageId));
    assert.deepEqual(
      filtered,
      droppedBy === undefined ? { kept: true, text, replaces: replaces ?? '' } : { kept: false, droppedBy },
    );
  });
}

test('edit: a fenced answer with an explanation becomes the replacement alone', () => {
  const at = marked('class A {\n▮  m() {\n    return 1;\n  }\n▮  n() {}\n}\n');
  const filtered = filterEdit('Sure! Here is it:\n```ts\nm() {\n  return 2;\n}\n```\nIt returns 2 now.', at);
  assert.deepEqual(filtered, { kept: true, text: '  m() {\n    return 2;\n  }\n', replaces: at.before });
});

test('edit: no answer is no proposal, an empty fence is a deletion', () => {
  const at = marked('a();\n▮b();\n▮c();\n');
  assert.deepEqual(filterEdit(' \n', at), { kept: false, droppedBy: 'whitespaceOnly' });
  assert.deepEqual(filterEdit('```\n```', at), { kept: true, text: '', replaces: 'b();\n' });
});

test('edit: the code given back as it was is no proposal', () => {
  const filtered = filterEdit('```ts\nb();\n```', marked('a();\n▮b();▮\nc();\n'));
  assert.deepEqual(filtered, { kept: false, droppedBy: 'unchanged' });
  assert.equal(linePrefix(marked('a();\n▮b();▮')), '');
});
