/**
 * The features of reward model and selector: one table, from which training and serving compute the same numbers, and from
 * which README.md beside this file is written. Values are of the order of 1, so that one prior precision fits a block.
 */
import { type Background, backgroundOf } from '../background.ts';
import { begunWord, linePrefixOf, type Past } from '../decisions.ts';
import { logit } from '../logistic.ts';
import { type Measures, measure } from './measures.ts';
import type { Offerable } from './offerable.ts';

/** Raise with every change of the table, of the embedding, or of anything they are computed with. */
export const featureVersion = 1;

/** Features of one block share a prior precision. `edit`, the embedding, comes after those of the table. */
export type BlockName = 'bias' | 'source' | 'size' | 'shape' | 'place' | 'history';

interface View {
  readonly offer: Offerable;
  readonly past: readonly Past[];
  readonly background: Background;
  readonly before: Measures;
  readonly after: Measures;
  /** The line up to the cursor, the begun word at its end, and the whole first line of the text. */
  readonly line: string;
  readonly begun: string;
  readonly whole: string;
}

export interface Feature {
  readonly name: string;
  readonly block: BlockName;
  /** For a person: what a high value says. */
  readonly meaning: string;
  readonly of: (view: View) => number;
}

const yes = (is: boolean): number => (is ? 1 : 0);
const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;
const script = new Set(['typescript', 'javascript', 'typescriptreact', 'javascriptreact']);
const prose = new Set(['markdown', 'plaintext', 'html', 'css', 'json', 'jsonc', 'yaml', 'xml']);
const wordsIn = (text: string): readonly string[] => text.match(/[\p{L}_$][\p{L}\p{N}_$]+/gu) ?? [];
const tokensIn = (text: string): readonly string[] => text.match(/[\p{L}_$][\p{L}\p{N}_$]*|\S/gu) ?? [];
const share = (all: readonly string[], has: (one: string) => boolean): number =>
  all.length === 0 ? 0 : all.filter(has).length / all.length;
const ratio = (after: number, before: number): number => Math.log((after + 1) / (before + 1));
const fromServer = (model: string): boolean => model !== '' && model !== 'memory' && model !== 'workspace';

/** The last ten that were decided, drawn to a half where there are fewer. */
function happiness(past: readonly Past[], { id }: Offerable): number {
  const known = past.filter((one) => one.fate !== 'open' && one.fate !== 'void' && (id === null || one.toldBy < id));
  const last = known.slice(-10);
  return last.reduce((sum, { fate }) => sum + (fate === 'taken' ? 0.5 : -0.5), 0) / 10;
}

const features = (block: BlockName, rows: readonly (readonly [string, string, Feature['of']])[]): readonly Feature[] =>
  rows.map(([name, meaning, of]) => ({ name, block, meaning, of }));

