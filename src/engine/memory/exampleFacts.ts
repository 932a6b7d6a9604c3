/** What retrieval has to know about every episode without reading them all for each search. */
import { keptText, wasAccepted } from './kept.ts';
import type { StoredEpisode } from './store.ts';
import { type EditedLines, editedLines, supersedes } from './superseded.ts';

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

/** Kept up to date by `note` for every episode that is new, changed or gone. */
export class ExampleFacts {
  readonly #facts = new Map<string, Fact>();
  /** Text of forbidden episodes → how many have it. */
  readonly #forbiddenTexts = new Map<string, number>();
  /** Accepted edits by file, by id. */
  readonly #accepted = new Map<string, Map<string, EditedLines>>();

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
    const ofFile = this.#accepted.get(file);
    if (!ofFile) return false;
    const older = this.#facts.get(id)?.accepted ?? editedLines(entry);
    const newer = [...ofFile.values()].filter((lines) => lines.at > at).sort((a, b) => b.at - a.at);
    return newer.slice(0, mostCompared).some((lines) => supersedes(lines, older));
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
      if (ofFile?.size === 0) this.#accepted.delete(fact.accepted.file);
    }
  }
}
