/** What a policy of the direct harness sees of a candidate. */
import { hashedEmbedder } from '../../engine/memory/embedders/hashed.ts';
import { dot, principalDirections } from './principal.ts';
import type { Candidate, Place, World } from './world.ts';

/** Of the embedding itself; fewer and its collisions cost more than all noise of the ratings. */
const dimensions = 384;
/**
 * Of the difference that are kept. Edits differ most along what they have in common, and that is style: on seeds 0 to 9 LinUCB's
 * regret was 0.64 of random's on 74 hashed dimensions, 0.56 to 0.57 on 16 to 64 principal ones.
 */
const kept = 48;
/** How many of the features come first and are cheap, and how many there are. */
export const cheapCount = 16;
export const featureCount = cheapCount + kept;
/** Places whose candidates, unrated, say which directions those are. */
const surveyed = 150;
/** So that an edit is of the order of 1, as the cheap features are. */
const editLength = 1.5;

export type Features = (place: Place, candidate: Candidate) => Float64Array;

const ratio = (part: number, whole: number): number => part / Math.max(1, whole);
const lastLength = (text: string): number => text.length - text.lastIndexOf('\n');

/** Lengths, lines and where it is; nothing of how it is written. */
function cheapFeatures(place: Place, { text, changedLines }: Candidate): number[] {
  const linesBefore = place.before.split('\n').length;
  const linesAfter = text.split('\n').length;
  const longest = Math.max(...text.split('\n').map((line) => line.length));
  return [
    1,
    Math.log1p(changedLines) / 4,
    Math.log(linesAfter / linesBefore),
    Math.log(text.length / place.before.length),
    Math.log1p(linesBefore) / 4,
    Math.log1p(place.before.length) / 8,
    Math.log1p(longest) / 6,
    ratio(changedLines, linesAfter),
    ratio(text.length, linesAfter) / 60,
    ratio(text.match(/ /g)?.length ?? 0, text.length),
    Math.log1p(lastLength(text)) / 4,
    Math.log1p(text.indexOf('\n')) / 6,
    place.kind === 'test' ? 1 : 0,
    place.kind === 'script' ? 1 : 0,
    place.language === 'typescript' ? 1 : 0,
    Math.log1p(place.name.length) / 4,
  ];
}

/** Cheap features, then what the edit changes: its direction among embeddings, along the principal ones of this world. */
export function createFeatures(world: World): Features {
  const embedder = hashedEmbedder({ dimensions });
  const origins = new WeakMap<Place, Float32Array>();
  // The same candidates come back for every developer and policy.
  const known = new WeakMap<Candidate, Float64Array>();
  function difference(place: Place, candidate: Candidate): Float64Array {
    let origin = origins.get(place);
    if (!origin) {
      origin = embedder.embedNow(place.before);
      origins.set(place, origin);
    }
    const before = origin;
    const changed = Float64Array.from(embedder.embedNow(candidate.text), (value, at) => value - before[at]!);
    const length = Math.hypot(...changed) || 1;
    return changed.map((value) => (value / length) * editLength);
  }
  const survey = Array.from({ length: Math.min(surveyed, world.places) }, (_, index) => index);
  const rows = survey.flatMap((index) =>
    world.pool(index).map((candidate) => difference(world.place(index), candidate)),
  );
  const directions = principalDirections(rows, kept);
  return (place, candidate) => {
    const before = known.get(candidate);
    if (before) return before;
    const changed = difference(place, candidate);
    const along = directions.map((direction) => dot(direction, changed));
    const features = Float64Array.from([...cheapFeatures(place, candidate), ...along]);
    known.set(candidate, features);
    return features;
  };
}

let shared: { readonly world: World; readonly features: Features } | undefined;
/** Those of one world are found once. */
export function featuresIn(world: World): Features {
  if (shared?.world !== world) shared = { world, features: createFeatures(world) };
  return shared.features;
}
