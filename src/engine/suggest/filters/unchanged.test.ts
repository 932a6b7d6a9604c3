import { golden } from '../testing/golden.ts';
import { unchanged } from './unchanged.ts';

golden(unchanged, [
  { name: 'the same code is no proposal', at: '▮a();\nb();▮', answer: 'a();  \nb();\n', kept: null },
  { name: 'another indentation is a change', at: '▮a();\nb();▮', answer: 'a();\n  b();', kept: 'a();\n  b();' },
  { name: 'taking code away is a change', at: '▮a();▮', answer: '', kept: '' },
]);
