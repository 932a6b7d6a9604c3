/** What it means to sample a token: temperature, top-k, top-p, and one number that decides. sampleOps.ts says the same in a graph. */

export interface Sampling {
  /** Logits are divided by it; 0 takes the largest. 1 by default. */
  readonly temperature?: number;
  /** Only the k most likely tokens stay. Missing: all. */
  readonly topK?: number;
  /**
   * Only the most likely tokens stay whose probabilities, after the temperature and topK, reach this sum together; at least one
   * (nucleus sampling, arXiv:1904.09751). Missing or 1: all.
   */
  readonly topP?: number;
}

/** What a model says of the next token. */
export interface Prediction {
  /** [vocabSize] */
  readonly logits: Float32Array;
  /** ln Σ exp(logit). */
  readonly total: number;
}

export interface SampledToken {
  readonly token: number;
  /** ln p of the model itself: at temperature 1, of all tokens. */
  readonly logProbability: number;
  /** ln p of the distribution that the token was drawn from. */
  readonly samplingLogProbability: number;
}

/** Throws a RangeError with what is wrong. */
export function checkSampling({ temperature = 1, topK, topP = 1 }: Sampling): void {
  if (!(temperature >= 0 && Number.isFinite(temperature))) {
    throw new RangeError(`The temperature is ${temperature}; it has to be 0 (the likeliest token) or more.`);
  }
  if (topK !== undefined && !(Number.isInteger(topK) && topK >= 1)) {
    throw new RangeError(`top-k is ${topK}; it has to be a whole number from 1, or left out.`);
  }
  if (!(topP > 0 && topP <= 1)) throw new RangeError(`top-p is ${topP}; it has to be more than 0 and at most 1.`);
}

/**
 * The token where the cumulative probability passes `uniform` (in [0, 1)). Tokens stand in the order of the vocabulary or, when
 * topK or topP leave some out, from the likeliest to the least likely; of equals the first comes first.
 */
export function sampleToken({ logits, total: model }: Prediction, sampling: Sampling, uniform: number): SampledToken {
  const { temperature = 1, topK = logits.length, topP = 1 } = sampling;
  if (temperature === 0 || topK === 1) {
    const token = largest(logits, 1)[0]!;
    return { token, logProbability: logits[token]! - model, samplingLogProbability: 0 };
  }
  const total = topK >= logits.length ? (temperature === 1 ? model : logTotal(logits, temperature)) : null;
  const { order, mass, top } = candidates(logits, { temperature, topK, topP }, total);
  let left = uniform * mass;
  let chosen = -1;
  const count = order?.length ?? logits.length;
  for (let i = 0; i < count; i++) {
    chosen = order ? order[i]! : i;
    left -= Math.exp(logits[chosen]! / temperature - top);
    if (left < 0) break;
  }
  const logProbability = logits[chosen]! - model;
  return {
    token: chosen,
    logProbability,
    samplingLogProbability: logits[chosen]! / temperature - top - Math.log(mass),
  };
}

interface Candidates {
  /** Tokens that stay, the likeliest first; null: all, in the order of the vocabulary. */
  readonly order: readonly number[] | null;
  /** Of those that stay, Σ exp(logit / temperature − top). */
  readonly mass: number;
  readonly top: number;
}

/** `total` is ln Σ exp(logit / temperature) over all tokens; null where topK leaves some out. */
function candidates(
  logits: Float32Array,
  { temperature, topK, topP }: Required<Sampling>,
  total: number | null,
): Candidates {
  if (topP === 1 && total !== null) return { order: null, mass: 1, top: total };
  // A nucleus is mostly small: look at few tokens first, and at more while they don't reach the sum.
  for (let count = total === null ? topK : Math.min(64, topK); ; count = Math.min(4 * count, topK)) {
    const order = largest(logits, count);
    const top = logits[order[0]!]! / temperature;
    const weights = order.map((token) => Math.exp(logits[token]! / temperature - top));
    const all = total === null ? weights.reduce((sum, weight) => sum + weight, 0) : Math.exp(total - top);
    let mass = 0;
    for (let kept = 0; kept < count; kept++) {
      if (topP < 1 && mass >= topP * all) return { order: order.slice(0, kept), mass, top };
      mass += weights[kept]!;
    }
    if (count === topK) return { order, mass, top };
  }
}

/** ln Σ exp(logit / temperature). */
export function logTotal(logits: Float32Array, temperature: number): number {
  let top = Number.NEGATIVE_INFINITY;
  for (const logit of logits) if (logit > top) top = logit;
  let sum = 0;
  for (const logit of logits) sum += Math.exp((logit - top) / temperature);
  return top / temperature + Math.log(sum);
}

/** Where the `count` largest are, the largest first, and of equals the one that comes first. */
export function largest(values: Float32Array, count: number): number[] {
  const before = (a: number, b: number): number => values[b]! - values[a]! || a - b;
  if (count * 8 > values.length) return Array.from(values.keys()).sort(before).slice(0, count);
  // A heap with the worst of those kept so far on top: nearly every element fails its one comparison.
  const heap: number[] = [];
  const sink = (item: number): void => {
    let hole = 0;
    for (let child = 1; child < heap.length; child = 2 * hole + 1) {
      if (child + 1 < heap.length && before(heap[child]!, heap[child + 1]!) < 0) child++;
      if (before(heap[child]!, item) <= 0) break;
      heap[hole] = heap[child]!;
      hole = child;
    }
    heap[hole] = item;
  };
  for (let i = 0; i < count; i++) heap.push(i);
  heap.sort((a, b) => before(b, a));
  let worst = values[heap[0]!]!;
  for (let i = count; i < values.length; i++) {
    if (values[i]! <= worst) continue;
    sink(i);
    worst = values[heap[0]!]!;
  }
  return heap.sort(before);
}
