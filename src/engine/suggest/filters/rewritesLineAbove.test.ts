import { golden } from '../testing/golden.ts';
import { rewritesLineAbove } from './rewritesLineAbove.ts';

golden(rewritesLineAbove, [
  {
    name: 'the line just written is not offered once more',
    at: '  const a = load();\n  ▮',
    answer: 'const a = load();',
    kept: null,
  },
  { name: 'nor when the first word is typed', at: '  save(a);\n  save(▮', answer: 'a);', kept: null },
  {
    name: 'blank lines between do not hide it',
    at: 'const a = load();\n\n▮',
    answer: 'const a = load();\nb();',
    kept: null,
  },
  { name: 'a closing bracket may follow a closing bracket', at: '    }\n▮', answer: '}', kept: '}' },
  {
    name: 'an answer below the cursor’s code is held against that code',
    at: 'a(1);\nb(2);▮',
    answer: '\na(1);',
    kept: '\na(1);',
  },
  { name: 'another line is offered', at: 'const a = 1;\n▮', answer: 'const b = 2;', kept: 'const b = 2;' },
]);
