import { golden } from '../testing/golden.ts';
import { editIndentation } from './editIndentation.ts';

golden(editIndentation, [
  {
    name: 'an answer from column 0 moves to the selection’s column',
    at: 'class A {\n▮  m() {\n    return 1;\n  }▮\n}',
    answer: 'm() {\n  return 2;\n}',
    kept: '  m() {\n    return 2;\n  }',
  },
  {
    name: 'a selection that begins behind its indentation gets none twice',
    at: 'class A {\n  ▮m() {\n    return 1;\n  }▮\n}',
    answer: 'm() {\n  return 2;\n}',
    kept: 'm() {\n    return 2;\n  }',
  },
  {
    name: 'an answer in place stays',
    at: 'class A {\n  ▮m() {\n    return 1;\n  }▮\n}',
    answer: 'm() {\n    return 2;\n  }',
    kept: 'm() {\n    return 2;\n  }',
  },
  {
    name: 'Python is moved too',
    at: 'class A:\n▮    def f(self):\n        return 1▮\n',
    languageId: 'python',
    answer: 'def f(self):\n    return 2',
    kept: '    def f(self):\n        return 2',
  },
  {
    name: 'tabs stay tabs',
    at: 'func f() {\n▮\tif a {\n\t\tb()\n\t}▮\n}',
    languageId: 'go',
    answer: 'if a {\n    c()\n}',
    kept: '\tif a {\n\t\tc()\n\t}',
  },
  {
    name: 'at an empty line the cursor’s column counts',
    at: 'class A {\n  ▮\n}',
    answer: 'm() {\n  return 2;\n}',
    kept: 'm() {\n    return 2;\n  }',
  },
  { name: 'half a line stays where it is', at: 'const a = ▮f(1)▮;', answer: 'g(2)', kept: 'g(2)' },
]);
