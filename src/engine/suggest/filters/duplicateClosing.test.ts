import { golden } from '../testing/golden.ts';
import { duplicateClosing } from './duplicateClosing.ts';

golden(duplicateClosing, [
  {
    name: 'the bracket that stands below is not offered again',
    at: 'f(() => {\n  ▮\n});',
    answer: 'a();\n});',
    kept: 'a();',
  },
  {
    name: 'a bracket the answer opened is its own',
    at: 'f(() => {\n▮\n}',
    answer: 'if (x) {\n  a();\n}',
    kept: 'if (x) {\n  a();\n}',
  },
  { name: 'Ruby’s end is not doubled', at: 'def f\n  ▮\nend', languageId: 'ruby', answer: 'a\nend', kept: 'a' },
  {
    name: 'an end of another depth stays',
    at: 'def f\n  ▮\nend',
    languageId: 'ruby',
    answer: 'if a\n    b\n  end',
    kept: 'if a\n    b\n  end',
  },
  {
    name: 'a tag that is closed below is not closed twice',
    at: '<ul>\n  ▮\n</ul>',
    languageId: 'html',
    answer: '<li>a</li>\n</ul>',
    kept: '<li>a</li>',
  },
  { name: 'a single line is left alone', at: 'f(▮\n)', answer: ')', kept: ')' },
]);
