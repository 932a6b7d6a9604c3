import { golden } from '../testing/golden.ts';
import { brackets } from './brackets.ts';

golden(brackets, [
  { name: 'what the answer opens it may close', at: 'const a = ▮', answer: 'f(g([1, 2]));', kept: 'f(g([1, 2]));' },
  { name: 'a bracket that was closed by the editor is not closed again', at: 'f(▮)', answer: 'a, b);', kept: 'a, b' },
  {
    name: 'a bracket that is open nowhere else is closed',
    at: 'const x = f(▮\nconst y = 2;',
    answer: 'a, b);',
    kept: 'a, b);',
  },
  {
    name: 'the inner bracket is closed, the outer one stands in the file',
    at: 'if (a) {\n  f(▮\n}\n',
    answer: 'x);\n}',
    kept: 'x);\n',
  },
  {
    name: 'typing forward, the block’s own end is offered',
    at: 'function f() {\n  return 1;\n▮',
    answer: '}',
    kept: '}',
  },
  { name: 'only as many as are open', at: 'function f() {\n  return 1;\n▮', answer: '}\n}', kept: '}\n' },
  { name: 'brackets in strings are text', at: 'const a = ▮', answer: '\'}\' + "]" + `)`;', kept: '\'}\' + "]" + `)`;' },
  {
    name: 'brackets in comments are text',
    at: '▮',
    answer: 'a(); // })\nb(); /* ] */',
    kept: 'a(); // })\nb(); /* ] */',
  },
  {
    name: 'an apostrophe in Rust opens no string',
    at: '▮',
    languageId: 'rust',
    answer: "fn f<'a>(x: &'a str) {}",
    kept: "fn f<'a>(x: &'a str) {}",
  },
  { name: 'a bracket of the wrong kind ends the answer', at: 'const a = f(▮', answer: 'x];', kept: 'x' },
  { name: 'Python comments are known', at: 'x = f(▮)', languageId: 'python', answer: 'a  # not )', kept: 'a  # not )' },
]);
