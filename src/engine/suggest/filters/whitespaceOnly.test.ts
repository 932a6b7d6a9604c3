import { golden } from '../testing/golden.ts';
import { whitespaceOnly } from './whitespaceOnly.ts';

golden(whitespaceOnly, [
  { name: 'an empty answer is no offer', at: '▮', answer: '', kept: null },
  { name: 'nor are blank lines', at: '▮', answer: ' \n\t\n', kept: null },
  { name: 'one visible character is something', at: '▮', answer: '\n}', kept: '\n}' },
]);
