/** The arm without memory and learning: a few places, drawn and kept to, against which both are measured. */
import type { EngineConfig } from '../../protocol/config.ts';
import type { Clock } from '../clock.ts';
import { drawFor } from '../learn/acceptance.ts';

/** `control`: without memory and learning. */
export type Arm = 'control' | 'treated';

/** For so long a place stays in its arm: a line is finished, and no file is without memory for good. */
const stickyMs = 10 * 60_000;

/**
 * Whether a place is decided as if nothing had been remembered or learnt. Random (a hash), sticky (the same line of a file for ten
 * minutes: typing on changes nothing), and balanced: every place and time has the same chance of it.
 */
export function isControl(
  share: number,
  seed: number,
  place: { readonly file: string; readonly line: number; readonly at: number },
): boolean {
  if (share <= 0) return false;
  return drawFor(seed, `control ${Math.floor(place.at / stickyMs)} ${place.line} ${place.file}`) < share;
}

interface Varying {
  readonly config: Pick<EngineConfig, 'examples' | 'controlShare'>;
  readonly options: { readonly clock: Clock; readonly seed?: number };
}

/** Of a place, now. Where memory is off there is nothing to compare. */
export function armOf({ config, options }: Varying, file: string, line: number): Arm {
  if (config.examples === 0) return 'treated';
  const at = options.clock.now();
  return isControl(config.controlShare, options.seed ?? 0, { file, line, at }) ? 'control' : 'treated';
}
