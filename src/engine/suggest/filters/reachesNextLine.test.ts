import { golden } from '../testing/golden.ts';
import { reachesNextLine } from './reachesNextLine.ts';

golden(reachesNextLine, [
  {
    name: 'a model that goes on into what follows is stopped there',
    at: 'f() {\n  ▮\n  const b = load(2);\n  return b;\n}',
    answer: 'const a = load(1);\n  const b = load(2);\n  return a + b;',
    kept: 'const a = load(1);',
  },
  {
    name: 'also when it changes that line a little',
    at: '▮\nexport function save(customer: Customer) {\n}',
    answer: 'const a = 1;\n\nexport function save(customer: Customers) {\n  write(customer);',
    kept: 'const a = 1;',
  },
  {
    name: 'the same line deeper in is another one',
    at: '▮\nreturn null;',
    answer: 'if (a) {\n  return null;\n}',
    kept: 'if (a) {\n  return null;\n}',
  },
  {
    name: 'lines of a row resemble each other',
    at: "  ▮\n  row('third', 300, true),\n",
    answer: "row('first', 100, true),\n  row('other', 200, true),",
    kept: "row('first', 100, true),\n  row('other', 200, true),",
  },
  { name: 'a short line says nothing', at: '▮\nbreak;', answer: 'a();\nbreak;\nb();', kept: 'a();\nbreak;\nb();' },
  { name: 'at the end of the file nothing follows', at: '▮', answer: 'a();\nb();', kept: 'a();\nb();' },
]);
