/** The card of an exported data set: what `load_dataset` reads the folder by, and what a person needs to know before training on it. */
import { type KtoWeights, ktoWeights } from './ktoWeights.ts';
import type { LeftOut } from './rows.ts';

/** In a card's front matter: the folder is ours and may be written over. */
export const cardMark = 'attune-training-data';

export interface DataSetFacts {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly labelVersion: number;
  readonly episodes: number;
  readonly kto: { readonly desirable: number; readonly undesirable: number };
  readonly dpo: number;
  readonly prompts: number;
  /** Prompts that were there already. */
  readonly samePrompts: number;
  readonly leftOut: ReadonlyMap<LeftOut, number>;
  readonly masked: number;
}

/** Markdown of `README.md`. Data sets without a line are not in its front matter: `load_dataset` fails on an empty file. */
export function dataSetCard(facts: DataSetFacts): string {
  const { kto, dpo, prompts } = facts;
  const sets = [
    { name: 'kto', lines: kto.desirable + kto.undesirable, type: 'unpaired preference', trainer: 'KTOTrainer' },
    { name: 'dpo', lines: dpo, type: 'preference, explicit prompt', trainer: 'DPOTrainer, RewardTrainer' },
    {
      name: 'prompts',
      lines: prompts,
      type: 'prompt-only',
      trainer: 'GRPOTrainer, RLOOTrainer; PPO in verl or OpenRLHF',
    },
  ] as const;
  const filled = sets.filter(({ lines }) => lines > 0);
  const configs = filled.flatMap(({ name }) => [`- config_name: ${name}`, `  data_files: ${name}.jsonl`]);
  const leftOut = [...facts.leftOut].sort(([, a], [, b]) => b - a).map(([reason, count]) => `| ${reason} | ${count} |`);
  return [
    '---',
    ...(configs.length === 0 ? [] : ['configs:', ...configs]),
    'tags:',
    `- ${cardMark}`,
    '---',
    '',
    '# Training data from Attune',
    '',
    `Made ${new Date(facts.at).toISOString()} from ${facts.episodes} episodes, with labels of version ${facts.labelVersion}. All are in TRL’s conversational formats.`,
    '',
    '| file | lines | type in TRL | for |',
    '|---|---|---|---|',
    ...sets.map(({ name, lines, type, trainer }) => `| ${name}.jsonl | ${lines} | ${type} | ${trainer} |`),
    '',
    'The lines hold your code, without the secrets that were recognized' +
      (facts.masked === 0 ? '.' : ` (${facts.masked} were masked only now).`) +
      ' Nothing was uploaded.',
    '',
    '## Loading',
    '',
    '```python',
    'from datasets import load_dataset',
    '',
    `data = load_dataset("path/to/this/folder", "${filled[0]?.name ?? 'kto'}", split="train").shuffle(seed=0)`,
    '```',
    '',
    'Texts of one file resemble each other: keep whole files apart for the test.',
    '',
    '```python',
    'import json, zlib',
    '',
    'group = lambda row: json.loads(row["metadata"])["group"]',
    'is_test = lambda row: zlib.crc32(group(row).encode()) % 5 == 0',
    'train, test = data.filter(lambda row: not is_test(row)), data.filter(is_test)',
    '```',
    '',
    '## KTO',
    '',
    `${kto.desirable} completions are desirable, ${kto.undesirable} are not.`,
    '',
    ...weightsText(ktoWeights(kto.desirable, kto.undesirable)),
    '## Left out',
    '',
    ...(leftOut.length === 0 ? ['Nothing.'] : ['| why | how often |', '|---|---|', ...leftOut]),
    ...(facts.samePrompts === 0
      ? []
      : ['', `${facts.samePrompts} prompts are the same as another and stand in prompts.jsonl once.`]),
    '',
  ].join('\n');
}

function weightsText(weights: KtoWeights | null): readonly string[] {
  if (weights === null)
    return ['One side is empty: KTO has nothing to weigh against it. Rate some more of the other kind first.', ''];
  const { desirable_weight: desirable, undesirable_weight: undesirable } = weights;
  return [
    'With these weights the two sides count as the paper recommends, between 1 : 1 and 4 : 3. KTO needs batches of at least 2.',
    '',
    '```python',
    'from trl import KTOConfig',
    '',
    `args = KTOConfig(output_dir="out", desirable_weight=${desirable}, undesirable_weight=${undesirable})`,
    '```',
    '',
  ];
}
