import { golden } from '../testing/golden.ts';
import { leadingSpace } from './leadingSpace.ts';

golden(leadingSpace, [
  { name: 'no double space after one that is typed', at: 'const x = ▮', answer: ' 1;', kept: '1;' },
  { name: 'a space that is missing stays', at: 'const x =▮', answer: ' 1;', kept: ' 1;' },
  { name: 'on a blank line the answer begins on it', at: 'a();\n▮', answer: '\n\n  b();', kept: '  b();' },
  { name: 'after code one line break stays', at: 'if (a) {▮', answer: '\n  b();', kept: '\n  b();' },
  { name: 'after code at most one blank line comes first', at: 'a();▮', answer: '\n\n\n\nb();', kept: '\n\nb();' },
  {
    name: 'indentation on a blank line is left to the indentation filter',
    at: 'f(() => {\n  ▮',
    answer: '  b();',
    kept: '  b();',
  },
]);
