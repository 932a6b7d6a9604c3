/** Sessions about what is left of a taken suggestion, looked at twice: before and after what is done. */
import * as vscode from 'vscode';
import { focused, select, waitFor } from '../ui.ts';
import { line, start, two } from './documents.ts';
import { formatsWith } from './providers.ts';
import type { Session, Step } from './session.ts';
import { cursorBehind, does, lacks, otherEdits, press, runs, told, types } from './steps.ts';

const formatOnSave = { 'editor.formatOnSave': true };
const save = runs('workbench.action.files.save');
/** Taken, and seen to stand there once. */
const taken = [press('Tab'), told('accepted'), told('retained:all')];
const selectTwo: Step = {
  says: '',
  act: async ({ editor, document }) => {
    const at = document.getText().indexOf(two);
    await select(editor, new vscode.Selection(document.positionAt(at), document.positionAt(at + two.length)));
  },
};
const after = (...events: readonly string[]): readonly string[] => [
  ['shown read accepted retained:all', ...events].join(' '),
];
const kept = { start, keeps: true } as const;

export const keeping: readonly Session[] = [
  { ...kept, name: 'kept as it is', answers: [line], does: taken, leaves: line, expected: after('retained:all') },
  {
    ...kept,
    name: 'typed by hand and kept',
    answers: ['return sum;'],
    does: [types('return sum;'), told('retained:all')],
    expected: ['shown read accepted:typed retained:all retained:all'],
  },
  {
    ...kept,
    name: 'a word kept, the rest refused',
    answers: [line],
    does: [press('Control+ArrowRight'), told('retained:all'), press('Escape')],
    leaves: '    return\n',
    expected: ['shown read partlyAccepted:return retained:all rejected:escape retained:all'],
  },
  {
    ...kept,
    name: 'a formatter changes white space on save',
    answers: [two],
    settings: formatOnSave,
    before: [formatsWith((text) => text.replaceAll(' = ', '  =  ').replaceAll(' * ', '*'))],
    does: [...taken, save],
    leaves: 'return sum*order.count;',
    expected: after('retained:all'),
  },
  {
    ...kept,
    name: 'a formatter rewrites the whole document on save',
    answers: [two],
    settings: formatOnSave,
    before: [formatsWith((text) => `// formatted\n${text.replaceAll('\n    ', '\n\t\t').replaceAll('\n  ', '\n\t')}`)],
    does: [...taken, save],
    leaves: '\t\tint sum = order.price;\n\t\treturn sum * order.count;\n',
    expected: after('retained:all'),
  },
  {
    ...kept,
    name: 'a symbol of it renamed',
    answers: [two],
    does: [
      ...taken,
      cursorBehind('int sum'),
      press('F2'),
      does('', () => waitFor(async () => (await focused()).startsWith('input'), 'the rename box')),
      types('amount'),
      press('Enter'),
    ],
    leaves: 'return amount * order.count;',
    expected: after('retained:most'),
  },
  {
    ...kept,
    name: 'its file renamed',
    answers: [two],
    does: [
      ...taken,
      does('file renamed', async ({ document }) => {
        const edit = new vscode.WorkspaceEdit();
        edit.renameFile(document.uri, document.uri.with({ path: document.uri.path.replace('session', 'renamed') }));
        if (!(await vscode.workspace.applyEdit(edit))) throw new Error('The file was not renamed.');
      }),
    ],
    expected: after('retained:all'),
  },
  {
    ...kept,
    name: 'deleted again by hand',
    answers: [line],
    does: [...taken, press('Control+Shift+K'), lacks(line)],
    expected: after('retained:none'),
  },
  {
    ...kept,
    name: 'half of it rewritten',
    answers: [two],
    // In one stroke: between eighteen Backspaces of a slow machine the rest would be offered again.
    does: [
      ...taken,
      { ...press(...Array<string>(18).fill('Shift+ArrowLeft')), says: 'select half of it' },
      types('0;'),
    ],
    leaves: 'return 0;',
    expected: after('retained:most'),
  },
  {
    ...kept,
    name: 'its lines commented out',
    answers: [two],
    does: [...taken, selectTwo, runs('editor.action.commentLine')],
    leaves: '// return sum * order.count;',
    expected: after('retained:most'),
  },
  {
    ...kept,
    name: 'its lines indented',
    answers: [two],
    does: [...taken, selectTwo, runs('editor.action.indentLines')],
    leaves: '      int sum = order.price;\n      return sum',
    expected: after('retained:all'),
  },
  {
    ...kept,
    name: 'its line moved up',
    answers: [line],
    does: [...taken, press('Alt+ArrowUp')],
    leaves: `    ${line}\n  int total`,
    expected: after('retained:all'),
  },
  {
    ...kept,
    name: 'another extension edits above, below and within',
    answers: [two],
    does: [
      ...taken,
      otherEdits('class', '// a basket\nclass'),
      otherEdits('  }\n}', '  }\n  // the end\n}'),
      otherEdits('    return sum', '    check(sum);\n    return sum'),
    ],
    leaves: 'check(sum);',
    expected: after('retained:most'),
  },
  {
    ...kept,
    name: 'the language of the file changed',
    answers: [line],
    does: [...taken, does('language C', ({ document }) => vscode.languages.setTextDocumentLanguage(document, 'c'))],
    expected: after('retained:all'),
  },
  {
    ...kept,
    name: 'saved',
    answers: [line],
    does: [...taken, save],
    expected: after('retained:all'),
  },
];
