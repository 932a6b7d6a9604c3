import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lineageRows } from './lineage.ts';

const versions = (text: string) =>
  text.split(' ').map((one) => {
    const [id, parent] = one.split('<');
    return { id: id!, parent: parent ?? null };
  });

test('a line of descent is one lane', () => {
  const rows = lineageRows(versions('c<b b<a a'));
  assert.deepEqual(
    rows.map(({ lane }) => lane),
    [0, 0, 0],
  );
  assert.deepEqual(rows[0]!.lines, [{ type: 'out', lane: 0 }]);
  assert.deepEqual(rows[1]!.lines, [
    { type: 'in', lane: 0 },
    { type: 'out', lane: 0 },
  ]);
  assert.deepEqual(rows[2]!.lines, [{ type: 'in', lane: 0 }]);
});

test('a rejected sibling has a lane of its own and comes from the same parent', () => {
  const rows = lineageRows(versions('d<a c<a b<a a'));
  assert.deepEqual(
    rows.map(({ lane }) => lane),
    [0, 1, 2, 0],
  );
  assert.deepEqual(
    rows[3]!.lines.filter(({ type }) => type === 'in').map(({ lane }) => lane),
    [0, 1, 2],
  );
  assert.ok(rows[2]!.lines.some(({ type, lane }) => type === 'through' && lane === 0));
});

test('a lane that ended is used again, and a parent that is not listed ends a line', () => {
  const rows = lineageRows(versions('e<x d<c c b<a a'));
  assert.deepEqual(
    rows.map(({ lane }) => lane),
    [0, 0, 0, 0, 0],
  );
  assert.deepEqual(rows[0]!.lines, []);
  assert.deepEqual(lineageRows([]), []);
});

test('every line that leaves a row enters the next one', () => {
  const rows = lineageRows(versions('g<e f<d e<c d<b c<b b<a a'));
  for (const [i, row] of rows.slice(0, -1).entries()) {
    const leaving = row.lines
      .filter(({ type }) => type !== 'in')
      .map(({ lane }) => lane)
      .sort();
    const entering = rows[i + 1]!.lines.filter(({ type }) => type !== 'out')
      .map(({ lane }) => lane)
      .sort();
    assert.deepEqual(leaving, entering, `between ${i} and ${i + 1}`);
  }
});