export const table: readonly Feature[] = [
  ...features('bias', [['bias', 'always 1: how much is liked on the whole', () => 1]]),

  ...features('source', [
    ['from memory', '1: the text was kept here before', ({ offer }) => yes(offer.model === 'memory')],
    ['from workspace', '1: the model of this workspace wrote it', ({ offer }) => yes(offer.model === 'workspace')],
    [
      'from a server',
      '1: a language model behind a server or VS Code wrote it',
      ({ offer }) => yes(fromServer(offer.model)),
    ],
    [
      'model’s logit',
      'log odds of the text by the model itself, halved; 0: it gave none',
      ({ offer }) => (offer.probability === null ? 0 : logit(offer.probability) / 2),
    ],
    ['sure of nothing', '1: the model gave no probability', ({ offer }) => yes(offer.probability === null)],
    ['rival', 'probability of the likeliest other candidate', ({ offer }) => offer.rival],
  ]),

  ...features('size', [
    [
      'ink',
      'log of the characters that aren’t white space, from 20 on',
      ({ after }) => Math.log((1 + after.characters) / 20) / 2,
    ],
    ['lines', 'log of the number of lines', ({ after }) => Math.log(Math.max(1, after.lines)) / 2],
    [
      'longer',
      'log of how many times longer than what it replaces',
      ({ offer, before, after }) => (offer.before === '' ? 0 : ratio(after.characters, before.characters)),
    ],
    [
      'more lines',
      'log of how many times more lines than what it replaces',
      ({ offer, before, after }) => (offer.before === '' ? 0 : ratio(after.lines, before.lines)),
    ],
    [
      'kept lines',
      'share of the replaced lines that stand in it unchanged',
      ({ offer }) => keptLines(offer.before, offer.text),
    ],
  ]),

  ...features('shape', [
    [
      'comments',
      'more of its lines are comments than before',
      ({ before, after }) => 3 * (after.comments - before.comments),
    ],
    ['exits', 'more returns, throws, breaks than before', ({ before, after }) => ratio(after.exits, before.exits)],
    ['depth', 'deeper nesting than before', ({ before, after }) => after.depth - before.depth],
    [
      'wide lines',
      'log of the longest line against that before',
      ({ before, after }) => (before.lines === 0 ? 0 : ratio(after.width, before.width)),
    ],
    [
      'underscores',
      'more of the names are joined by underscores than before',
      ({ before, after }) => after.underscores - before.underscores,
    ],
    ['ends open', '1: it ends with an opening bracket', ({ offer }) => yes(/[([{]\s*$/.test(offer.text))],
    [
      'ends closed',
      '1: it ends with a closing bracket or a semicolon',
      ({ offer }) => yes(/[;)\]}]\s*$/.test(offer.text)),
    ],
    [
      'new words',
      'share of its words that stand neither above nor in what it replaces',
      ({ offer, begun }) =>
        share(wordsIn(begun + offer.text), (word) => !offer.prefix.includes(word) && !offer.before.includes(word)),
    ],
    [
      'repeats a line',
      '1: the line, once complete, stands above already',
      ({ offer, whole }) => yes(offer.prefix.includes(`\n${whole}\n`)),
    ],
    ['like the line above', 'share of the tokens of the line that the line above has too', likeTheLineAbove],
  ]),

  ...features('place', [
    ['asked for', '1: an edit that was asked for', ({ offer }) => yes(offer.kind === 'edit')],
    ['next edit', '1: a change that repeats another', ({ offer }) => yes(offer.kind === 'nextEdit')],
    ['after a word', '1: right after a begun word', ({ begun }) => yes(begun !== '')],
    ['begun word', 'log of the characters of the begun word', ({ begun }) => Math.log1p(begun.length) / 2],
    ['after an opener', '1: right after a bracket or a quote', ({ line }) => yes(/[([{<"'`]$/.test(line))],
    ['at the line’s beginning', '1: nothing but white space before the cursor', ({ line }) => yes(line.trim() === '')],
    [
      'typed on the line',
      'log of the characters before the cursor',
      ({ line }) => Math.log1p(line.trim().length) / 2 - 1,
    ],
    [
      'white space follows',
      '1: nothing after the cursor on the line',
      ({ offer }) => yes(/^[^\S\n]*(?:\n|$)/.test(offer.suffix)),
    ],
    ['line number', 'log of the line', ({ offer }) => Math.log1p(offer.line) / 2 - 2],
    ['script', '1: TypeScript or JavaScript', ({ offer }) => yes(script.has(offer.languageId))],
    ['prose', '1: text, markup or data', ({ offer }) => yes(prose.has(offer.languageId))],
    [
      'test file',
      '1: the path names a test',
      ({ offer }) => yes(/(?:^|[/._-])(?:tests?|spec|__tests__)(?:[/._-]|$)/i.test(offer.file)),
    ],
    [
      'instruction',
      'log of the words of the instruction',
      ({ offer }) => Math.log1p(wordsIn(offer.instruction).length) / 3,
    ],
  ]),

  ...features('history', [
    [
      'since the last',
      'log of the seconds since the decision before, up to a day',
      ({ offer, background: { last } }) =>
        last === null
          ? 1
          : Math.log1p(Math.min(dayMs, Math.max(0, offer.at - last.at)) / 1000) / Math.log1p(dayMs / 1000),
    ],
    [
      'last one, if just now',
      '1 taken, −1 turned down, in the minute before',
      ({ offer, background: { last } }) => (last === null || offer.at - last.at > minuteMs ? 0 : last.taken ? 1 : -1),
    ],
    ['taken lately', 'share taken of the last ten, from −½ to ½', ({ past, offer }) => happiness(past, offer)],
    ['turned down on this line', 'log of how many were', ({ background }) => Math.log1p(background.onThisLine)],
    [
      'turned down in a row',
      'log of how many were since the last one taken',
      ({ background }) => Math.log1p(background.streak) / 2,
    ],
    [
      'at such places',
      'log odds above the usual of being taken after such a token',
      ({ background }) => background.place,
    ],
    ['with this text', 'log odds above the usual of this very text', ({ background }) => background.text],
    ['in such lines', 'log odds above the usual in lines that begin so', ({ background }) => background.line],
    [
      'similarity',
      'cosine of the nearest example in the prompt; 0: none',
      ({ offer }) => Math.max(0, offer.similarity ?? 0),
    ],
  ]),
];

function keptLines(before: string, after: string): number {
  const lines = before.split('\n').filter((line) => line.trim() !== '');
  const there = new Set(after.split('\n'));
  return share(lines, (line) => there.has(line));
}

function likeTheLineAbove({ offer, line, whole }: View): number {
  const above = offer.prefix.slice(0, offer.prefix.length - line.length).trimEnd();
  const theirs = new Set(tokensIn(linePrefixOf(above)));
  return share(tokensIn(whole), (token) => theirs.has(token));
}

/** `past`: earlier offers, oldest first. `before`: the measures of what is replaced, the same for all candidates of a place. */
export function viewOf(offer: Offerable, past: readonly Past[], before: Measures): View {
  const line = linePrefixOf(offer.prefix);
  return {
    offer,
    past,
    background: backgroundOf(offer, past),
    before,
    after: measure(offer.text),
    line,
    begun: begunWord(line),
    whole: (line + offer.text).split('\n', 1)[0]!,
  };
}
