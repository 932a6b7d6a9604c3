/** What retrieval has to know about every episode without reading them all for each search. */
import { keptText, wasAccepted } from './kept.ts';
import type { StoredEpisode } from './store.ts';
import { type EditedLines, editedLines, isReplaced } from './superseded.ts';

/** Newer accepted edits of a file that are looked at; more would make a search in a much edited file slow. */
const mostCompared = 64;

interface Fact {
  readonly forbiddenText: string | null;
  readonly accepted: EditedLines | null;
}

/** The same text, however it is indented and spaced. Null: nothing to compare. */
const textKey = (text: string | null): string | null => {
  const key = text?.replace(/\s+/g, ' ').trim() ?? '';
  return key === '' ? null : key;
};

/** The first of `newest`, sorted that way, at most `mostCompared`. */
function newerThan(newest: readonly EditedLines[], at: number): readonly EditedLines[] {
  let low = 0;
  let high = Math.min(newest.length, mostCompared);
  while (low < high) {
    const middle = (low + high) >> 1;
    if (newest[middle]!.at > at) low = middle + 1;
    else high = middle;
  }
  return newest.slice(0, low);
}

/** Kept up to date by `note` for every episode that is new, changed or gone. */
export class ExampleFacts {
  readonly #facts = new Map<string, Fact>();
  /** Text of forbidden episodes → how many have it. */
  readonly #forbiddenTexts = new Map<string, number>();
  /** Accepted edits by file, by id. */
  readonly #accepted = new Map<string, Map<string, EditedLines>>();
  /** The same, newest first; made when asked for. */
  readonly #newest = new Map<string, readonly EditedLines[]>();
  /** Of those not accepted; an entry is replaced by another when something happens to its episode. */
  readonly #lines = new WeakMap<StoredEpisode, EditedLines>();
  readonly #superseded = new WeakMap<StoredEpisode, { readonly among: readonly EditedLines[]; readonly is: boolean }>();

  note(id: string, entry: StoredEpisode | null): void {
    this.#forget(id);
    if (!entry) return;
    const forbiddenText = entry.forbidden ? textKey(keptText(entry)) : null;
    const accepted = entry.episode.file !== '' && wasAccepted(entry) ? editedLines(entry) : null;
    if (forbiddenText === null && accepted === null) return;
    this.#facts.set(id, { forbiddenText, accepted });
    if (forbiddenText !== null)
      this.#forbiddenTexts.set(forbiddenText, (this.#forbiddenTexts.get(forbiddenText) ?? 0) + 1);
    if (accepted) {
      const ofFile = this.#accepted.get(accepted.file) ?? new Map<string, EditedLines>();
      this.#accepted.set(accepted.file, ofFile.set(id, accepted));
      this.#newest.delete(accepted.file);
    }
  }

  /** "Never use this again" was said of it, or of another episode with the same text. */
  isForbidden(entry: StoredEpisode): boolean {
    if (entry.forbidden) return true;
    if (this.#forbiddenTexts.size === 0) return false;
    const key = textKey(keptText(entry));
    return key !== null && this.#forbiddenTexts.has(key);
  }

  /** A newer accepted edit of the same lines exists. */
  isSuperseded(entry: StoredEpisode): boolean {
    const { id, at, file } = entry.episode;
    // The list is another as soon as something is accepted in the file.
    const among = this.#newestOf(file);
    const known = this.#superseded.get(entry);
    if (known?.among === among) return known.is;
    const newer = newerThan(among, at);
    const is = newer.length > 0 && isReplaced(this.#facts.get(id)?.accepted ?? this.#linesOf(entry), newer);
    this.#superseded.set(entry, { among, is });
    return is;
  }

  #linesOf(entry: StoredEpisode): EditedLines {
    const known = this.#lines.get(entry);
    if (known) return known;
    const lines = editedLines(entry);
    this.#lines.set(entry, lines);
    return lines;
  }

  #newestOf(file: string): readonly EditedLines[] {
    const known = this.#newest.get(file);
    if (known) return known;
    const sorted = [...(this.#accepted.get(file)?.values() ?? [])].sort((a, b) => b.at - a.at);
    this.#newest.set(file, sorted);
    return sorted;
  }

  #forget(id: string): void {
    const fact = this.#facts.get(id);
    if (!fact) return;
    this.#facts.delete(id);
    if (fact.forbiddenText !== null) {
      const left = this.#forbiddenTexts.get(fact.forbiddenText)! - 1;
      if (left === 0) this.#forbiddenTexts.delete(fact.forbiddenText);
      else this.#forbiddenTexts.set(fact.forbiddenText, left);
    }
    if (fact.accepted) {
      const ofFile = this.#accepted.get(fact.accepted.file);
      ofFile?.delete(id);
      this.#newest.delete(fact.accepted.file);
      if (ofFile?.size === 0) this.#accepted.delete(fact.accepted.file);
    }
  }
}
