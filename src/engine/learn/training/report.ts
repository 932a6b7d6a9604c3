/** The report of a training, as Markdown for the developer it was made for. */
import type { TrainingRun } from '../../../protocol/training.ts';
import { shown, withBounds } from './figures.ts';
import type { TrainingData } from './trainingData.ts';

/** What the report says of the data. */
export interface ReportFacts {
  readonly at: number;
  readonly labels: Readonly<Record<string, number>>;
  readonly files: number;
  readonly skipped: readonly { readonly reason: string; readonly count: number }[];
  readonly choices: number;
}

export function reportFacts(data: TrainingData, at: number): ReportFacts {
  const labels: Record<string, number> = {};
  for (const { source } of data.labels.rows) labels[source] = (labels[source] ?? 0) + 1;
  return {
    at,
    labels,
    files: new Set(data.labels.rows.map(({ group }) => group)).size,
    skipped: [...data.labels.skipped].map(([reason, count]) => ({ reason, count })),
    choices: data.choices.length,
  };
}

const titles = { rewardModel: 'Reward model', selector: 'Selector' } as const;
const outcomes = {
  promote: 'It can be activated.',
  reject: 'It is not used.',
  noSignal: 'It is not used.',
  notEnough: 'It is not used yet.',
} as const;

/** The beginning that all layers of one training share. */
export function reportHead(facts: ReportFacts, dryRun: boolean): string {
  const { labels, files, skipped, choices } = facts;
  const sources = Object.entries(labels).map(([source, count]) => `${count} ${sourceNames[source] ?? source}`);
  const total = Object.values(labels).reduce((sum, count) => sum + count, 0);
  return lines(
    `# What Attune learnt, ${new Date(facts.at).toISOString().slice(0, 16).replace('T', ' ')} UTC`,
    '',
    dryRun ? '**Dry run: nothing was written.** This is what a training would do.' : null,
    dryRun ? '' : null,
    total === 0
      ? 'There is nothing to learn from yet: no proposal was rated, accepted or rejected.'
      : `Learnt from ${total} labels in ${files} ${files === 1 ? 'file' : 'files'} (${sources.join(', ')}) and ${choices} decisions made while typing.`,
    skipped.length === 0 ? null : '',
    skipped.length === 0
      ? null
      : details(
          'What gave no label',
          skipped.map(({ reason, count }) => `- ${count} × ${reason}`),
        ),
  );
}
const sourceNames: Readonly<Record<string, string>> = {
  rating: 'from ratings',
  thumb: 'from thumbs',
  event: 'from what was accepted or not',
  pair: 'from choices and corrections',
};

/** The chapter of one layer. */
export function reportChapter(
  run: Omit<TrainingRun, 'scalars'>,
  { notes, effect }: { readonly notes: readonly string[]; readonly effect: string | null },
): string {
  const { layer, verdict } = run;
  return lines(
    `## ${titles[layer]}`,
    '',
    `**${verdict.reason}** ${outcomes[verdict.kind]}`,
    '',
    ...(layer === 'rewardModel' ? rewardModel(run) : selector(run)),
    ...(notes.length === 0 ? [] : ['### What was left out', '', ...notes.map((note) => `- ${note}`), '']),
    '### What changes, and how to undo it',
    '',
    ...consequences(run, effect),
  );
}

