/** What earlier offers say about a decision. */
import { type Decision, lineKeyOf, linePrefixOf, type Past, placeKeyOf, squash, textKeyOf } from './decisions.ts';
import { logit } from './logistic.ts';

export interface Background {
  /** Offers turned down on this line, at most 20. */
  readonly onThisLine: number;
  /** Turned down one after the other since the last one taken, at most 30. */
  readonly streak: number;
  /** The offer before this one, if there was one, and whether it was taken. */
  readonly last: { readonly at: number; readonly taken: boolean } | null;
  /** Log odds, above the usual, of being taken: at places like this, with this text, in lines that begin so. */
  readonly place: number;
  readonly text: number;
  readonly line: number;
}

/** Of all offers about so many are taken; where little is known it counts like this many offers. */
const usual = 0.3;
const usualCounts = 3;

/** How often of how often. */
class Tally {
  #taken = 0;
  #all = 0;

  add(taken: boolean): void {
    this.#taken += taken ? 1 : 0;
    this.#all += 1;
  }

  overUsual(): number {
    return logit((this.#taken + usual * usualCounts) / (this.#all + usualCounts)) - logit(usual);
  }
}

/** Looks back over `past`, oldest first, as it was known at the time of the decision. */
export function backgroundOf(decision: Decision, past: readonly Past[]): Background {
  const { id, file, prefix, text } = decision;
  const lineNow = squash(linePrefixOf(prefix));
  const keys = { place: placeKeyOf(prefix), text: textKeyOf(prefix, text), line: lineKeyOf(prefix, text) };
  const tallies = { place: new Tally(), text: new Tally(), line: new Tally() };
  let onThisLine = 0;
  let streak = 0;
  let last: Background['last'] = null;
  let unbroken = true;
  for (let index = past.length - 1; index >= 0; index -= 1) {
    const one = past[index]!;
    const known = one.fate !== 'open' && (id === null || one.toldBy < id);
    if (known && one.fate === 'void') continue;
    // Still standing in the line: nobody has decided yet.
    if (!known && one.file === file && stands(one, lineNow)) continue;
    const taken = known && one.fate === 'taken';
    last ??= { at: one.at, taken };
    unbroken &&= !taken;
    if (unbroken) streak += 1;
    if (!taken && one.file === file && one.line === decision.line) onThisLine += 1;
    if (one.placeKey === keys.place) tallies.place.add(taken);
    if (one.textKey === keys.text) tallies.text.add(taken);
    if (one.lineKey === keys.line) tallies.line.add(taken);
  }
  return {
    onThisLine: Math.min(onThisLine, 20),
    streak: Math.min(streak, 30),
    last,
    place: tallies.place.overUsual(),
    text: tallies.text.overUsual(),
    line: tallies.line.overUsual(),
  };
}

const stands = (one: Past, line: string): boolean => line.startsWith(one.typed) && one.whole.startsWith(line);
