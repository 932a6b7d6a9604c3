import { golden } from '../testing/golden.ts';
import { duplicatesNextLine } from './duplicatesNextLine.ts';

golden(duplicatesNextLine, [
  {
    name: 'the line that comes next is not offered again',
    at: 'a();\n▮\nconst next = 1;\n',
    answer: 'const next = 1;\nmore();',
    kept: null,
  },
  { name: 'nor when its first half is typed', at: '  const ▮\n\n  const next = 1;\n', answer: 'next = 1;', kept: null },
  { name: 'another line is offered', at: '▮\nconst next = 1;', answer: 'const other = 1;', kept: 'const other = 1;' },
  {
    name: 'a closing bracket may stand above a closing bracket',
    at: 'if (a) {\n  if (b) {\n    c();\n  ▮\n}',
    answer: '}',
    kept: '}',
  },
  {
    name: 'an answer that begins below the cursor is compared by its own line',
    at: 'a();▮\nb(1);',
    answer: '\nb(1);',
    kept: null,
  },
  {
    name: 'nor a line that hardly differs from it',
    at: '▮\nexport function loadCustomers(ids: string[]) {',
    answer: 'export function loadCustomers(ids: string[]): {\n',
    kept: null,
  },
  {
    name: 'nor the one after the next',
    at: 'f() {\n  ▮\n  const a = load(one);\n  const total = sum(a, tax);\n}',
    answer: 'const total = sum(a, tax);',
    kept: null,
  },
  {
    name: 'a short statement may be meant twice',
    at: 'f() {\n  ▮\n  const a = load(one);\n  tick();\n}',
    answer: 'tick();',
    kept: 'tick();',
  },
  {
    name: 'in a table a row resembles the next',
    at: "const table = [\n  { name: 'outer', value: 300 },\n  ▮\n  { name: 'other', value: 300 },\n];",
    answer: "{ name: 'other', value: 200 },",
    kept: "{ name: 'other', value: 200 },",
  },
  { name: 'at the end of the file there is nothing to repeat', at: 'a();\n▮', answer: 'b();', kept: 'b();' },
]);
