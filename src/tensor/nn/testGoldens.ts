/** Reads test/fixtures/tensor, whose README.md says what is in it. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { NamedTensor } from '../files/packs.ts';
import { tensorsIn } from '../files/safetensors.ts';
import type { TensorValue } from '../model.ts';

export const families = ['smollm2', 'qwen2', 'llama3', 'tinyllama'] as const;

/** What PyTorch's results and ours may differ by. */
export const tolerance = 1e-4;

export const fixture = (...path: readonly string[]): string =>
  join(fileURLToPath(new URL('../../../test/fixtures/tensor', import.meta.url)), ...path);

/** `goldens.json` of a family, or of its adapter. */
export interface Goldens {
  readonly inputIds: readonly (readonly number[])[];
  readonly loss: number;
  /** −100: not to be predicted. */
  readonly maskedLabels: readonly (readonly number[])[];
  readonly maskedLoss: number;
  readonly training: {
    readonly optimiser: {
      readonly learningRate: number;
      readonly beta1: number;
      readonly beta2: number;
      readonly epsilon: number;
      readonly weightDecay: number;
      readonly maxGradNorm: number;
    };
    readonly batches: readonly (readonly (readonly number[])[])[];
    readonly losses: readonly number[];
    readonly gradientNorms: readonly number[];
  };
}

export const readJson = async <T>(...path: readonly string[]): Promise<T> =>
  JSON.parse(await readFile(fixture(...path), 'utf8')) as T;

export const readGoldens = (...path: readonly string[]): Promise<Goldens> => readJson(...path, 'goldens.json');

/** All tensors of a .safetensors file. */
export async function readTensors(...path: readonly string[]): Promise<ReadonlyMap<string, TensorValue>> {
  const file = fixture(...path);
  const bytes = await readFile(file);
  return tensorsIn(file, new Uint8Array(bytes)).values;
}

/** The same as a list. */
export const readNamed = async (...path: readonly string[]): Promise<readonly NamedTensor[]> =>
  [...(await readTensors(...path))].map(([name, value]) => ({ name, ...value }));

/** The largest difference of two lists of numbers of one length; infinite where they can't be compared. */
export function largestDifference(a: Iterable<number | bigint>, b: Iterable<number | bigint>): number {
  const [x, y] = [Array.from(a, Number), Array.from(b, Number)];
  if (x.length !== y.length || x.length === 0) return Number.POSITIVE_INFINITY;
  return x.reduce((worst, value, i) => {
    const difference = Math.abs(value - y[i]!);
    // NaN is no small difference.
    return difference <= worst ? worst : Number.isNaN(difference) ? Number.POSITIVE_INFINITY : difference;
  }, 0);
}
