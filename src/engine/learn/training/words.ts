/** What a reward model has learnt, in words: of the named features, and of what edits bring and take away. */
import { dot, quadratic } from '../cholesky.ts';
import { editEmbedding, type TokenCounts, tokenCounts } from '../features/editEmbedding.ts';
import type { BayesianLinear } from '../reward/bayesianLinear.ts';
import type { ModelSpace } from './modelSpace.ts';

/** `strength`: how much it moves the expected rating on the scale of 0 to 1; below 0: it is disliked. */
export interface Learnt {
  readonly text: string;
  readonly strength: number;
}

/** An edit that was judged: raw features, and its texts. */
export interface JudgedEdit {
  readonly features: Float64Array;
  readonly before: string;
  readonly after: string;
}

/** Of features by which a person would describe taste: what more of it, and less, is called. Others tell of places and moods. */
const phrases: Readonly<Record<string, { readonly more: string; readonly less: string }>> = {
  comments: { more: 'more comments', less: 'fewer comments' },
  exits: { more: 'early returns', less: 'a single way out' },
  depth: { more: 'nested code', less: 'flat code' },
  'wide lines': { more: 'long lines', less: 'short lines' },
  underscores: { more: 'names_with_underscores', less: 'namesInCamelCase' },
  ink: { more: 'longer texts', less: 'shorter texts' },
  lines: { more: 'several lines at once', less: 'few lines at once' },
  longer: { more: 'edits that make code longer', less: 'edits that make code shorter' },
  'more lines': { more: 'edits that add lines', less: 'edits that save lines' },
  'kept lines': { more: 'edits that leave most lines alone', less: 'edits that rewrite what was there' },
  'new words': { more: 'names that are new here', less: 'names that are used nearby' },
  'repeats a line': { more: 'lines that stand there already', less: 'lines that are not there yet' },
  'like the line above': { more: 'lines like the one above', less: 'lines unlike the one above' },
  'ends open': { more: 'texts that end with an open bracket', less: 'texts that end with a whole statement' },
  'from memory': { more: 'texts that were kept here before', less: 'texts that are new here' },
  'from workspace': {
    more: 'texts by the model of this workspace',
    less: 'texts by other models than this workspace’s',
  },
};

/** Beyond so many deviations it is said, since many things are looked at; below so much of the scale nobody would notice. */
const sure = 2.5;
const least = 0.02;
/** An edit with the thing is typical with one deviation of the feature, or one token more. */
const fewestEdits = 5;
const mostWords = 12;

/** Strongest first; only what is beyond its uncertainty. */
export function learntWords(
  model: BayesianLinear,
  space: ModelSpace,
  names: readonly string[],
  edits: readonly JudgedEdit[],
): readonly Learnt[] {
  const found = [...ofFeatures(model, space, names, edits), ...ofTokens(model, space, edits)];
  return found.sort((a, b) => Math.abs(b.strength) - Math.abs(a.strength)).slice(0, mostWords);
}

function ofFeatures(model: BayesianLinear, space: ModelSpace, names: readonly string[], edits: readonly JudgedEdit[]) {
  const seen = edits.map(({ features }) => space.of(features));
  return names.slice(0, space.blocks.at(-1)!.start).flatMap((name, i): Learnt[] => {
    const phrase = phrases[name];
    if (phrase === undefined || seen.length < fewestEdits) return [];
    const mean = seen.reduce((sum, row) => sum + row[i]!, 0) / seen.length;
    const spread = Math.sqrt(seen.reduce((sum, row) => sum + (row[i]! - mean) ** 2, 0) / seen.length);
    const direction = new Float64Array(space.size);
    direction[i] = spread;
    const effect = effectOf(model, direction);
    if (effect === null) return [];
    return [{ text: effect > 0 ? `prefers ${phrase.more}` : `prefers ${phrase.less}`, strength: Math.abs(effect) }];
  });
}

/** Tokens and kinds of tokens that the edits bring: what the model makes of one more of each, where enough edits had it. */
function ofTokens(model: BayesianLinear, space: ModelSpace, edits: readonly JudgedEdit[]): readonly Learnt[] {
  const { start } = space.blocks.at(-1)!;
  const raw = space.stored.size;
  const counts = new Map<string, number>();
  for (const { before, after } of edits) {
    const [old, now] = [tokenCounts(before), tokenCounts(after)];
    for (const [key, count] of now) if (count > (old.get(key) ?? 0)) counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  const none = new Map<string, number>();
  return [...counts].flatMap(([key, count]): Learnt[] => {
    // In all edits, or in hardly one, it says nothing.
    if (count < fewestEdits || count > 0.95 * edits.length) return [];
    const what = nameOf(key);
    if (what === null) return [];
    const features = new Float64Array(raw);
    features.set(editEmbedding(none, oneMore(key), raw - start), start);
    const effect = effectOf(model, space.of(features));
    if (effect === null) return [];
    return [{ text: effect > 0 ? `likes ${what}` : `dislikes ${what}`, strength: effect }];
  });
}

/** Of a change of the features: what it does to the expected rating; null: within its uncertainty, or too little. */
function effectOf(model: BayesianLinear, direction: Float64Array): number | null {
  const effect = dot(model.weights, direction);
  const doubt = Math.sqrt(quadratic(model.factor, direction));
  return Math.abs(effect) > sure * doubt && Math.abs(effect) >= least ? effect : null;
}

/** A token comes with its kind; what it follows differs from place to place. */
const oneMore = (key: string): TokenCounts =>
  key.startsWith('token ')
    ? new Map([...tokenCounts(key.slice('token '.length))].filter(([one]) => !one.startsWith('shape')))
    : new Map([[key, 1]]);

/** A key of the embedding for a person; null: it would say nothing to one, or another says the same. */
function nameOf(key: string): string | null {
  const space = key.indexOf(' ');
  const rest = key.slice(space + 1);
  switch (key.slice(0, space)) {
    case 'token':
      return rest.length > 1 || /[^\p{L}\p{N}_$]/u.test(rest) ? `“${rest}”` : null;
    case 'kind':
      if (rest === 'aB') return 'more names in camelCase';
      if (rest === 'a_b') return 'more names_with_underscores';
      return rest === '0' ? 'more numbers' : null;
    default:
      return null;
  }
}
