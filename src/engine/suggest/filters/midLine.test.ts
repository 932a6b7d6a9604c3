import assert from 'node:assert/strict';
import { test } from 'node:test';
import { marked } from '../testing/marked.ts';
import { midLine } from './midLine.ts';

const cases: readonly { name: string; at: string; answer: string; text: string | null; replaces?: string }[] = [
  {
    name: 'at the end of a line the answer is inserted',
    at: 'a = ▮\nb',
    answer: 'f();\ng();',
    text: 'f();\ng();',
    replaces: '',
  },
  { name: 'before closers the answer is inserted', at: 'f(▮);', answer: 'a, b', text: 'a, b', replaces: '' },
  {
    name: 'an answer that goes on behind the closer takes its place',
    at: 'if (▮)\n',
    answer: 'a) {',
    text: 'a) {',
    replaces: ')',
  },
  { name: 'in a word nothing is offered', at: 'con▮sole', answer: 'x', text: null },
  {
    name: 'before code one line takes the place of the rest',
    at: 'const total = ▮ + tax;\n',
    answer: 'price',
    text: 'price + tax;',
    replaces: ' + tax;',
  },
  {
    name: 'and has the rest only once',
    at: 'const total = ▮ + tax;\n',
    answer: 'price + tax;',
    text: 'price + tax;',
    replaces: ' + tax;',
  },
  { name: 'before code only the first line counts', at: 'x = ▮ + 1', answer: 'a\nb', text: 'a + 1', replaces: ' + 1' },
  { name: 'before code an answer below the line has no place', at: 'x = ▮ + 1', answer: '\nb', text: null },
];

for (const { name, at, answer, text, replaces } of cases) {
  test(name, () => {
    const placed = midLine(answer, marked(at));
    assert.equal(placed && placed.text + placed.tail, text);
    if (placed) assert.equal(placed.replaces, replaces);
  });
}
