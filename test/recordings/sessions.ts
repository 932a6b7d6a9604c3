/** The sessions that are committed beside this file: one for every way a suggestion can go. */
import type { Recording } from '../../src/protocol/recording.ts';
import { Author } from './author.ts';

const sum = 'export function sum(a: number, b: number): number {\n  return ▮\n}\n';
/** Long enough for everything that is told later. */
const laterMs = 130_000;

export const sessions: Readonly<Record<string, () => Recording>> = {
  'tab-takes-it': () => {
    const by = new Author('src/sum.ts', sum);
    const offered = by.wait(300).offer(['a + b;']);
    return by.wait(900).tab(offered, 'a + b;').wait(laterMs).recording;
  },
  'second-candidate': () => {
    const by = new Author('src/sum.ts', sum);
    const offered = by.wait(300).offer(['a - b;', 'a + b;']);
    return by.wait(1500).tab(offered, 'a + b;', 1).wait(laterMs).recording;
  },
  'typed-along-then-tab': () => {
    const by = new Author('src/sum.ts', sum);
    const offered = by.wait(300).offer(['a + b;']);
    return by.wait(400).type('a +').wait(600).tab(offered, ' b;').wait(laterMs).recording;
  },
  'typed-out-by-hand': () => {
    const by = new Author('src/sum.ts', sum);
    by.wait(300).offer(['a + b;']);
    return by.wait(200).type('a + b;').wait(laterMs).recording;
  },
  'word-by-word': () => {
    const by = new Author('src/greet.ts', 'const name = user.name;\n▮\n');
    const offered = by.wait(300).offer(['console.log(name);']);
    by.wait(800).insert('console').wait(500).insert('.log').wait(500);
    return by.tab(offered, '(name);').wait(laterMs).recording;
  },
  'one-word-then-other-things': () => {
    const by = new Author('src/greet.ts', 'const name = user.name;\n▮\n');
    by.wait(300).offer(['console.log(name);']);
    return by.wait(800).insert('console').wait(700).type('.warn(').wait(laterMs).recording;
  },
  'escape-rejects': () => {
    const by = new Author('src/sum.ts', sum);
    by.wait(300).offer(['a - b;']);
    return by.wait(700).escape().type('a + b;').wait(laterMs).recording;
  },
  'typed-past': () => {
    const by = new Author('src/sum.ts', sum);
    by.wait(300).offer(['a - b;']);
    return by.wait(250).type('a + b;').wait(laterMs).recording;
  },
  'too-fast-to-be-seen': () => {
    const by = new Author('src/sum.ts', '▮\n');
    by.wait(300).offer(['export const a = 1;']);
    by.wait(50).type('import');
    by.offer([' { b } from "./b.js";']);
    return by.wait(60).late().type(' x').wait(laterMs).recording;
  },
  'backspace-into-the-code-before': () => {
    const by = new Author('src/sum.ts', sum);
    by.wait(300).offer(['a - b;']);
    return by.wait(900).backspace(3).wait(laterMs).recording;
  },
  'typed-along-and-back-again': () => {
    const by = new Author('src/sum.ts', sum);
    const offered = by.wait(300).offer(['a + b;']);
    return by.wait(400).type('a +').backspace(2).wait(600).tab(offered, ' + b;').wait(laterMs).recording;
  },
  'moved-to-another-line': () => {
    const by = new Author('src/sum.ts', sum);
    by.wait(300).offer(['a + b;']);
    return by.wait(900).moveTo(0).wait(laterMs).recording;
  },
  'text-selected': () => {
    const by = new Author('src/sum.ts', sum);
    by.wait(300).offer(['a + b;']);
    return by.wait(900).select().wait(laterMs).recording;
  },
  'another-file-gets-the-focus': () => {
    const by = new Author('src/sum.ts', sum);
    by.wait(300).offer(['a + b;']);
    return by.wait(900).goTo('src/other.ts', 'export {};▮\n').wait(laterMs).recording;
  },
  'window-left': () => {
    const by = new Author('src/sum.ts', sum);
    by.wait(300).offer(['a + b;']);
    return by.wait(60).leave().wait(laterMs).recording;
  },
  'file-closed': () => {
    const by = new Author('src/sum.ts', sum);
    by.wait(300).offer(['a + b;']);
    return by.wait(400).close().wait(laterMs).recording;
  },
  'nothing-happens': () => {
    const by = new Author('src/sum.ts', sum);
    by.wait(300).offer(['a + b;']);
    return by.wait(laterMs).moveTo(0).wait(laterMs).recording;
  },
  'newer-offer-supersedes': () => {
    const by = new Author('src/sum.ts', sum);
    by.wait(300).offer(['a - b;']);
    by.wait(500);
    const offered = by.offer(['a + b;']);
    return by.wait(500).tab(offered, 'a + b;').wait(laterMs).recording;
  },
  'undone-at-once': () => {
    const by = new Author('src/sum.ts', sum);
    const offered = by.wait(300).offer(['a - b;']);
    return by.wait(700).tab(offered, 'a - b;').wait(2000).undo('a - b;').wait(laterMs).recording;
  },
  'undone-late': () => {
    const by = new Author('src/sum.ts', sum);
    const offered = by.wait(300).offer(['a - b;']);
    return by.wait(700).tab(offered, 'a - b;').wait(40_000).undo('a - b;').wait(laterMs).recording;
  },
  'corrected-afterwards': () => {
    const by = new Author('src/sum.ts', sum);
    const offered = by.wait(300).offer(['a - b;']);
    by.wait(700).tab(offered, 'a - b;').wait(3000);
    return by.moveBehind('a -').backspace().type('+').wait(laterMs).recording;
  },
  'formatter-rewrites-the-file': () => {
    const by = new Author('src/sum.ts', 'export function sum(a,b) {\nreturn ▮\n}\n');
    const offered = by.wait(300).offer(['a+b']);
    by.wait(700).tab(offered, 'a+b').wait(5000);
    return by.format('export function sum(a, b) {\n  return a + b;\n}\n').wait(laterMs).recording;
  },
  'file-renamed': () => {
    const by = new Author('src/sum.ts', sum);
    const offered = by.wait(300).offer(['a + b;']);
    by.wait(700).tab(offered, 'a + b;').wait(10_000);
    return by.rename('src/math/sum.ts').wait(1000).type('\n').wait(laterMs).recording;
  },
  'closed-before-it-is-looked-at': () => {
    const by = new Author('src/sum.ts', sum);
    const offered = by.wait(300).offer(['a + b;']);
    return by.wait(700).tab(offered, 'a + b;').wait(10_000).close().wait(laterMs).recording;
  },
  'paste-equal-to-the-offer': () => {
    const by = new Author('src/sum.ts', sum);
    by.wait(300).offer(['a + b;']);
    return by.wait(900).insert('a + b;').wait(laterMs).recording;
  },
  'bracket-closed-by-the-editor': () => {
    const by = new Author('src/log.ts', 'console.log▮\n');
    const offered = by.wait(300).offer(['(name);']);
    by.wait(300).typePair('()').wait(500);
    // The rest takes the place of the bracket that the editor put in.
    return by.insert('name);', 1).wait(4).command(offered).wait(laterMs).recording;
  },
  'suggest-widget-takes-a-word': () => {
    const by = new Author('src/log.ts', 'con▮\n');
    by.wait(300).widget('console');
    by.offer(['console.log(name);'], { before: 3 });
    return by.wait(400).insert('sole').wait(20).widget(null).type('.warn').wait(laterMs).recording;
  },
  'edits-above-move-what-was-kept': () => {
    const by = new Author('src/sum.ts', sum);
    const offered = by.wait(300).offer(['a + b;']);
    by.wait(700).tab(offered, 'a + b;').wait(3000).moveTo(0);
    return by.type('// Adds.\n').wait(2000).moveBehind('a +').type(' +').wait(laterMs).recording;
  },
};
