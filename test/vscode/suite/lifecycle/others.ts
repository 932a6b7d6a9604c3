/** Sessions in which other extensions edit the document, or offer something themselves. */
import { createFile } from '../ui.ts';
import { line, start } from './documents.ts';
import { rival } from './providers.ts';
import type { Session } from './session.ts';
import { does, holds, lacks, otherEdits, press, runs, sees, typesAndIsAnswered } from './steps.ts';

export const others: readonly Session[] = [
  {
    name: 'edited above by another extension, then Tab',
    start,
    answers: [line],
    does: [otherEdits('class', '// a basket\nclass'), holds('// a basket'), sees(line), press('Tab')],
    leaves: `    ${line}\n`,
    expected: ['shown read accepted'],
  },
  {
    name: 'edited below by another extension, then Tab',
    start,
    answers: [line],
    does: [otherEdits('  }\n}', '  }\n  // the end\n}'), holds('// the end'), sees(line), press('Tab')],
    leaves: `    ${line}\n`,
    expected: ['shown read accepted'],
  },
  {
    name: 'edited above, and that undone by the other side, then Tab',
    start,
    answers: [line],
    does: [
      otherEdits('class', '//\nclass'),
      holds('//'),
      otherEdits('//\n', ''),
      lacks('//'),
      sees(line),
      press('Tab'),
    ],
    leaves: `    ${line}\n`,
    expected: ['shown read accepted'],
  },
  {
    name: 'another extension writes at the cursor',
    start,
    answers: [line],
    does: [otherEdits('{\n    ', '{\n    check();')],
    leaves: '    check();',
    expected: ['shown read ignored:typedPast'],
  },
  {
    name: 'another extension replaces the whole document',
    start,
    answers: [line],
    does: [otherEdits(start.replace('▮', ''), 'class Empty {}\n')],
    leaves: 'class Empty {}',
    expected: ['shown read ignored:typedPast'],
  },
  {
    name: 'another extension edits another file, then Tab',
    start,
    answers: [line],
    before: [
      does('another file', async (stage) => {
        await createFile('src/sessions/far.java', 'class Far {}\n');
        await stage.goHome();
      }),
    ],
    does: [otherEdits('class', 'class', 'src/sessions/far.java'), sees(line), press('Tab')],
    leaves: `    ${line}\n`,
    expected: ['shown read accepted'],
  },
  {
    name: 'another provider’s suggestion taken',
    start,
    answers: [line],
    before: [rival('throw new Error(order);')],
    // Ours stands behind the other’s; which of the two is drawn an extension can’t see, so ours counts as shown.
    drawn: 'throw new Error(order);',
    does: [press('Tab')],
    leaves: '    throw new Error(order);\n',
    expected: ['shown read ignored:typedPast'],
  },
  {
    name: 'another provider’s equal suggestion taken',
    start,
    answers: [line],
    before: [rival(line)],
    // VS Code keeps the first of two equal ones, so the command that would tell of ours does not run.
    does: [press('Tab')],
    leaves: `    ${line}\n`,
    expected: ['shown read accepted:inserted'],
  },
  {
    name: 'another provider’s suggestion on the screen, ours taken',
    start,
    answers: [line],
    before: [rival('throw new Error(order);')],
    drawn: 'throw new Error(order);',
    does: [press('Alt+]'), sees(line), press('Tab')],
    leaves: `    ${line}\n`,
    expected: ['shown read accepted'],
  },
  {
    name: 'the file taken back to what is saved',
    start,
    answers: [line],
    before: [typesAndIsAnswered('x')],
    does: [runs('workbench.action.files.revert')],
    leaves: '{\n    \n',
    expected: ['shown read ignored:typedPast'],
  },
];
