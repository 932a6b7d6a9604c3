import { golden } from '../testing/golden.ts';
import { finalNewline } from './finalNewline.ts';

golden(finalNewline, [
  { name: 'the line after the selection stays on its own line', at: '▮a();\n▮b();', answer: 'x();', kept: 'x();\n' },
  { name: 'no line is added in the middle of one', at: '▮a()▮;', answer: 'x()\n', kept: 'x()' },
  { name: 'blank lines at the beginning go', at: '▮a()▮;', answer: '\n\n  x()', kept: '  x()' },
  { name: 'a deletion leaves no blank line', at: '▮a();\n▮b();', answer: '\n', kept: '' },
]);
