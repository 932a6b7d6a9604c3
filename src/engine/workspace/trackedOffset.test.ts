import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { DocumentChange } from '../../protocol/rpc.ts';
import { moveOffset, samePlace, type TrackedOffset, trackOffset } from './trackedOffset.ts';

/** Applies changes to a text whose place is marked `▮`; returns the text with the mark where the place is now. */
function edited(marked: string, ...edits: readonly (readonly [find: string, put: string, shift?: number])[]): string {
  let text = marked.replace('▮', '');
  let place: TrackedOffset = trackOffset(marked.indexOf('▮'));
  for (const [find, put, shift = 0] of edits) {
    const offset = text.indexOf(find) + shift;
    const change: DocumentChange = { offset, length: shift === 0 ? find.length : 0, text: put };
    place = moveOffset(place, change, text) ?? place;
    text = text.slice(0, offset) + put + text.slice(offset + change.length);
  }
  return `${text.slice(0, place.offset)}▮${text.slice(place.offset)}`;
}

test('edits above and below leave the place in its line', () => {
  assert.equal(edited('a();\nb▮();\nc();', ['a', 'long']), 'long();\nb▮();\nc();');
  assert.equal(edited('a();\nb▮();\nc();', ['a();\n', '']), 'b▮();\nc();');
  assert.equal(edited('a();\nb▮();\nc();', ['c', 'longer']), 'a();\nb▮();\nlonger();');
});

test('what is typed at the place stands behind it; a whole line put in pushes it down', () => {
  const typed = (put: string) => {
    return moveOffset(trackOffset(2), { offset: 2, length: 0, text: put }, 'a\nb')?.offset;
  };
  assert.equal(typed('return'), 2);
  assert.equal(typed('line();\n'), 10);
  assert.equal(typed('\n'), 2, 'Enter leaves the line');
  assert.equal(moveOffset(trackOffset(1), { offset: 1, length: 0, text: 'b();\n' }, 'a\nb')?.offset, 1);
});

test('indenting, other line ends and a formatter leave the place in its line', () => {
  const before = 'if (a) {\n  first();\n  ▮\n  last();\n}\n';
  const swap = (after: string) => edited(before, [before.replace('▮', ''), after]);
  assert.equal(
    swap('if (a) {\r\n  first();\r\n  \r\n  last();\r\n}\r\n'),
    'if (a) {\r\n  first();\r\n  ▮\r\n  last();\r\n}\r\n',
  );
  assert.equal(swap('if (a)\n{\n\tfirst();\n\t\n\tlast();\n}\n'), 'if (a)\n{\n\tfirst();\n\t▮\n\tlast();\n}\n');
  assert.equal(swap('if (b) {\n  first();\n  \n  last();\n}\n'), 'if (b) {\n  first();\n  ▮\n  last();\n}\n');
  assert.equal(swap('if (a) {\n  first();\n  \n  end();\n}\n'), 'if (a) {\n  first();\n  ▮\n  end();\n}\n');
  assert.equal(
    swap('// new\nif (b) {\n  first();\n  \n  end();\n}\n'),
    '// new\nif (b) {\n  first();\n  ▮\n  end();\n}\n',
  );
  assert.equal(samePlace('const a =  b', 'const a = b', 10), 10);
});

test('undo brings the place back with the text it stood in', () => {
  const before = 'a();\nconst x = ▮;\nb();';
  assert.equal(edited(before, ['const x = ;\n', ''], ['\nb', 'const x = ;\n', 1]), before);
  // Backspace, backspace, backspace; one undo.
  let place = trackOffset(4);
  for (const [text, offset, length, put] of [
    ['ab= c', 3, 1, ''],
    ['ab=c', 2, 1, ''],
    ['abc', 1, 1, ''],
    ['ac', 1, 0, 'b= '],
  ] as const) {
    place = moveOffset(place, { offset, length, text: put }, text)!;
  }
  assert.equal(place.offset, 4);
  // Replaced, and the replacement taken back.
  assert.equal(edited(before, ['const x = ;', 'other();'], ['other();', 'const x = ;']), before);
});

test('whatever is edited and undone in turn, the place is where it was', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'b', ' ', '\n', '('), minLength: 1, maxLength: 30 });
  const raw = fc.array(
    fc.tuple(fc.nat(40), fc.nat(9), fc.string({ unit: fc.constantFrom('x', 'y', '\n'), maxLength: 5 })),
    {
      maxLength: 4,
    },
  );
  fc.assert(
    fc.property(text, fc.nat(30), raw, (start, at, edits) => {
      const first = trackOffset(Math.min(at, start.length));
      let place = first;
      let now = start;
      const undo: DocumentChange[] = [];
      for (const [where, count, put] of edits) {
        const offset = Math.min(where, now.length);
        const length = Math.min(count, now.length - offset);
        // Without a deletion around the place nothing tells what an undo is.
        if (length === 0 && offset === place.offset) continue;
        undo.push({ offset, length: put.length, text: now.slice(offset, offset + length) });
        const moved = moveOffset(place, { offset, length, text: put }, now);
        if (moved === null) return;
        place = moved;
        now = now.slice(0, offset) + put + now.slice(offset + length);
        assert.ok(place.offset >= 0 && place.offset <= now.length);
        const back = undo.at(-1)!;
        const undone = moveOffset(place, back, now)!;
        const restored = now.slice(0, back.offset) + back.text + now.slice(back.offset + back.length);
        const lineOf = (value: string, end: number) => value.slice(0, end).split('\n').length;
        assert.ok(undone.offset >= 0 && undone.offset <= restored.length);
        if (edits.length === 1) assert.equal(lineOf(restored, undone.offset), lineOf(start, first.offset));
      }
    }),
    { numRuns: 3000 },
  );
});

test('a place whose surroundings were all replaced is given up', () => {
  assert.equal(
    moveOffset(trackOffset(5), { offset: 0, length: 12, text: 'other text\nof another\nfile' }, 'one();\ntwo();'),
    null,
  );
});

test('where no edit goes across it, a place is where a mark in the text would be: 100 000 edits', () => {
  // Numbers as a linear congruential generator makes them: the same each time.
  let state = 7;
  const random = (below: number): number => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((state / 2_147_483_648) * below);
  };
  const pieces = ['a', 'foo(', ');\n', '\n', '  ', '', 'x = 1;\n', '\r\n'];
  for (let round = 0; round < 1000; round += 1) {
    let cells: string[] = [...'one();\n  two();\nthree();\n'];
    const mark = 1 + random(cells.length - 1);
    cells.splice(mark, 0, '▮');
    let place: TrackedOffset | null = trackOffset(mark);
    for (let edit = 0; edit < 100; edit += 1) {
      const at = cells.indexOf('▮');
      const before = random(2) === 0 && at > 1;
      const [from, to] = before ? [0, at - 1] : [at + 2, cells.length];
      if (from > to) continue;
      const start = from + random(to - from + 1);
      const length = Math.min(random(4), to - start);
      const text = pieces[random(pieces.length)]!;
      const whole = cells.filter((cell) => cell !== '▮').join('');
      const change = { offset: start - (start > at ? 1 : 0), length, text };
      place = moveOffset(place!, change, whole);
      cells = [...cells.slice(0, start), ...text, ...cells.slice(start + length)];
      assert.equal(place?.offset, cells.indexOf('▮'));
    }
  }
});
