/** Sessions in which the suggestion, or a part of it, is taken. */
import type { Session } from './session.ts';
import { asks, holds, press, redo, runs, sees, told, types, undo } from './steps.ts';

/** A method that lacks its body. */
export const start = `class Basket {
  int total(Order order) {
    ▮
  }
}
`;
export const line = 'return order.price * order.count;';
const two = 'int sum = order.price;\n    return sum * order.count;';

export const taking: readonly Session[] = [
  {
    name: 'Tab at once',
    start,
    answers: [line],
    does: [press('Tab')],
    leaves: `    ${line}\n`,
    expected: ['shown read accepted'],
  },
  {
    name: 'Tab on several lines',
    start,
    answers: [two],
    does: [press('Tab')],
    leaves: `    ${two}\n`,
    expected: ['shown read accepted'],
  },
  {
    name: 'typed along a little, then Tab',
    start,
    answers: [line],
    does: [types('return '), sees(line.slice(7)), press('Tab')],
    leaves: `    ${line}\n`,
    expected: ['shown read accepted'],
  },
  {
    name: 'word, then Tab',
    start,
    answers: [line],
    does: [press('Control+ArrowRight'), holds('    return'), press('Tab')],
    leaves: `    ${line}\n`,
    expected: ['shown read partlyAccepted:return accepted'],
  },
  {
    name: 'Tab, then undo',
    start,
    answers: [line],
    does: [press('Tab'), holds(line), undo],
    leaves: '    \n',
    expected: ['shown read accepted reverted'],
  },
];
void [asks, redo, runs, told];
