/** Sessions about Escape: it turns our suggestion down, or it belongs to something else. */

import * as vscode from 'vscode';
import { line, start } from './documents.ts';
import { completions } from './providers.ts';
import type { Session } from './session.ts';
import { does, hidden, holds, press, runs, secondCursor, sees, staysAway, types, visible } from './steps.ts';

const suggestWidget = '.editor-widget.suggest-widget.visible';
const findWidget = '.editor-widget.find-widget.visible';
const backToEditor = runs('workbench.action.focusActiveEditorGroup');

export const refusing: readonly Session[] = [
  {
    name: 'Escape before it can be read',
    start,
    answers: [line],
    within: { ms: 300, of: 'shown' },
    does: [press('Escape'), sees('')],
    expected: ['shown rejected:escape'],
  },
  {
    name: 'Escape',
    start,
    answers: [line],
    does: [press('Escape'), sees('')],
    leaves: '    \n',
    expected: ['shown read rejected:escape'],
  },
  {
    name: 'Escape on the second alternative',
    start,
    answers: [line, 'return order.price;'],
    does: [press('Alt+]'), sees('return order.price;'), press('Escape'), sees('')],
    expected: ['shown read rejected:escape'],
  },
  {
    name: 'Escape twice',
    start,
    answers: [line],
    does: [press('Escape'), sees(''), press('Escape')],
    expected: ['shown read rejected:escape'],
  },
  {
    name: 'Escape, then the same begun by hand',
    start,
    answers: [line],
    // What was turned down does not come back while it is typed.
    does: [press('Escape'), sees(''), types('return'), holds('return'), staysAway],
    expected: ['shown read rejected:escape'],
  },
  {
    name: 'Escape by the command of VS Code’s own',
    start,
    answers: [line],
    // Hidden by another key or a macro: that can’t be seen, and is not guessed. The next thing that can be seen ends it.
    does: [runs('editor.action.inlineSuggest.hide'), sees(''), press('ArrowUp')],
    expected: ['shown read ignored:moved'],
  },
  {
    name: 'Escape closes the list of completions first',
    start,
    answers: [line],
    before: [completions([line.slice(0, 6)])],
    does: [
      press('Control+Space'),
      visible(suggestWidget),
      press('Escape'),
      hidden(suggestWidget),
      sees(line),
      press('Tab'),
    ],
    leaves: `    ${line}\n`,
    expected: ['shown read accepted'],
  },
  // In the next three VS Code gives Escape to ghost text before what it else means: hiding ghost text weighs more than closing
  // the find widget, leaving a snippet or dropping cursors. So it is the suggestion that is dismissed, and nothing is stolen.
  {
    name: 'Escape in the editor while the find widget is open',
    start,
    answers: [line],
    before: [runs('actions.find'), visible(findWidget), backToEditor],
    does: [press('Escape'), sees(''), visible(findWidget)],
    expected: ['shown read rejected:escape'],
  },
  {
    name: 'Escape in a snippet, whose next field is still a Tab away',
    start,
    answers: [line],
    settings: { 'editor.inlineSuggest.suppressInSnippetMode': false },
    before: [runs('editor.action.insertSnippet', { snippet: '$1\n    done($2);' }), holds('done()')],
    does: [press('Escape'), sees(''), press('Tab'), types('now')],
    leaves: '    done(now);',
    expected: ['shown read rejected:escape'],
  },
  {
    name: 'Escape with two cursors, which stay',
    start: start.replace('class', '//\nclass'),
    answers: [line],
    drawn: line + line,
    before: [secondCursor('//')],
    does: [press('Escape'), sees(''), types('!')],
    leaves: '//!\nclass Basket {\n  int total(Order order) {\n    !\n',
    expected: ['shown read rejected:escape'],
  },
  {
    name: 'Escape in the find box is the find box’s',
    start,
    answers: [line],
    does: [runs('actions.find'), visible(findWidget), press('Escape'), hidden(findWidget), press('ArrowUp')],
    // VS Code hides ghost text when the editor loses the keyboard; that can’t be seen, the next move can.
    expected: ['shown read ignored:moved'],
  },
  {
    name: 'Escape in the explorer',
    start,
    answers: [line],
    does: [
      runs('workbench.files.action.focusFilesExplorer'),
      sees(''),
      press('Escape'),
      backToEditor,
      press('ArrowUp'),
    ],
    expected: ['shown read ignored:moved'],
  },
  {
    name: 'Escape while a message is shown',
    start,
    answers: [line],
    before: [
      does('a message', async () => {
        void vscode.window.showInformationMessage('The basket is full.');
      }),
    ],
    does: [press('Escape'), sees('')],
    expected: ['shown read rejected:escape'],
  },
  {
    name: 'nothing there: Escape',
    start,
    answers: [],
    comes: 'none',
    does: [runs('editor.action.inlineSuggest.trigger'), press('Escape')],
    expected: [],
  },
];
