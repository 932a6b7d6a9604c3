/** Takes in what others said about proposals of this memory. */
import { type Rating, verdict } from '../../../protocol/episode.ts';
import type { Clock, Ids } from '../../clock.ts';
import type { StoreFiles } from '../../memory/files.ts';
import { linesOf, maxLineBytes } from '../../memory/portable.ts';
import type { Store } from '../../memory/store.ts';
import { diskError, StoreError } from '../../memory/storeError.ts';
import { redactSecrets } from '../../workspace/redact.ts';
import { judgedIndex } from '../reward/judgements.ts';
import { type RatingLine, ratingLine, says } from './ratingLine.ts';

export interface ImportedRatings {
  readonly added: number;
  /** Said already, here or further up. */
  readonly known: number;
  readonly rejected: number;
  /** Sentences that name lines, never their content. */
  readonly problems: string[];
}

export interface ImportOptions {
  readonly store: Pick<Store, 'get' | 'knows'>;
  /** Resolves when they are on the disk. */
  readonly add: (ratings: readonly Rating[]) => Promise<void>;
  /** Whose ratings all of them are, whatever the lines say. */
  readonly rater?: string;
  readonly files: StoreFiles;
  readonly ids: Ids;
  readonly clock: Clock;
}

const batchSize = 500;
const newer = 'The file was exported by a newer version of Attune. Update Attune first.';

/**
 * Reads the lines of `path` that are ratings. Who rated is `rater`, or what a line says; a line without a name is nobody's, and
 * least of all mine. Rejects with a StoreError when the file or the disk can't be used; what was added until then is there.
 */
export async function importRatings(path: string, options: ImportOptions): Promise<ImportedRatings> {
  const { files, add } = options;
  const given = options.rater?.trim() || null;
  if (given !== null && given.length > 200) {
    throw new StoreError('invalid', 'The name of the rater is longer than 200 characters. Choose a shorter one.');
  }
  const report = new Report();
  const read = reader(options, given, report);
  let added = 0;
  let batch: Rating[] = [];
  const flush = async (): Promise<void> => {
    if (batch.length > 0) await add(batch);
    added += batch.length;
    batch = [];
  };
  try {
    for await (const { number, text } of linesOf(files, path)) {
      if (text === null) {
        report.reject(number, `longer than ${maxLineBytes / 1024 / 1024} MB`);
        continue;
      }
      const line = number === 1 && text.startsWith('\uFEFF') ? text.slice(1) : text;
      if (line.trim() === '') continue;
      const said = ratingLine(line);
      if (said.type === 'newer') return { added, known: 0, rejected: 1, problems: [newer] };
      const rating = read(said, number);
      if (rating === null) continue;
      batch.push(rating);
      if (batch.length >= batchSize) await flush();
    }
    await flush();
  } catch (error) {
    throw diskError('Importing the ratings', error);
  }
  return { added, ...report.result() };
}

/** Remembers what the file has said so far; gives what is to be added. */
function reader({ store, ids, clock }: ImportOptions, given: string | null, report: Report) {
  const lineOfId = new Map<string, number>();
  const lineOfLabel = new Map<string, { readonly number: number; readonly said: string }>();

  return (line: RatingLine, number: number): Rating | null => {
    const reject = (problem: string): null => report.reject(number, problem);
    const known = (problem: string): null => report.known(number, problem);
    switch (line.type) {
      case 'other':
      case 'newer':
        return null;
      case 'problem':
        return reject(line.problem);
      case 'rating':
      case 'label': {
        const episodeId = line.type === 'rating' ? line.rating.episodeId : line.episodeId;
        const rater = given ?? (line.type === 'rating' ? line.rating.rater : line.rater);
        const entry = store.get(episodeId);
        if (entry === null) return reject('about a proposal that is not in this memory');
        const index = judgedIndex(entry.episode, entry.events);
        if (index === null) return reject('about a place where nothing was offered');
        if (rater === null) return reject('no name of a rater; say whose ratings these are');
        if (line.type === 'rating') {
          const { rating } = line;
          if (store.knows(rating)) return known('in the memory already');
          const before = lineOfId.get(rating.id);
          if (before !== undefined) return known(`the rating of line ${before} again`);
          lineOfId.set(rating.id, number);
          const { comment, correction } = rating;
          return {
            ...rating,
            rater,
            comment: redactSecrets(comment).text,
            correction: correction === null ? null : redactSecrets(correction).text,
          };
        }
        if (line.said !== null && !says(line.said, entry.episode.candidates[index]!.text)) {
          return reject('about another text than the one that was offered');
        }
        const { thumb, score } = line;
        const standing = [...entry.otherRatings, ...(entry.rating ? [entry.rating] : [])];
        if (standing.some((one) => one.rater === rater && one.score === score && sameThumb(one, thumb))) {
          return known('in the memory already');
        }
        const key = JSON.stringify([episodeId, rater]);
        const said = `${thumb} ${score}`;
        const before = lineOfLabel.get(key);
        if (before?.said === said) return known(`the same as line ${before.number}`);
        if (before) return reject(`in contradiction to line ${before.number}, by the same rater`);
        lineOfLabel.set(key, { number, said });
        const unsaid = { reasons: [], comment: '', correction: null, withdrawn: false };
        return { id: ids(), episodeId, at: clock.now(), rater, thumb, score, ...unsaid };
      }
    }
  };
}

const sameThumb = (rating: Rating, thumb: 'up' | 'down'): boolean =>
  verdict(rating) === (thumb === 'up' ? 'good' : 'bad');

const linesNamed = 5;
const mostProblems = 20;

/** Counts, and one sentence for all lines with the same problem. */
class Report {
  #known = 0;
  #rejected = 0;
  readonly #lines = new Map<string, { readonly named: number[]; count: number }>();

  known(line: number, problem: string): null {
    this.#known += 1;
    return this.#note(line, problem);
  }

  reject(line: number, problem: string): null {
    this.#rejected += 1;
    return this.#note(line, problem);
  }

  result(): Pick<ImportedRatings, 'known' | 'rejected' | 'problems'> {
    const sentences = [...this.#lines].map(([problem, { named, count }]) => {
      const more = count > named.length ? ` and ${count - named.length} more` : '';
      return `${count === 1 ? 'Line' : 'Lines'} ${named.join(', ')}${more}: ${problem}.`;
    });
    const rest = [...this.#lines.values()].slice(mostProblems).reduce((sum, { count }) => sum + count, 0);
    const problems = sentences.slice(0, mostProblems);
    if (rest > 0) problems.push(`${rest} more lines have other problems.`);
    return { known: this.#known, rejected: this.#rejected, problems };
  }

  #note(line: number, problem: string): null {
    const lines = this.#lines.get(problem) ?? { named: [], count: 0 };
    this.#lines.set(problem, lines);
    lines.count += 1;
    if (lines.named.length < linesNamed) lines.named.push(line);
    return null;
  }
}
