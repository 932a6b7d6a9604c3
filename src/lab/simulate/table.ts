import { columns } from './columns.ts';
import type { SimulateResult } from './run.ts';

const decimals = (value: number | undefined, digits = 3): string => (value === undefined ? '' : value.toFixed(digits));
const percent = (share: number): string => `${Math.round(100 * share)} %`;

/** The result for a person: one line a policy, its rewards as time goes on, and its regret. */
export function simulationTable(result: SimulateResult): string {
  const { policies, nonlinear, developers, firstSeed, steps } = result;
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
  const { developers: others, ...regrets } = nonlinear;
  const interacting = Object.entries(regrets).map(([name, { regret }]) => `${name} ${decimals(regret, 0)}`);
  return [
    `${developers} developers from seed ${firstSeed}, ${steps} decisions each, tastes turn at decision 800. Reward per decision:`,
    columns(head, rows),
    ...attuneLines(result),
    ...(others > 0 ? [`Regret with ${others} developers whose tastes interact: ${interacting.join(', ')}`] : []),
  ].join('\n');
}

/** What is said of the real engine besides its row. */
function attuneLines({ policies: { attune }, vsNone, shuffled, engine }: SimulateResult): string[] {
  if (!attune || !engine) return [];
  const { ofBestBandit, afterDrift } = attune;
  const lines = [
    ofBestBandit && `attune’s regret over that of ${ofBestBandit.name}: ${interval(ofBestBandit.share, ofBestBandit)}`,
    vsNone &&
      `attune against the same engine without memory and learning: accepted ${interval(vsNone.acceptRelative, vsNone.acceptRelativeInterval)}, shown ${interval(vsNone.shownRelative, vsNone.shownRelativeInterval)}`,
    afterDrift &&
      `Reward 100 to 400 decisions after the drift over that before it: ${interval(afterDrift.share, afterDrift)}`,
    `${engine.promoted} versions promoted in ${engine.trainings} trainings; where there is nothing to learn ${shuffled.promoted} in ${shuffled.trainings}`,
  ];
  return lines.filter((line) => line !== null);
}

const interval = (value: number, { low, high }: { readonly low: number; readonly high: number }): string =>
  `${percent(value)} (${percent(low)} to ${percent(high)})`;
