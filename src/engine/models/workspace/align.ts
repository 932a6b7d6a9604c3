import type { Arena } from './arena.ts';
import { applyRules, ruleBetween, type WordRule } from './rename.ts';
import { fileStart, isLineBreak, kinds, type Vocabulary } from './vocabulary.ts';

/** A place in the corpus that reads like the place before the cursor, and how its names map to ours. */
export interface Match {
  readonly arena: Arena;
  /** Where the next token stands. */
  readonly position: number;
  /** First position after its file. */
  readonly limit: number;
  /** How much it counts. */
  readonly weight: number;
  /** Tokens that agree as they are, going back. */
  readonly exact: number;
  /** Tokens that agree with names and literals carried over. */
  readonly soft: number;
  /** Bound names there, and here. */
  readonly from: readonly number[];
  readonly to: readonly number[];
  /** Word rules that follow from the bound names; worked out when first needed, shared along the match's way on. */
  readonly rules: { list: readonly WordRule[] | null };
}

/** Farthest a comparison goes back. */
const farthest = 48;
const mostRenames = 6;
const noRules = { list: [] as readonly WordRule[] };
const none: readonly number[] = [];

/** Compares what precedes `position` with the end of `context`, both backwards. */
export function align(
  place: {
    readonly arena: Arena;
    readonly position: number;
    readonly start: number;
    readonly limit: number;
    readonly weight: number;
  },
  context: ArrayLike<number>,
  vocabulary: Vocabulary,
): Match {
  const { arena, position, start } = place;
  let exact = 0;
  let soft = 0;
  let from: number[] | null = null;
  let to: number[] | null = null;
  let straight = true;
  for (let i = position - 1, j = context.length - 1; i >= start && j >= 0 && position - i <= farthest; i--, j--) {
    const there = arena.at(i) >>> 1;
    const here = context[j]! >>> 1;
    if (there === here) {
      if (from?.includes(there)) break;
      if (straight) exact++;
      soft++;
      continue;
    }
    if (there === fileStart || here === fileStart || isLineBreak(there) || isLineBreak(here)) break;
    straight = false;
    const kind = vocabulary.kind(there);
    const kindHere = vocabulary.kind(here);
    if (kind !== kindHere) break;
    if (kind === kinds.name) {
      if (from === null || to === null) {
        from = [];
        to = [];
      }
      const bound = from.indexOf(there);
      if (bound >= 0) {
        if (to[bound] !== here) break;
        soft++;
        continue;
      }
      if (to.includes(here) || from.length >= mostRenames) break;
      from.push(there);
      to.push(here);
      soft += 0.5;
    } else if (kind === kinds.string || kind === kinds.number) soft += 0.5;
    else break;
  }
  const rules = from === null ? noRules : { list: null };
  return { ...place, exact, soft, from: from ?? none, to: to ?? none, rules };
}

function rulesOf(from: readonly number[], to: readonly number[], vocabulary: Vocabulary): readonly WordRule[] {
  const rules: WordRule[] = [];
  for (const [i, id] of from.entries()) {
    const rule = ruleBetween(vocabulary.text(id), vocabulary.text(to[i]!));
    if (rule && !rules.some((known) => known.from.join() === rule.from.join())) rules.push(rule);
  }
  return rules;
}

/** The token that comes next there, in our names; −1: its file ends. `coin` gives an id to a name never seen. */
export function nextToken(match: Match, vocabulary: Vocabulary, coin: (name: string) => number): number {
  if (match.position >= match.limit) return -1;
  const token = match.arena.at(match.position);
  if (match.from.length === 0) return token;
  const id = token >>> 1;
  const kind = vocabulary.kind(id);
  if (kind !== kinds.name && kind !== kinds.string) return token;
  const bound = match.from.indexOf(id);
  if (bound >= 0) return (match.to[bound]! << 1) | (token & 1);
  match.rules.list ??= rulesOf(match.from, match.to, vocabulary);
  if (match.rules.list.length === 0) return token;
  const renamed = applyRules(vocabulary.text(id), match.rules.list);
  return renamed === null ? token : (coin(renamed) << 1) | (token & 1);
}

/** The match after its next token was taken. */
export function advance(match: Match): Match {
  return { ...match, position: match.position + 1, exact: match.exact + 1, soft: match.soft + 1 };
}
