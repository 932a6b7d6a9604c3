/** Places as the graph of PPO takes them: of one size, padded, with the mean of the candidates as the row of silence. */
import { centreOf } from './policyNetwork.ts';
import type { PpoSizes } from './ppoGraph.ts';
import type { Choices } from './selector.ts';

type Sizes = Pick<PpoSizes, 'places' | 'slots' | 'features'>;

/** [places, slots + 1, features]; zeros where there is nothing. */
export function rowsOf(choices: readonly Choices[], { places, slots, features }: Sizes): Float32Array {
  const rows = new Float32Array(places * (slots + 1) * features);
  for (const [place, { candidates }] of choices.entries()) {
    const start = place * (slots + 1) * features;
    for (const [i, row] of candidates.entries()) rows.set(row, start + i * features);
    rows.set(centreOf(candidates, features), start + slots * features);
  }
  return rows;
}

/** [places, slots + 1]: −1e9 where there is no candidate, 0 elsewhere. */
export function absentOf(choices: readonly Choices[], { places, slots }: Sizes): Float32Array {
  return Float32Array.from({ length: places * (slots + 1) }, (_, i) => {
    const count = choices[Math.floor(i / (slots + 1))]?.candidates.length ?? 0;
    const action = i % (slots + 1);
    return action < slots && action >= count ? -1e9 : 0;
  });
}
