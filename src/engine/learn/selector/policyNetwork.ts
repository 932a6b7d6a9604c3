/** The selector's network, in plain numbers: small enough to be evaluated without the runtime when there is a decision to make. */
import { sizeOf } from '../../../tensor/graph/types.ts';
import { standardNormal } from '../../../tensor/random.ts';

/**
 * Candidates are a set: each is scored by the same weights. Silence is scored from the mean of the candidates' features, and so is
 * what the place is worth (the critic).
 */
export interface PolicyShape {
  /** Of a candidate. */
  readonly features: number;
  /** Units (tanh) between features and scores; 0: the scores are linear. */
  readonly hidden: number;
}

/** One part of the vector that holds all parameters, row-major. */
export interface Piece {
  readonly name: string;
  readonly shape: readonly number[];
  readonly offset: number;
}

/** Where each parameter lies. `head` has two columns: the score of a candidate, and that of silence. */
export function piecesOf({ features, hidden }: PolicyShape): readonly Piece[] {
  const last = hidden || features;
  const trunk = (name: string): [string, number[]][] =>
    hidden
      ? [
          [name, [features, hidden]],
          [`${name}Bias`, [hidden]],
        ]
      : [];
  const all: [string, number[]][] = [
    ...trunk('trunk'),
    ['head', [last, 2]],
    ['headBias', [2]],
    ...trunk('criticTrunk'),
    ['critic', [last, 1]],
    ['criticBias', [1]],
  ];
  let offset = 0;
  return all.map(([name, shape]) => {
    const piece = { name, shape, offset };
    offset += sizeOf(shape);
    return piece;
  });
}

/** Number of parameters. */
export const parameterCount = (shape: PolicyShape): number => {
  const { offset, shape: last } = piecesOf(shape).at(-1)!;
  return offset + sizeOf(last);
};

/** Columns of length 1 at right angles to each other (Gram and Schmidt), times `gain`; row-major [rows, columns]. */
function orthogonal(rows: number, columns: number, gain: number, random: () => number): Float64Array {
  const values = new Float64Array(rows * columns);
  for (let column = 0; column < columns; column += 1) {
    const vector = Float64Array.from({ length: rows }, () => standardNormal(random));
    for (let other = 0; other < Math.min(column, rows - 1); other += 1) {
      let along = 0;
      for (let i = 0; i < rows; i += 1) along += vector[i]! * values[i * columns + other]!;
      for (let i = 0; i < rows; i += 1) vector[i]! -= along * values[i * columns + other]!;
    }
    const length = Math.hypot(...vector) || 1;
    for (let i = 0; i < rows; i += 1) values[i * columns + column] = vector[i]! / length;
  }
  return values.map((value) => value * gain);
}

/** Before anything was learnt: gains √2 within, 0.01 for the scores and 1 for the critic (CleanRL's ppo.py), biases 0. */
export function initialParameters(shape: PolicyShape, random: () => number): Float32Array {
  const parameters = new Float32Array(parameterCount(shape));
  for (const { name, shape: size, offset } of piecesOf(shape)) {
    const [rows = 1, columns = 1] = size;
    if (size.length < 2) continue;
    const gain = name === 'head' ? 0.01 : name === 'critic' ? (shape.hidden ? 1 : 0) : Math.SQRT2;
    parameters.set(orthogonal(rows, columns, gain, random), offset);
  }
  return parameters;
}

/** Mean of the candidates' features; zeros of none. */
export function centreOf(candidates: readonly Float64Array[], features: number): Float64Array {
  const centre = new Float64Array(features);
  for (const row of candidates) for (let i = 0; i < features; i += 1) centre[i]! += row[i]! / candidates.length;
  return centre;
}

export interface Judgement {
  /** Of each candidate, silence last. */
  readonly probabilities: readonly number[];
  /** What the place is expected to be worth. */
  readonly value: number;
}

/** What the network makes of candidates, however many there are. */
export function judge(shape: PolicyShape, parameters: Float32Array, candidates: readonly Float64Array[]): Judgement {
  const at = new Map(piecesOf(shape).map(({ name, offset }) => [name, offset]));
  const { features, hidden } = shape;
  const inner = (trunk: string, row: Float64Array): Float64Array => {
    if (hidden === 0) return row;
    const weights = at.get(trunk)!;
    const sums = Float64Array.from(parameters.subarray(at.get(`${trunk}Bias`)!, at.get(`${trunk}Bias`)! + hidden));
    for (let i = 0; i < features; i += 1) {
      const value = row[i]!;
      if (value === 0) continue;
      for (let j = 0; j < hidden; j += 1) sums[j]! += value * parameters[weights + i * hidden + j]!;
    }
    return sums.map(Math.tanh);
  };
  const score = (row: Float64Array, matrix: string, columns: number, column: number): number => {
    let sum = parameters[at.get(`${matrix}Bias`)! + column]!;
    const weights = at.get(matrix)!;
    for (let i = 0; i < row.length; i += 1) sum += row[i]! * parameters[weights + i * columns + column]!;
    return sum;
  };
  const centre = centreOf(candidates, features);
  const scores = candidates.map((row) => score(inner('trunk', row), 'head', 2, 0));
  scores.push(score(inner('trunk', centre), 'head', 2, 1));
  const most = Math.max(...scores);
  const weights = scores.map((one) => Math.exp(one - most));
  const total = weights.reduce((a, b) => a + b);
  return {
    probabilities: weights.map((weight) => weight / total),
    value: score(inner('criticTrunk', centre), 'critic', 1, 0),
  };
}
