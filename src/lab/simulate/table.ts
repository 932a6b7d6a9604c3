import type { SimulateResult } from './run.ts';

const decimals = (value: number | undefined, digits = 3): string => (value === undefined ? '' : value.toFixed(digits));
const percent = (share: number): string => `${Math.round(100 * share)} %`;

/** The result for a person: one line a policy, its rewards as time goes on, and its regret. */
export function simulationTable({ policies, nonlinear, developers, firstSeed, steps }: SimulateResult): string {
  const reports = Object.entries(policies);
  const stretches = Object.keys(reports[0]?.[1].windows ?? {});
  const head = ['policy', ...stretches, 'shown', 'accepted', 'regret', '± between', 'of random’s', 'silent'];
  const rows = reports.map(([name, report]) => [
    name,
    ...stretches.map((stretch) => decimals(report.windows[stretch]?.reward)),
    percent(report.shownShare),
    percent(report.acceptOfShown),
    decimals(report.regret, 0),
    decimals(report.regretSd, 0),
    report.ofRandom
      ? `${percent(report.ofRandom.share)} (${percent(report.ofRandom.low)} to ${percent(report.ofRandom.high)})`
      : '',
    String(report.fellSilent),
  ]);
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]!.length)));
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!)))
      .join('  ');
  const { developers: others, ...regrets } = nonlinear;
  const interacting = Object.entries(regrets).map(([name, { regret }]) => `${name} ${decimals(regret, 0)}`);
  return [
    `${developers} developers from seed ${firstSeed}, ${steps} decisions each, tastes turn at decision 800. Reward per decision:`,
    line(head),
    ...rows.map(line),
    ...(others > 0 ? [`Regret with ${others} developers whose tastes interact: ${interacting.join(', ')}`] : []),
  ].join('\n');
}
