/** What a policy of the direct harness sees of a candidate. */
import { hashedEmbedder } from '../../engine/memory/embedders/hashed.ts';
import type { Candidate, Place } from './world.ts';

/** Of the hashed difference; with the cheap ones 90 features in all, as in research/learning.md, 1.2. */
const hashed = 74;
const cheap = 16;
export const featureCount = cheap + hashed;

const embedder = hashedEmbedder({ dimensions: hashed });

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

/** Remembered for as long as the candidate is: the same ones come back for every developer and policy. */
const known = new WeakMap<Candidate, Float64Array>();
const embedded = new WeakMap<Place, Float32Array>();

/** Cheap features, then the embedding of what was there before taken from the embedding of what is there after. */
export function featuresOf(place: Place, candidate: Candidate): Float64Array {
  const before = known.get(candidate);
  if (before) return before;
  const features = new Float64Array(featureCount);
  features.set(cheapFeatures(place, candidate));
  let origin = embedded.get(place);
  if (!origin) {
    origin = embedder.embedNow(place.before);
    embedded.set(place, origin);
  }
  const after = embedder.embedNow(candidate.text);
  for (let at = 0; at < hashed; at += 1) features[cheap + at] = after[at]! - origin[at]!;
  known.set(candidate, features);
  return features;
}
