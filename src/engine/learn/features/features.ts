/** A candidate as numbers: the table's features, then what the edit changes as a difference of embeddings. */
import type { Past } from '../decisions.ts';
import type { Block } from '../reward/bayesianLinear.ts';
import { editEmbedding, editEmbeddingVersion, type TokenCounts, tokenCounts } from './editEmbedding.ts';
import { type Measures, measure } from './measures.ts';
import type { Offerable } from './offerable.ts';
import { featureVersion, table, viewOf } from './table.ts';

/**
 * Of the embedded difference, which carries most of the label. Models are trained on a projection of it (projection.ts), so that
 * many cost little; with 128 of them Spearman is 0.01 lower on simulated developers.
 */
const dimensions = 384;

export interface FeatureExtractor {
  /** Changes whenever a number would: rows of two identities never meet in one model. */
  readonly identity: string;
  readonly names: readonly string[];
  /** The last one is the embedding. */
  readonly blocks: readonly Block[];
  /** As many as `names`. Below 0.3 ms for a candidate of 1 kB. `past`: earlier offers, oldest first; only those known by then count. */
  featuresOf(offer: Offerable, past: readonly Past[]): Float64Array;
}

export function featureExtractor(): FeatureExtractor {
  // The candidates of one place come one after the other.
  let origin: { readonly text: string; readonly measures: Measures; readonly counts: TokenCounts } | null = null;

  function originOf(text: string) {
    if (origin?.text !== text) origin = { text, measures: measure(text), counts: tokenCounts(text) };
    return origin;
  }

  return {
    identity: `features:v${featureVersion}:edit:v${editEmbeddingVersion}:${dimensions}`,
    names: [...table.map(({ name }) => name), ...Array.from({ length: dimensions }, (_, i) => `edit ${i}`)],
    blocks: blocks(),
    featuresOf(offer, past) {
      const { measures, counts } = originOf(offer.before);
      const view = viewOf(offer, past, measures);
      const features = new Float64Array(table.length + dimensions);
      table.forEach(({ of }, i) => {
        features[i] = of(view);
      });
      features.set(editEmbedding(counts, tokenCounts(offer.text), dimensions), table.length);
      return features;
    },
  };
}

function blocks(): readonly Block[] {
  const result: { name: string; start: number; end: number }[] = [];
  table.forEach(({ block }, i) => {
    const last = result.at(-1);
    if (last?.name === block) last.end = i + 1;
    else result.push({ name: block, start: i, end: i + 1 });
  });
  return [...result, { name: 'edit', start: table.length, end: table.length + dimensions }];
}

/** The table for a person, as Markdown: README.md beside this file. */
export function featureMarkdown(): string {
  const rows = table.map(({ name, block, meaning }) => `| ${name} | ${block} | ${meaning} |`);
  return `# What the reward model and the selector look at

Version ${featureVersion}. Features of one block share a prior: how much the block matters is learnt from the labels.

| feature | block | a high value says |
|---|---|---|
${rows.join('\n')}
| edit 0 … edit ${dimensions - 1} | edit | what the edit changes: hashed tokens, their kinds and pairs of kinds, of the text minus those of what it replaces |
`;
}
