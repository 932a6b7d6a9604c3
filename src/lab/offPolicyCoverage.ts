/** `npm run lab -- coverage`: on bandits that no constant was chosen on. */
import { type OffPolicyCoverage, offPolicyCoverage } from '../engine/learn/evaluation/offPolicyCoverage.ts';
import { columns } from './simulate/columns.ts';

const seeds = [100, 101, 102, 103];
const logs = 200;
const sizes = [50, 100, 300];

export interface CoverageResult {
  /** Logs of each bandit. */
  readonly replications: number;
  readonly bandits: number;
  /** By the number of decisions in a log. */
  readonly at: Readonly<Record<string, OffPolicyCoverage>>;
}

export function measureCoverage(): CoverageResult {
  const at = sizes.map((decisions) => [`${decisions}`, offPolicyCoverage({ decisions, seeds, logs })] as const);
  return { replications: logs, bandits: seeds.length, at: Object.fromEntries(at) };
}

/** The result for a person. */
export function coverageTable({ at, replications, bandits }: CoverageResult): string {
  const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
  const rows = Object.entries(at).map(([decisions, { value, difference }]) => [
    decisions,
    ...[value, difference].map((one) => `${percent(one.value)} (${percent(one.low)} to ${percent(one.high)})`),
  ]);
  return [
    `How many of the off-policy intervals of 95 % hold the true value, in ${replications} logs of each of ${bandits} bandits:`,
    columns(['decisions', 'value of a policy', 'gain over what decided'], rows),
  ].join('\n');
}
