/**
 * The built-in embedder: no model, no download, no child process. Signed feature hashing (Weinberger et al., 2009) of what an
 * identifier is made of, so that `getUserName`, `user_name` and `usersName` lie near each other.
 */
import type { Embedder } from '../embedder.ts';
import { codeTokens, isIdentifier, isKeyword, subTokens } from './codeFeatures.ts';

/** Raise when any weight or feature changes: stored vectors are then made anew. */
const version = 1;

/** Weights by kind of feature; found on the evaluation in hashed.test.ts, where small changes of each make no difference. */
export interface HashedWeights {
  readonly identifier: number;
  readonly part: number;
  readonly gram: number;
  readonly keyword: number;
  /** Three neighbouring tokens, with every identifier alike: what the code does, whatever it is about. */
  readonly shape: number;
  readonly other: number;
}
export const hashedWeights: HashedWeights = {
  identifier: 0.5,
  part: 0.7,
  gram: 1,
  keyword: 0.6,
  other: 0.3,
  shape: 0.4,
};

/** 32 bits: FNV-1a with the finaliser of MurmurHash3, whose low bits are as good as its high ones. `kind` separates spaces. */
function hashOf(text: string, start: number, end: number, kind: number): number {
  let h = (0x811c9dc5 ^ kind) | 0;
  for (let i = start; i < end; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  return mixed(h);
}
function mixed(hash: number): number {
  let h = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}
/** Stands for every identifier in the shape of the code. */
const anyIdentifier = 0x1d;

/** Features of one identifier: hash and weight, made once per distinct identifier. */
interface Features {
  readonly hashes: Int32Array;
  readonly weights: Float32Array;
}

const mostCached = 10_000;

export function hashedEmbedder(
  options: { readonly dimensions?: number; readonly weights?: HashedWeights } = {},
): Embedder & {
  /** Around 0.1 ms for 1 kB. A text without any token gives the zero vector, similar to nothing. */
  embedNow(text: string): Float32Array;
} {
  const dimensions = options.dimensions ?? 384;
  const weights = options.weights ?? hashedWeights;
  const cache = new Map<string, Features>();

  function featuresOf(token: string): Features {
    const known = cache.get(token);
    if (known) return known;
    const hashes: number[] = [];
    const values: number[] = [];
    const add = (hash: number, weight: number) => {
      hashes.push(hash);
      values.push(weight);
    };
    const lower = token.toLowerCase();
    if (!isIdentifier(token)) add(hashOf(lower, 0, lower.length, 1), weights.other);
    else if (isKeyword(token)) add(hashOf(lower, 0, lower.length, 2), weights.keyword);
    else {
      const parts = subTokens(token);
      const joined = parts.join('');
      add(hashOf(joined, 0, joined.length, 3), weights.identifier);
      // An identifier weighs alike however many parts and n-grams it has; one letter says little.
      const share = 1 / Math.sqrt(Math.max(1, parts.length));
      for (const part of parts)
        add(hashOf(part, 0, part.length, 4), weights.part * share * Math.min(1, part.length / 3));
      const marked = `^${joined}$`;
      const grams = marked.length * 3 - 9;
      if (grams > 0) {
        const weight = weights.gram / Math.sqrt(grams);
        for (let n = 3; n <= 5; n++) {
          for (let start = 0; start + n <= marked.length; start++) add(hashOf(marked, start, start + n, 5), weight);
        }
      }
    }
    const features = { hashes: Int32Array.from(hashes), weights: Float32Array.from(values) };
    if (cache.size >= mostCached) cache.clear();
    cache.set(token, features);
    return features;
  }

  function embedNow(text: string): Float32Array {
    const counts = new Map<string, number>();
    const shapes = new Map<number, number>();
    let before = 0;
    let last = 0;
    for (const token of codeTokens(text)) {
      counts.set(token, (counts.get(token) ?? 0) + 1);
      const shape = isIdentifier(token) && !isKeyword(token) ? anyIdentifier : hashOf(token, 0, token.length, 6);
      const three = mixed(Math.imul(before, 31) ^ Math.imul(last, 0x01000193) ^ shape);
      shapes.set(three, (shapes.get(three) ?? 0) + 1);
      before = last;
      last = shape;
    }
    const vector = new Float32Array(dimensions);
    const put = (hash: number, value: number) => {
      // The sign comes from a bit the index does not use, so that collisions cancel out on average.
      const index = (hash >>> 1) % dimensions;
      vector[index]! += (hash & 1) === 1 ? value : -value;
    };
    for (const [token, count] of counts) {
      const { hashes, weights: values } = featuresOf(token);
      const frequency = 1 + Math.log(count);
      for (let i = 0; i < hashes.length; i++) put(hashes[i]!, values[i]! * frequency);
    }
    for (const [hash, count] of shapes) put(hash, weights.shape * (1 + Math.log(count)));
    let squares = 0;
    for (const value of vector) squares += value * value;
    if (squares > 0) {
      const scale = 1 / Math.sqrt(squares);
      for (let i = 0; i < dimensions; i++) vector[i]! *= scale;
    }
    return vector;
  }

  return {
    identity: `hashed:v${version}:${dimensions}`,
    dimensions,
    embedNow,
    async embed(texts, signal) {
      const vectors: Float32Array[] = [];
      for (const text of texts) {
        signal?.throwIfAborted();
        vectors.push(embedNow(text));
      }
      return vectors;
    },
    async close() {},
  };
}
