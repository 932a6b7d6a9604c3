import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { changesOnly, type DiffRow, diffRows, exampleText, fold, shownCandidate, wholeLines } from './diff.ts';
import { pairLines } from './diffPairs.ts';
import { previewCards } from './preview/data.ts';

/** A row as text, changed words in brackets. */
const show = (row: DiffRow): string => {
  if (row.kind === 'gap') return `@ ${row.lines}`;
  const text = row.parts.map((part) => (part.changed ? `[${part.text}]` : part.text)).join('');
  return `${{ same: ' ', added: '+', removed: '-' }[row.kind]}${text}`;
};
const shown = (before: string, after: string): string[] => diffRows(before, after).map(show);
const textOf = (row: DiffRow): string => (row.kind === 'gap' ? '' : row.parts.map((part) => part.text).join(''));

test('a changed word is highlighted, not the whole line', () => {
  assert.deepEqual(shown('const a = find(id);', 'const a = find(key);'), [
    '-const a = find([id]);',
    '+const a = find([key]);',
  ]);
});

test('the versions of a line find each other past inserted lines', () => {
  assert.deepEqual(shown('if (a) throw new Error(x);\nreturn toOrder(row);', 'return row ? toOrder(row) : null;'), [
    '-if (a) throw new Error(x);',
    '-return toOrder(row);',
    '+return [row ?] toOrder(row) [: null];',
  ]);
});

test('text put on an empty line only adds', () => {
  assert.deepEqual(shown('run() {\n  \n}', 'run() {\n  go();\n}'), [' run() {', '+  go();', ' }']);
});

test('common indentation is taken off, also from tabs, and line ends do not show as changes', () => {
  assert.deepEqual(shown('\t\tone\r\n\t\t\ttwo\r\n', '\t\tone\n\t\t\tthree\n'), [' one', '-\ttwo', '+\tthree']);
});

test('unchanged lines between changes fold into one row that counts them, at the ends they are left out', () => {
  const lines = Array.from({ length: 12 }, (_, i) => `line ${i}`);
  const changed = lines.map((line, i) => (i === 2 || i === 9 ? `${line}!` : line));
  assert.deepEqual(
    shown(lines.join('\n'), changed.join('\n')).map((row) => row.slice(0, 6)),
    [' line ', '-line ', '+line ', ' line ', '@ 4', ' line ', '-line ', '+line ', ' line '],
  );
});

test('no line of either text is lost or invented', () => {
  const line = fc.constantFrom('a();', 'b(1);', 'c', 'return x;', 'return y;', '}');
  fc.assert(
    fc.property(fc.array(line, { maxLength: 12 }), fc.array(line, { maxLength: 12 }), (a, b) => {
      const rows = diffRows(a.join('\n'), b.join('\n'));
      const of = (kind: DiffRow['kind']): string[] => rows.filter((row) => row.kind === kind).map(textOf);
      // What was removed plus what stayed is the old text: counted, since far unchanged lines are folded.
      const count = (all: readonly string[], text: string): number => all.filter((one) => one === text).length;
      for (const text of new Set([...a, ...b])) {
        assert.equal(count(a, text) - count(of('removed'), text), count(b, text) - count(of('added'), text), text);
      }
    }),
  );
});

test('two large unrelated texts are compared in no time', () => {
  const text = (seed: number): string => Array.from({ length: 4000 }, (_, i) => `x${(i * seed) % 3989}`).join('\n');
  const rows = diffRows(text(7), text(13));
  assert.ok(rows.some((row) => row.kind === 'added') && rows.some((row) => row.kind === 'removed'));
});

test('lines of brackets are not called versions of each other', () => {
  assert.deepEqual(pairLines(['}'], ['const a = { b: {} };']), [-1]);
  assert.deepEqual(pairLines(['const total = sum;'], ['const total = sum + tax;']), [0]);
});

test('a fold hides at least two rows', () => {
  const rows = diffRows('', Array.from({ length: 15 }, (_, i) => `line ${i}`).join('\n'));
  assert.equal(fold(rows, 14).length, 15);
  assert.equal(fold(rows, 13).length, 13);
});

test('a preview shows changes without surroundings and without their indentation', () => {
  const rows = diffRows('f() {\n    a;\n}', 'f() {\n    b;\n}');
  assert.deepEqual(changesOnly(rows).map(show), ['-[a];', '+[b];']);
});

test('half a line typed by a model reads as the whole line', () => {
  const card = previewCards(1_790_000_000_000).find(({ episode }) => episode.file.endsWith('invoices.ts'))!;
  const { before, after } = wholeLines(card);
  assert.deepEqual(before.split('\n'), [
    'function totalOf(lines: readonly Line[]): Cents {',
    '  const net = ;',
    '  return net + taxOf(net);',
  ]);
  assert.match(after, /\n {2}const net = lines\.reduce\(.*, 0\);\n/);
});

test('the candidate that was accepted is shown, not the one offered first', () => {
  const [card] = previewCards(1_790_000_000_000);
  const third = card!.episode.candidates[2]!;
  const accepted = { ...card!, outcome: { ...card!.outcome, candidateId: third.id } };
  assert.equal(shownCandidate(accepted).text, third.text);
  assert.equal(shownCandidate(accepted).index, 2);
});

test('an example with a correction shows the correction, not the proposal that was turned down', () => {
  const rated = previewCards(1_790_000_000_000).find(({ rating }) => rating !== null)!;
  const corrected = (correction: string | null) => ({ ...rated, rating: { ...rated.rating!, correction } });
  assert.equal(exampleText(corrected(null)), shownCandidate(rated).text);
  assert.equal(exampleText(corrected('wanted')), 'wanted');
});
