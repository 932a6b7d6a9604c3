import { advance, type Match } from './align.ts';
import { distribution, type Next } from './distribution.ts';
import { findMatches, fullReach, quickReach, type Source } from './lookup.ts';
import type { Indentation } from './tokenize.ts';
import { indentDeltaOf, isLineBreak, kinds, type Vocabulary } from './vocabulary.ts';

/** Where to go on from. */
export interface Place {
  /** Tokens before the cursor (the last few hundred are enough), without the partial word. */
  readonly context: readonly number[];
  /** The word or string under the cursor as far as it is typed; empty: none. */
  readonly partial: string;
  /** White space stands right before the cursor. */
  readonly afterSpace: boolean;
  /** Nothing but white space stands before the cursor on its line. */
  readonly lineStart: boolean;
  /** Columns the cursor's line is indented by. */
  readonly column: number;
  readonly indentation: Indentation;
  readonly newline: string;
  /** Ids of the tokens after the cursor on its line, and on the next line that has any. */
  readonly restOfLine: readonly number[];
  readonly nextLine: readonly number[];
  /** Columns the next line with code is indented by. */
  readonly nextColumn: number;
  /** Names near the cursor with a share of 1 each, as tokens: P_0 of the model. */
  readonly prior: ReadonlyMap<number, number>;
  readonly maxLines: number;
}

/** A continuation. `probability` is the product over its tokens, not calibrated. */
export interface Path {
  readonly text: string;
  readonly probability: number;
  readonly tokens: number;
  /** Probability of the last token alone. */
  readonly last: number;
  /** The least likely token. */
  readonly least: number;
  /** Tokens of context that agree with the best place that says all of this, as they are, and after renaming. */
  readonly exact: number;
  readonly soft: number;
  /** Places that say all of this, by weight. */
  readonly support: number;
  /** Names that best place had to be given. */
  readonly renamed: number;
  /** Characters of the partial word that was there. */
  readonly typed: number;
  /** It begins a line. */
  readonly lineStart: boolean;
  /** Brackets it opens and leaves open. */
  readonly open: number;
  /** Probability that the line ends here, as far as it was looked at. */
  lineEnd: number;
}

export const beamTuning = {
  width: 4,
  /** Tokens tried first, and after each token. */
  first: 6,
  branches: 2,
  /** A token less likely than this ends the path. */
  leastToken: 0.2,
  /** A path less likely than this isn't followed. */
  leastPath: 0.04,
  maxTokens: 64,
  /** Fewer agreeing places than this: look again with the longer context. */
  fewMatches: 5,
};

interface Hypothesis {
  readonly generated: readonly number[];
  readonly matches: readonly Match[];
  readonly probability: number;
  readonly text: string;
  readonly column: number;
  readonly lines: number;
  readonly depth: number;
  readonly least: number;
  readonly path: Path | null;
}

const openers = new Set(['(', '[', '{', '${', '#{']);
const closers = new Set([')', ']', '}']);

/** Follows the likeliest continuations; every token boundary on the way is a path. */
export function beamSearch(place: Place, sources: readonly Source[], vocabulary: Vocabulary): Path[] {
  const { overlay, coin } = overlayOf(vocabulary);
  const paths: Path[] = [];
  const tail = place.context.slice(-64);
  const matches = findMatches(sources, tail, overlay, fullReach);
  let live: Hypothesis[] = [
    {
      generated: [],
      matches,
      probability: 1,
      text: '',
      column: place.column,
      lines: 0,
      depth: 0,
      least: 1,
      path: null,
    },
  ];
  for (let step = 0; step < beamTuning.maxTokens && live.length > 0; step++) {
    const grown: Hypothesis[] = [];
    for (const hypothesis of live) {
      for (const next of nextTokens(place, hypothesis, sources, overlay, coin, tail)) {
        const probability = hypothesis.probability * next.probability;
        if (probability < beamTuning.leastPath) break;
        if (isLineBreak(next.token >>> 1) && hypothesis.path) hypothesis.path.lineEnd = next.probability;
        const child = extend(place, hypothesis, next, probability, overlay);
        if (child === null) continue;
        const offerable =
          !isLineBreak(next.token >>> 1) && child.text.trim() !== '' && !repeatsNextLine(place, child, overlay);
        const path = offerable ? pathOf(place, child, next) : null;
        if (path) paths.push(path);
        grown.push({ ...child, path });
      }
    }
    grown.sort((a, b) => b.probability - a.probability);
    live = grown.slice(0, beamTuning.width);
  }
  return paths;
}

function pathOf(place: Place, hypothesis: Hypothesis, next: Next): Path {
  const { text, probability, least, generated } = hypothesis;
  let exact = 0;
  let soft = 0;
  let support = 0;
  let renamed = 0;
  for (const match of next.matches) {
    support += match.weight;
    exact = Math.max(exact, match.exact + 1 - generated.length);
    if (match.soft + 1 - generated.length > soft) {
      soft = match.soft + 1 - generated.length;
      renamed = match.from.length;
    }
  }
  return {
    text,
    probability,
    tokens: generated.length,
    last: next.probability,
    least,
    exact,
    soft,
    support,
    renamed,
    typed: place.partial.length,
    lineStart: place.lineStart,
    open: Math.max(0, hypothesis.depth),
    lineEnd: 0,
  };
}

