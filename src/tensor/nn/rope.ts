/** Tables for rotary position embedding, with the scalings that make a model read further. */
import type { RopeScaling } from '../files/llamaConfig.ts';

export interface RopeConfig {
  readonly headDim: number;
  readonly ropeTheta: number;
  readonly ropeScaling: RopeScaling;
}

/** The angle each pair turns by from one position to the next, in radians; headDim / 2 of them. */
export function ropeFrequencies({ headDim, ropeTheta, ropeScaling }: RopeConfig): number[] {
  const plain = Array.from({ length: headDim / 2 }, (_, i) => ropeTheta ** ((-2 * i) / headDim));
  switch (ropeScaling.type) {
    case 'none':
      return plain;
    case 'linear':
      return plain.map((frequency) => frequency / ropeScaling.factor);
    case 'llama3': {
      // “The Llama 3 herd of models”, arXiv:2407.21783, as transformers computes it: slow pairs are slowed by `factor`, fast ones
      // kept, and those between blended by where their wavelength lies.
      const { factor, lowFreqFactor, highFreqFactor, originalMaxPositions } = ropeScaling;
      return plain.map((frequency) => {
        const turns = (originalMaxPositions * frequency) / (2 * Math.PI);
        if (turns < lowFreqFactor) return frequency / factor;
        if (turns > highFreqFactor) return frequency;
        const share = (turns - lowFreqFactor) / (highFreqFactor - lowFreqFactor);
        return ((1 - share) * frequency) / factor + share * frequency;
      });
    }
  }
}

/**
 * Cosines and sines of positions 0 to `positions` − 1, [positions, headDim] each, as ops/rotary.ts wants them: both halves of
 * a row alike, and the first half of the sines negated.
 */
export function ropeTables(config: RopeConfig, positions: number): { readonly cos: number[]; readonly sin: number[] } {
  const frequencies = ropeFrequencies(config);
  const cos: number[] = [];
  const sin: number[] = [];
  for (let position = 0; position < positions; position++) {
    const angles = frequencies.map((frequency) => position * frequency);
    cos.push(...angles.map(Math.cos), ...angles.map(Math.cos));
    sin.push(...angles.map((angle) => -Math.sin(angle)), ...angles.map(Math.sin));
  }
  return { cos, sin };
}
