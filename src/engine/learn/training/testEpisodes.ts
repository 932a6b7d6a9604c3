/** Stored episodes of a made-up developer with a taste, for the tests of training: real code, real features, known preferences. */
import type { Episode, Event, Rating } from '../../../protocol/episode.ts';
import { nodeDisk } from '../../../tensor/files/disk.ts';
import { seeded, standardNormal } from '../../../tensor/random.ts';
import type { StoredEpisode } from '../../memory/store.ts';
import { readNote, writeNote } from './unfinished.ts';

/** How a candidate is written. */
interface Style {
  readonly comments: boolean;
  readonly early: boolean;
  readonly snake: boolean;
  readonly double: boolean;
}

export interface Taste {
  /** Of the rating, 0 to 1, above or below the middle. */
  readonly early?: number;
  readonly comments?: number;
  readonly snake?: number;
  readonly double?: number;
  readonly noise?: number;
}

export interface EpisodesOptions {
  readonly seed: number;
  readonly count: number;
  readonly kind?: 'edit' | 'inline';
  readonly taste?: Taste;
  readonly files?: number;
  /** Share of the rated ones among `edit`; 1 by default. */
  readonly rated?: number;
  /** Ratings, or what was accepted, in another order: nothing can be learnt. */
  readonly shuffledLabels?: boolean;
}

export const defaultTaste: Required<Taste> = { early: 0.25, comments: -0.2, snake: -0.12, double: 0, noise: 0.08 };

const verbs = ['load', 'send', 'parse', 'draw', 'merge', 'count', 'check', 'store', 'build', 'close', 'read', 'find'];
const nouns = ['user', 'file', 'order', 'page', 'token', 'event', 'node', 'price', 'image', 'route', 'query', 'cell'];
const pick = <T>(items: readonly T[], random: () => number): T => items[Math.floor(random() * items.length)]!;

/** A UUIDv7 of this time; `number` makes it unique. */
export const idAt = (at: number, number: number): string => {
  const time = Math.floor(at).toString(16).padStart(12, '0');
  const tail = number.toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-${tail}`;
};

function written(style: Style, verb: string, noun: string, other: string): string {
  const name = style.snake ? `${verb}_${noun}` : `${verb}${noun[0]!.toUpperCase()}${noun.slice(1)}`;
  const value = style.snake ? `the_${other}` : `the${other[0]!.toUpperCase()}${other.slice(1)}`;
  const quote = style.double ? '"' : "'";
  const comment = style.comments ? `  // ${verb} the ${noun}\n` : '';
  return style.early
    ? `function ${name}(${value}) {\n${comment}  if (!${value}) return null;\n  ${verb}(${value}, ${quote}${noun}${quote});\n  return ${value};\n}`
    : `function ${name}(${value}) {\n${comment}  if (${value}) {\n    ${verb}(${value}, ${quote}${noun}${quote});\n  }\n}`;
}

const utilityOf = (style: Style, taste: Required<Taste>): number =>
  0.5 +
  (style.early ? 1 : -1) * taste.early +
  (style.comments ? 1 : -1) * taste.comments +
  (style.snake ? 1 : -1) * taste.snake +
  (style.double ? 1 : -1) * taste.double;

/** Oldest first. `edit`: one of three is offered and rated 1 to 10. `inline`: drawn evenly, silence too; accepted by utility. */
export function storedEpisodes(options: EpisodesOptions): StoredEpisode[] {
  const { seed, count, kind = 'edit', files = 12, rated = 1, shuffledLabels = false } = options;
  const taste = { ...defaultTaste, ...options.taste };
  const random = seeded(seed);
  const start = 1_760_000_000_000 + seed * 1_000_000_000;
  const drafts = Array.from({ length: count }, (_, i) => {
    const [verb, noun, other] = [pick(verbs, random), pick(nouns, random), pick(nouns, random)];
    const styles = Array.from({ length: 3 }, (): Style => {
      const flip = (): boolean => random() < 0.5;
      return { comments: flip(), early: flip(), snake: flip(), double: flip() };
    });
    const action = Math.floor(random() * (kind === 'inline' ? 4 : 3));
    const shown = styles[Math.min(action, 2)]!;
    const said = Math.min(1, Math.max(0, utilityOf(shown, taste) + taste.noise * standardNormal(random)));
    return { i, verb, noun, other, styles, action, said, at: start + i * 60_000, chance: random() };
  });
  const said = drafts.map((draft) => draft.said);
  if (shuffledLabels) {
    for (let last = said.length - 1; last > 0; last -= 1) {
      const other = Math.floor(random() * (last + 1));
      [said[last], said[other]] = [said[other]!, said[last]!];
    }
  }
  return drafts.map(({ i, verb, noun, other, styles, action, at, chance }): StoredEpisode => {
    const offered = action < 3 ? action : null;
    const id = idAt(at, 16 * i);
    const propensity = kind === 'inline' ? 0.25 : 1;
    const episode: Episode = {
      id,
      at,
      kind,
      file: `src/module${i % files}.ts`,
      languageId: 'typescript',
      range: { startLine: i % 50, startCharacter: 0, endLine: i % 50, endCharacter: 0 },
      instruction: kind === 'edit' ? `write a function that can ${verb} the ${noun}` : '',
      prefix: `import { ${verb} } from './${noun}';\n\n`,
      before: '',
      suffix: '\n',
      candidates: styles.map((style, n) => ({
        id: idAt(at, 16 * i + 1 + n),
        text: written(style, verb, noun, other),
        model: 'openai:test',
        ...(kind === 'inline' ? { propensity } : {}),
      })),
      offered,
      propensity,
      examples: [],
    };
    const event = (type: Event['type'], n: number): Event => ({
      id: idAt(at + n, 16 * i + 4 + n),
      episodeId: id,
      at: at + 1000 * n,
      type,
      ...(offered === null ? {} : { candidateId: episode.candidates[offered]!.id }),
    });
    const none = { rating: null, otherRatings: [], forbidden: false };
    if (kind === 'inline') {
      if (offered === null) return { ...none, episode, events: [] };
      const seen = [event('offered', 0), event('shown', 1), event('read', 2)];
      return { ...none, episode, events: [...seen, event(chance < said[i]! ? 'accepted' : 'rejected', 3)] };
    }
    const rating: Rating = {
      id: idAt(at + 5000, 16 * i + 9),
      episodeId: id,
      at: at + 5000,
      rater: 'developer',
      thumb: null,
      score: 1 + Math.round(9 * said[i]!),
      reasons: [],
      comment: '',
      correction: null,
      withdrawn: false,
    };
    return {
      ...none,
      episode,
      events: [event('offered', 0), event('shown', 1)],
      rating: chance < rated ? rating : null,
    };
  });
}

/** As if the process of a training that broke off were gone. */
export async function markInterrupted(learning: string): Promise<void> {
  const note = await readNote(learning);
  if (note) await writeNote(nodeDisk, learning, { ...note, owner: { ...note.owner, run: 'another' } });
}
