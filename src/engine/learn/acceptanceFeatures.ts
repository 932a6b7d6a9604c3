/** What the gate looks at: one table, from which training and serving compute the same numbers. */
import { type Background, backgroundOf } from './background.ts';
import { begunWord, type Decision, linePrefixOf, type Past, squash } from './decisions.ts';
import { logit, type Prior } from './logistic.ts';

/** Raise with every change of the table. */
export const featureVersion = 1;

interface View {
  readonly decision: Decision;
  readonly background: Background;
  /** The line up to the cursor, the begun word at its end, and the whole first line of the text. */
  readonly line: string;
  readonly begun: string;
  readonly whole: string;
}

interface Feature {
  readonly name: string;
  /** Mean and standard deviation of its weight before anything was learnt. */
  readonly mean: number;
  readonly deviation: number;
  readonly of: (view: View) => number;
}

const feature = (name: string, of: Feature['of'], mean = 0, deviation = 0.7): Feature => ({
  name,
  of,
  mean,
  deviation,
});

/** For models that don't tell how sure they are. */
const unknownProbability = 0.5;
/**
 * Probabilities are right at places taken at random, but typing selects: what is easy is taken with the first key, what is hard is
 * asked for with every key. Fitted on 2 900 offers in five bodies of source.
 */
const selection = { memory: -0.15, workspace: -0.4 };
const minuteMs = 60_000;
const script = new Set(['typescript', 'javascript', 'typescriptreact', 'javascriptreact']);
const prose = new Set(['markdown', 'plaintext', 'html', 'css', 'json', 'jsonc', 'yaml', 'xml']);

const yes = (is: boolean): number => (is ? 1 : 0);
const wordsIn = (text: string): readonly string[] => text.match(/[\p{L}_$][\p{L}\p{N}_$]+/gu) ?? [];
const tokensIn = (text: string): readonly string[] => text.match(/[\p{L}_$][\p{L}\p{N}_$]*|\S/gu) ?? [];
const share = (all: readonly string[], has: (one: string) => boolean): number =>
  all.length === 0 ? 0 : all.filter(has).length / all.length;

/** All weights but that of the model's own probability start at 0, or where typing selects. */
const table: readonly Feature[] = [
  feature('bias', () => 1, 0, 1),
  feature('model’s logit', ({ decision }) => logit(decision.probability ?? unknownProbability), 1, 0.5),
  feature('from memory', ({ decision }) => yes(decision.model === 'memory'), selection.memory),
  feature('from workspace', ({ decision }) => yes(decision.model === 'workspace'), selection.workspace),
  feature('rival', ({ decision }) => decision.rival),

  feature('ink', ({ decision }) => Math.log((1 + squash(decision.text).length) / 9)),
  feature('several lines', ({ decision }) => yes(decision.text.includes('\n'))),
  feature('ends open', ({ decision }) => yes(/[([{]\s*$/.test(decision.text))),
  feature('ends closed', ({ decision }) => yes(/[;)\]}]\s*$/.test(decision.text))),
  feature('ends with a comma', ({ decision }) => yes(/,\s*$/.test(decision.text))),
  feature('new words', ({ decision, begun }) =>
    share(wordsIn(begun + decision.text), (word) => !decision.prefix.includes(word)),
  ),
  feature('new first word', ({ decision, begun }) => {
    const first = /^[\p{L}_$][\p{L}\p{N}_$]+/u.exec((begun + decision.text).trimStart())?.[0];
    return yes(first !== undefined && !decision.prefix.includes(first));
  }),
  feature('repeats a line', ({ decision, whole }) => yes(decision.prefix.includes(`\n${whole}\n`))),
  feature('like the line above', ({ decision, line, whole }) => {
    const above = decision.prefix.slice(0, decision.prefix.length - line.length).trimEnd();
    const theirs = new Set(tokensIn(linePrefixOf(above)));
    return share(tokensIn(whole), (token) => theirs.has(token));
  }),

  feature('after a word', ({ begun }) => yes(begun !== '')),
  feature('begun word', ({ begun }) => Math.log1p(begun.length)),
  feature('after an opener', ({ line }) => yes(/[([{<"'`]$/.test(line))),
  feature('at the line’s beginning', ({ line }) => yes(line.trim() === '')),
  feature('typed on the line', ({ line }) => Math.log1p(line.trim().length) - 2),
  feature('line number', ({ decision }) => Math.log1p(decision.line) - 3),
  feature('script', ({ decision }) => yes(script.has(decision.languageId))),
  feature('prose', ({ decision }) => yes(prose.has(decision.languageId))),

  feature('turned down on this line', ({ background }) => Math.log1p(background.onThisLine)),
  feature('turned down in a row', ({ background }) => Math.log1p(background.streak)),
  feature('last one, if just now', ({ background: { last }, decision }) =>
    last === null || decision.at - last.at > minuteMs ? 0 : last.taken ? 1 : -1,
  ),
  feature('at such places', ({ background }) => background.place),
  feature('with this text', ({ background }) => background.text),
  feature('in such lines', ({ background }) => background.line),
];

export const featureNames: readonly string[] = table.map(({ name }) => name);
export const prior: Prior = {
  mean: table.map(({ mean }) => mean),
  precision: table.map(({ deviation }) => deviation ** -2),
};

/** `past`: earlier offers, oldest first. */
export function featuresOf(decision: Decision, past: readonly Past[]): Float64Array {
  const line = linePrefixOf(decision.prefix);
  const view: View = {
    decision,
    background: backgroundOf(decision, past),
    line,
    begun: begunWord(line),
    whole: (line + decision.text).split('\n', 1)[0]!,
  };
  return Float64Array.from(table, ({ of }) => of(view));
}