function nextTokens(
  place: Place,
  hypothesis: Hypothesis,
  sources: readonly Source[],
  vocabulary: Vocabulary,
  coin: (name: string) => number,
  tail: readonly number[],
): Next[] {
  const first = hypothesis.generated.length === 0;
  let { matches } = hypothesis;
  if (!first && matches.length < beamTuning.fewMatches) {
    const known = new Set(matches.map((match) => match.position));
    const context = [...tail, ...hypothesis.generated].slice(-64);
    const more = findMatches(sources, context, vocabulary, quickReach).filter((match) => !known.has(match.position));
    matches = [...matches, ...more];
  }
  const { partial } = place;
  const accept =
    first && partial !== ''
      ? (id: number) => vocabulary.text(id).startsWith(partial)
      : first && place.afterSpace && !place.lineStart
        ? (id: number) => !isLineBreak(id)
        : null;
  const prior = first && partial !== '' ? namesThatFit(place, vocabulary) : noNames;
  const found = distribution(matches, vocabulary, coin, prior, accept);
  const kept: Next[] = [];
  for (const next of found) {
    const id = next.token >>> 1;
    if (vocabulary.kind(id) === kinds.unknown || (vocabulary.text(id) === '' && !isLineBreak(id))) continue;
    if (next.probability < (first ? beamTuning.leastPath : beamTuning.leastToken)) break;
    kept.push(next);
    if (kept.length >= (first ? beamTuning.first : beamTuning.branches)) break;
  }
  return kept;
}

const noNames: ReadonlyMap<number, number> = new Map();

/** Names near the cursor that begin as the partial word does. The more is typed, the less likely it is a new name. */
function namesThatFit(place: Place, vocabulary: Vocabulary): ReadonlyMap<number, number> {
  const fitting = [...place.prior].filter(([token]) => vocabulary.text(token >>> 1).startsWith(place.partial));
  const unseen = 0.03 / place.partial.length ** 2;
  const sum = fitting.reduce((total, [, share]) => total + share, unseen);
  return new Map(fitting.map(([token, share]) => [token, share / sum]));
}

/** The hypothesis with one more token; null: it ends before it. */
function extend(
  place: Place,
  parent: Hypothesis,
  next: Next,
  probability: number,
  vocabulary: Vocabulary,
): Hypothesis | null {
  const id = next.token >>> 1;
  const first = parent.generated.length === 0;
  const matches = next.matches.map(advance);
  const least = Math.min(parent.least, next.probability);
  const generated = [...parent.generated, next.token];
  if (isLineBreak(id)) {
    // Text after the cursor stays on its line; a blank line or the end of the block ends the offer.
    if (place.restOfLine.length > 0 || next.token & 1 || parent.lines + 1 >= place.maxLines) return null;
    const column = parent.column + indentDeltaOf(id) * place.indentation.unit;
    if (column < place.column || column < 0) return null;
    if (parent.lines > 0 && repeatsNextLine(place, parent, vocabulary)) return null;
    const text = parent.text + place.newline + indentText(column, place.indentation);
    return { ...parent, generated, matches, probability, least, text, column, lines: parent.lines + 1 };
  }
  const word = vocabulary.text(id);
  if (parent.depth <= 0 && id === place.restOfLine[0] && (generated.length > 1 || place.partial === '')) return null;
  const depth = parent.depth + (openers.has(word) ? 1 : closers.has(word) ? -1 : 0);
  // It closes what the text after the cursor closes.
  if (depth < 0 && parent.lines > 0 && place.nextLine[0] === id && parent.column <= place.nextColumn) return null;
  let text = parent.text;
  if (first && place.partial !== '') text += word.slice(place.partial.length);
  else {
    const startsLine = first ? place.lineStart || place.afterSpace : isLineBreak(parent.generated.at(-1)! >>> 1);
    text += (next.token & 1 && !startsLine ? ' ' : '') + word;
  }
  return { ...parent, generated, matches, probability, least, text, depth };
}

/** The line the hypothesis ends with is the one that comes next anyway. */
function repeatsNextLine(place: Place, hypothesis: Hypothesis, vocabulary: Vocabulary): boolean {
  const { nextLine } = place;
  if (nextLine.length === 0) return false;
  const { generated } = hypothesis;
  let start = generated.length;
  while (start > 0 && !isLineBreak(generated[start - 1]! >>> 1)) start--;
  // The first line counts when nothing of it was typed.
  if (start === 0 && (!place.lineStart || place.partial !== '')) return false;
  const line = generated.slice(start).map((token) => token >>> 1);
  if (line.length !== nextLine.length || !line.every((id, i) => id === nextLine[i])) return false;
  return line.length > 1 || !closers.has(vocabulary.text(line[0]!)) || hypothesis.column <= place.nextColumn;
}

/** White space for `column`, in the file's own units. */
export function indentText(column: number, indentation: Indentation): string {
  if (indentation.text === '\t') return '\t'.repeat(Math.max(0, Math.round(column / indentation.unit)));
  return ' '.repeat(Math.max(0, column));
}

/** Room for names made by renaming: known to this search only. */
function overlayOf(vocabulary: Vocabulary): { overlay: Vocabulary; coin: (name: string) => number } {
  const made: string[] = [];
  const base = 0x3000_0000;
  const ids = new Map<string, number>();
  const overlay: Vocabulary = {
    ...vocabulary,
    intern: vocabulary.intern,
    text: (id) => (id >= base ? made[id - base]! : vocabulary.text(id)),
    kind: (id) => (id >= base ? kinds.name : vocabulary.kind(id)),
    full: vocabulary.full,
    size: vocabulary.size,
    bytes: vocabulary.bytes,
  };
  return {
    overlay,
    coin(name) {
      const known = vocabulary.find(name) ?? ids.get(name);
      if (known !== undefined) return known;
      made.push(name);
      ids.set(name, base + made.length - 1);
      return base + made.length - 1;
    },
  };
}
