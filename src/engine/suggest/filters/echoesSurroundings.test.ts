import { golden } from '../testing/golden.ts';
import { echoesSurroundings } from './echoesSurroundings.ts';

golden(echoesSurroundings, [
  {
    name: 'lines before and after the selection are not inserted twice',
    at: 'function f() {\n▮  a();\n▮  return 1;\n}',
    answer: 'function f() {\n  b();\n  return 1;\n}',
    kept: '  b();',
  },
  {
    name: 'a first line that was selected is no echo',
    at: 'log(x);\n▮log(x);\na();▮\n',
    answer: 'log(x);\nb();',
    kept: 'log(x);\nb();',
  },
  {
    name: 'a bracket alone is no echo',
    at: 'if (a) {\n▮  b();▮\n}',
    answer: 'if (c) {\n  b();\n}',
    kept: 'if (c) {\n  b();\n}',
  },
  { name: 'an answer without echo stays', at: 'a();\n▮b();▮\nc();', answer: 'd();', kept: 'd();' },
]);