function rewardModel({ words, models, reliability, learningCurve, reranked, outliers }: Omit<TrainingRun, 'scalars'>) {
  const liked = words.filter(({ strength }) => strength > 0);
  const disliked = words.filter(({ strength }) => strength <= 0);
  const effect = (strength: number): string => `${(9 * Math.abs(strength)).toFixed(1)} of 10`;
  return [
    '### What was learnt',
    '',
    ...(words.length === 0
      ? ['Nothing that stands out from its uncertainty yet.']
      : [...liked, ...disliked].map(({ text, strength }) => `- ${text} (by about ${effect(strength)})`)),
    '',
    ...(models.length === 0
      ? []
      : [
          '### How well ratings are foretold',
          '',
          'On files that the model had not seen. Rank correlation: 0 is chance, 1 is perfect; in brackets, where the true figure lies in 19 of 20 cases.',
          '',
          '| model | rank correlation | inside their 90 % interval | calibration error | Brier score | pairs in the right order |',
          '|---|---|---|---|---|---|',
          ...models.map(
            ({ algorithm, chosen, spearman, coverage90, ece, brier, pairAccuracy }) =>
              `| ${chosen ? `**${algorithm}**` : algorithm} | ${withBounds(spearman)} | ${percent(coverage90.value)} | ${shown(ece)} | ${shown(brier)} | ${percent(pairAccuracy)} |`,
          ),
          '',
        ]),
    ...(reliability.length === 0
      ? []
      : [
          details('Foretold and observed chance of a rating above the middle', [
            '| foretold | observed | ratings |',
            '|---|---|---|',
            ...reliability.map(
              ({ predicted, observed, count }) => `| ${percent(predicted)} | ${percent(observed)} | ${count} |`,
            ),
          ]),
          '',
        ]),
    ...(learningCurve.length === 0
      ? []
      : [
          '### What more labels bring',
          '',
          `${sparkline(learningCurve.map(({ figure }) => figure.value))}`,
          '',
          '| labels | rank correlation |',
          '|---|---|',
          ...learningCurve.map(({ labels, figure }) => `| ${labels} | ${withBounds(figure)} |`),
          '',
        ]),
    ...(reranked.length === 0
      ? []
      : [
          '### Proposals it would now rank differently',
          '',
          ...reranked.map(
            ({ file, offered, instead }) =>
              `- ${inline(file === '' ? 'untitled' : file)}: ${inline(instead)} before ${inline(offered)}`,
          ),
          '',
        ]),
    ...(outliers.length === 0
      ? []
      : [
          '### Did you mean this?',
          '',
          'These ratings contradict what the others say. They count less; change one in the Ratings view if it was a slip.',
          '',
          '| proposal | you said | expected |',
          '|---|---|---|',
          ...outliers.map(({ episodeId, said, expected }) => `| ${episodeId} | ${said} | ${expected} |`),
          '',
        ]),
  ];
}

function selector({ offPolicy }: Omit<TrainingRun, 'scalars'>): readonly string[] {
  if (offPolicy.length === 0) return [];
  return [
    '### What each would have earned',
    '',
    'Reward of a decision (+0.75 accepted, −0.25 shown in vain, 0 silent), estimated from logged decisions in files that it had not seen. Gain: against what was really decided; if its interval holds 0, it may be no better.',
    '',
    '| selector | SNIPS | doubly robust | gain | shown | tells as much as |',
    '|---|---|---|---|---|---|',
    ...offPolicy.map(
      ({ algorithm, chosen, snips, doublyRobust, gain, shownShare, effectiveSize }) =>
        `| ${chosen ? `**${algorithm}**` : algorithm} | ${withBounds(snips)} | ${withBounds(doublyRobust)} | ${withBounds(gain)} | ${percent(shownShare)} | ${Math.round(effectiveSize)} decisions |`,
    ),
    '',
  ];
}

function consequences(
  { layer, verdict }: Pick<TrainingRun, 'layer' | 'verdict'>,
  effect: string | null,
): readonly string[] {
  if (verdict.kind !== 'promote') return ['Nothing changes: what was in use stays in use.'];
  const what =
    layer === 'rewardModel'
      ? 'Once it is activated, proposals are put in the order in which you are expected to like them, and the Ratings view asks first for ratings that teach most.'
      : 'Once it is activated, it decides while you type which suggestion is shown, or none. A small share of decisions stays random, so that it can be judged.';
  return [
    effect === null ? what : `${what} ${effect}`,
    '',
    'Undo: “Attune: Roll Back What Was Learnt”, or the Training view. Your ratings and the memory stay as they are.',
  ];
}

const percent = (share: number | null): string => (share === null ? '–' : `${Math.round(100 * share)} %`);

/** A code span that nothing in it can end. */
function inline(text: string): string {
  const flat = text.replace(/\s+/g, ' ').trim();
  const longest = Math.max(0, ...(flat.match(/`+/g) ?? []).map((run) => run.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}${longest > 0 ? ' ' : ''}${flat}${longest > 0 ? ' ' : ''}${fence}`;
}

const bars = '▁▂▃▄▅▆▇█';
const sparkline = (values: readonly (number | null)[]): string =>
  values.map((value) => (value === null ? ' ' : bars[Math.min(7, Math.max(0, Math.floor(value * 8)))])).join('');

const details = (title: string, content: readonly string[]): string =>
  ['<details>', `<summary>${title}</summary>`, '', ...content, '', '</details>'].join('\n');

const lines = (...parts: readonly (string | null)[]): string => parts.filter((part) => part !== null).join('\n');
