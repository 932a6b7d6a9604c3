/** Offers made while typing, and what became of them: the sequence that the gate looks back on and learns from. */
import { type Episode, type Event, outcomeOf } from '../../protocol/episode.ts';

/** What is known when it is decided whether to show a candidate. An episode holds all of it. */
export interface Decision {
  /** Of its episode; null: it is being made now. Ids sort by time, more finely than clocks. */
  readonly id: string | null;
  readonly at: number;
  readonly file: string;
  readonly languageId: string;
  /** Zero-based line of the cursor. */
  readonly line: number;
  /** Text before what the candidate replaces. */
  readonly prefix: string;
  readonly text: string;
  readonly model: string;
  /** The model's own, 0 to 1; null: it gave none. */
  readonly probability: number | null;
  /** Probability of the likeliest other candidate; 0: there was none. */
  readonly rival: number;
}

/** What a show counts as. `open`: nothing has happened yet. `void`: it ended for another reason than the text. */
export type Fate = 'taken' | 'turnedDown' | 'void' | 'open';

/** An offer of the past, as later decisions see it. */
export interface Past {
  readonly id: string;
  readonly at: number;
  readonly file: string;
  readonly line: number;
  /** Line up to the cursor, and with the offered text; without white space. */
  readonly typed: string;
  readonly whole: string;
  /** What kind of place it was, and which text, the begun word included. */
  readonly placeKey: string;
  readonly textKey: string;
  readonly lineKey: string;
  fate: Fate;
  /** Id of the event that told; empty while open. */
  toldBy: string;
  /** How much the outcome tells, 0 to 1. */
  weight: number;
}

/** Without white space: two texts that differ only in layout are one. */
export const squash = (text: string): string => text.replace(/\s+/g, '');

export function linePrefixOf(prefix: string): string {
  return prefix.slice(prefix.lastIndexOf('\n') + 1);
}

/** Letters, digits, `_` and `$` right before the cursor. */
export const begunWord = (line: string): string => /[\p{L}\p{N}_$]*$/u.exec(line)![0];

/** The last token before the word at the cursor; at a line's beginning the last character of the line above. */
export function placeKeyOf(prefix: string): string {
  const line = linePrefixOf(prefix);
  const before = line.slice(0, line.length - begunWord(line).length);
  const token = /(?:[\p{L}\p{N}_$]+|[^\s\p{L}\p{N}_$]{1,2})(?=\s*$)/u.exec(before)?.[0];
  if (token !== undefined) return token + (/\s$/.test(before) ? ' ' : '');
  const above = prefix.slice(0, prefix.length - line.length).trimEnd();
  return `\n${above.at(-1) ?? ''}`;
}

export function textKeyOf(prefix: string, text: string): string {
  return squash(begunWord(linePrefixOf(prefix)) + text);
}

/** What the line begins with, once the text stands in it. */
export function lineKeyOf(prefix: string, text: string): string {
  return /^(?:[\p{L}\p{N}_$]+|[^\p{L}\p{N}_$])/u.exec((linePrefixOf(prefix) + text).trimStart())?.[0] ?? '';
}

export function decisionOf(episode: Episode): Decision | null {
  if (episode.kind !== 'inline' || episode.offered === null) return null;
  const offered = episode.candidates[episode.offered];
  if (offered === undefined) return null;
  const { id, at, file, languageId, range, prefix } = episode;
  const { text, model, probability } = offered;
  const rival = Math.max(0, ...episode.candidates.map((one) => (one === offered ? 0 : (one.probability ?? 0))));
  return {
    id,
    at,
    file,
    languageId,
    line: range.startLine,
    prefix,
    text,
    model,
    probability: probability ?? null,
    rival,
  };
}

export function pastOf(id: string, decision: Decision): Past {
  const { at, file, line, prefix, text } = decision;
  const begun = linePrefixOf(prefix);
  return {
    id,
    at,
    file,
    line,
    typed: squash(begun),
    whole: squash(begun + text),
    placeKey: placeKeyOf(prefix),
    textKey: textKeyOf(prefix, text),
    lineKey: lineKeyOf(prefix, text),
    fate: 'open',
    toldBy: '',
    weight: 0,
  };
}

/** Going elsewhere says little about the offer that stood there. */
const wentElsewhere = 0.2;
/** The developer wanted the text, but typed it. */
const typedOut = 0.5;

/** What the events say so far, and which of them told. */
export function fateOf(
  episode: Pick<Episode, 'at'>,
  events: readonly Event[],
): Pick<Past, 'fate' | 'toldBy' | 'weight'> {
  const { type, reason } = outcomeOf(episode, events);
  const told = (fate: Fate, weight: number, by = events.filter((event) => event.type === type)) => ({
    fate,
    weight,
    toldBy: by.map(({ id }) => id).sort()[0] ?? '',
  });
  switch (type) {
    case 'accepted':
    case 'partlyAccepted':
    case 'retained': {
      const accepted = events.filter((event) => event.type === 'accepted' || event.type === 'partlyAccepted');
      if (accepted.length === 0) return told('taken', 1);
      return told('taken', accepted.every((event) => event.reason === 'typed') ? typedOut : 1, accepted);
    }
    case 'rejected':
    case 'reverted':
      return told('turnedDown', 1);
    case 'ignored':
      switch (reason) {
        case 'superseded':
        case 'refined':
          return told('void', 0);
        case 'moved':
        case 'blurred':
        case 'timedOut':
          return told('turnedDown', wentElsewhere);
        default:
          return told('turnedDown', 1);
      }
    case 'silent':
    case 'offered':
    case 'shown':
    case 'read':
      return { fate: 'open', toldBy: '', weight: 0 };
  }
}
