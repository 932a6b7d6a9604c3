import { gradientCheck } from './gradientCheck.ts';
import type { Kit } from './kit.ts';
import { opCases } from './opCases.ts';

export interface OpErrors {
  /** The largest of all cases. */
  readonly maxRelativeError: number;
  /** By the case's name. */
  readonly errors: ReadonlyMap<string, number>;
}

/** The error of each op's gradient in float64 against central differences (gradientCheck.ts). */
export async function checkAllOps(kit: Kit): Promise<OpErrors> {
  const errors = new Map<string, number>();
  for (const { name, build, inputs } of opCases) errors.set(name, await gradientCheck(kit, build, inputs));
  return { maxRelativeError: Math.max(...errors.values()), errors };
}
