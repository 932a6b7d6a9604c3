import { golden } from '../testing/golden.ts';
import { trailingWhitespace } from './trailingWhitespace.ts';

golden(trailingWhitespace, [
  {
    name: 'no spaces at line ends, no line breaks at the end',
    at: '▮',
    answer: 'a();  \n\t\nb();\t\n\n',
    kept: 'a();\n\nb();',
  },
  { name: 'a line break before code stays', at: '{▮', answer: '\n  a();', kept: '\n  a();' },
]);
