/** Sessions in which the developer goes elsewhere without a word about the suggestion. */
import * as vscode from 'vscode';
import { click, createFile } from '../ui.ts';
import { line, start } from './documents.ts';
import { completions } from './providers.ts';
import type { Session } from './session.ts';
import { does, press, runs, sees, silence, told, types, typesAndIsAnswered, visible } from './steps.ts';

const otherFile = does('another file', () => createFile('src/sessions/other.java', 'class Other {}\n'));

export const leaving: readonly Session[] = [
  { name: 'up by key', start, answers: [line], does: [press('ArrowUp')], expected: ['shown read ignored:moved'] },
  { name: 'left by key', start, answers: [line], does: [press('ArrowLeft')], expected: ['shown read ignored:moved'] },
  {
    name: 'Home, then Tab',
    start,
    answers: [line],
    does: [press('Home'), press('Home'), sees(''), press('Tab')],
    expected: ['shown read ignored:moved'],
  },
  {
    name: 'a click on another line',
    start,
    answers: [line],
    does: [does('click', () => click('.view-line:has-text("class Basket")'))],
    expected: ['shown read ignored:moved'],
  },
  {
    name: 'go to line 1',
    start,
    answers: [line],
    does: [press('Control+G'), visible('.quick-input-widget'), types('1'), press('Enter')],
    expected: ['shown read ignored:moved'],
  },
  {
    name: 'all selected',
    start,
    answers: [line],
    does: [press('Control+A')],
    expected: ['shown read ignored:moved'],
  },
  { name: 'another file', start, answers: [line], does: [otherFile], expected: ['shown read ignored:blurred'] },
  {
    name: 'another file and back',
    start,
    answers: [line],
    does: [otherFile, told('ignored:blurred'), press('Control+PageUp')],
    expected: ['shown read ignored:blurred'],
  },
  {
    name: 'the editor split',
    start,
    answers: [line],
    // The other half has the same document and the keyboard; the ghost text of the first is gone.
    does: [runs('workbench.action.splitEditorRight')],
    expected: ['shown read ignored:blurred'],
  },
  {
    name: 'the file closed',
    start,
    answers: [line],
    does: [runs('workbench.action.closeActiveEditor')],
    expected: ['shown read ignored:blurred'],
  },
  {
    name: 'the output panel',
    start,
    answers: [line],
    does: [runs('workbench.panel.output.focus'), sees('')],
    expected: ['shown read ignored:blurred'],
  },
  {
    name: 'the explorer and back, then typed along',
    start,
    answers: [line],
    // Ghost text goes when a side bar has the keyboard, and comes again while typing along. An extension sees neither.
    does: [
      runs('workbench.files.action.focusFilesExplorer'),
      sees(''),
      runs('workbench.action.focusActiveEditorGroup'),
      types('re'),
      sees(line.slice(2)),
      press('Tab'),
    ],
    leaves: `    ${line}\n`,
    expected: ['shown read accepted'],
  },
  {
    name: 'the explorer, and nothing more for ten seconds',
    start,
    answers: [line],
    does: [
      runs('workbench.files.action.focusFilesExplorer'),
      sees(''),
      { ...told('ignored:timedOut'), says: 'wait 10 s' },
    ],
    expected: ['shown read ignored:timedOut'],
  },
  {
    name: 'the language of the file changed',
    start,
    answers: [line],
    does: [does('language C', ({ document }) => vscode.languages.setTextDocumentLanguage(document, 'c'))],
    expected: ['shown read ignored:blurred'],
  },
  {
    name: 'saved, then Tab',
    start: start.replace('class', '// \nclass'),
    answers: [line],
    does: [runs('workbench.action.files.save'), sees(line), press('Tab')],
    leaves: `    ${line}\n`,
    expected: ['shown read accepted'],
  },
  {
    name: 'another completion selected in the list, its suggestion taken',
    start,
    answers: [],
    comes: 'none',
    before: [completions(['pay', 'print'])],
    does: [
      typesAndIsAnswered('p'),
      does('the model knows how each goes on', async (stage) => stage.answer('(order.price);')),
      press('Control+Space'),
      visible('.editor-widget.suggest-widget.visible'),
      sees('ay(order.price);'),
      told('read'),
      press('ArrowDown'),
      sees('rint(order.price);'),
      told('read', 1),
      silence,
      press('Tab'),
      press('Tab'),
    ],
    leaves: '    print(order.price);\n',
    expected: ['shown read ignored:superseded', 'shown read accepted'],
  },
];
