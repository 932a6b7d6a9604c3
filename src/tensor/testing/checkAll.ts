/** All gradients in float64 against central differences (gradientCheck.ts). */
import { decoderCases } from './decoderCases.ts';
import { gradientCheck, maxGradientError } from './gradientCheck.ts';
import type { Kit } from './kit.ts';
import { opCases } from './opCases.ts';

export interface GradientErrors {
  /** The largest of all cases. */
  readonly maxRelativeError: number;
  /** By the case's name. */
  readonly errors: ReadonlyMap<string, number>;
}

const withMaximum = (errors: ReadonlyMap<string, number>): GradientErrors => ({
  maxRelativeError: Math.max(...errors.values()),
  errors,
});

/** Of every op. */
export async function checkAllOps(kit: Kit): Promise<GradientErrors> {
  const errors = new Map<string, number>();
  for (const { name, build, inputs } of opCases) errors.set(name, await gradientCheck(kit, build, inputs));
  return withMaximum(errors);
}

/** Elements of each weight that are checked. */
const checkedElements = 8;

/** Of whole decoders: the loss to each of their weights. */
export async function checkDecoders(kit: Kit): Promise<GradientErrors> {
  const errors = new Map<string, number>();
  for (const each of decoderCases) {
    const { loss, variables } = each.build();
    errors.set(each.name, await maxGradientError(kit, loss, variables, { elements: checkedElements }));
  }
  return withMaximum(errors);
}
