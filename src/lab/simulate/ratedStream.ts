import { seeded } from '../../tensor/random.ts';
import { readCorpus } from './corpus.ts';
import type { Temper } from './developer.ts';
import { decisionsOf, reactionTo } from './stream.ts';
import { createWorld, type World } from './world.ts';

/** One edit a simulated developer has judged. */
export interface RatedEdit {
  /** The function before and after. */
  readonly before: string;
  readonly after: string;
  /** What stands around the edit: path of the file and what was asked for. */
  readonly context: string;
  readonly file: string;
  readonly language: string;
  /** All that were offered at this place, `after` among them. */
  readonly offered: readonly string[];
  /** 1 to 10. */
  readonly rating: number;
  /** Of the same edit at another time, with another mood and other noise. */
  readonly again: number;
  readonly thumb: 'up' | 'down';
  readonly accepted: boolean;
  /** What the developer really thinks, which no model may see: for the ceiling of a figure. */
  readonly utility: number;
}

/** A quarter of a mood's period: moods so far apart have nothing to do with each other. */
const laterMood = 75;

let shared: World | undefined;
/** The world of the installed packages, read once a process: it takes a second or two. */
export function installedWorld(): World {
  shared ??= createWorld(readCorpus());
  return shared;
}

/** The first `count` judgements of a developer: one candidate of each decision, whichever chance offers. Before any drift. */
export function ratedStream(
  seed: number,
  count: number,
  { world = installedWorld(), temper = 'rules' }: { readonly world?: World; readonly temper?: Temper } = {},
): RatedEdit[] {
  const pick = seeded(seed * 15_485_863 + 29);
  const steps = count + laterMood;
  const decisions = [...decisionsOf(world, { seed, steps, temper, driftAt: Number.POSITIVE_INFINITY })];
  return decisions.slice(0, count).map(({ place, prospects, chance }, i): RatedEdit => {
    const prospect = prospects[Math.floor(pick() * prospects.length)]!;
    const reaction = reactionTo(prospect, chance);
    const { ratingNoise } = decisions[i + laterMood]!.chance;
    return {
      before: place.before,
      after: prospect.candidate.text,
      context: `${place.file}\n${place.instruction}`,
      file: place.file,
      language: place.language,
      offered: prospects.map(({ candidate }) => candidate.text),
      rating: reaction.rating,
      again: reactionTo(prospect, { ...chance, ratingNoise }).rating,
      thumb: reaction.rating >= 6 ? 'up' : 'down',
      accepted: reaction.kind === 'accepted',
      utility: prospect.utility,
    };
  });
}
