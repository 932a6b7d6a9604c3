/** What was said and what happened, as rows of a regression. Whatever gives no row is counted with its reason. */
import { type Offerable, offerableText } from '../features/offerable.ts';
import {
  groupOf,
  type Judged,
  type JudgedText,
  judgementsOf,
  labelVersion,
  type NoLabel,
  ratingsIn,
} from './judgements.ts';
import { raterShifts } from './raters.ts';
import type { Row } from './rewardModel.ts';

/** Why something gave no row. */
export type NoRow = NoLabel | 'features are not finite';

export interface Labels {
  readonly version: number;
  /** In the order of time. */
  readonly rows: readonly Row[];
  readonly skipped: ReadonlyMap<NoRow, number>;
}

/** `featuresOf` sees a candidate as it was seen when it was decided. */
export function labelsOf(entries: readonly Judged[], featuresOf: (offer: Offerable) => Float64Array): Labels {
  const skipped = new Map<NoRow, number>();
  const skip = (reason: NoRow): void => void skipped.set(reason, (skipped.get(reason) ?? 0) + 1);
  const shifts = raterShifts(entries.flatMap(ratingsIn));
  const rows: Row[] = [];

  for (const entry of [...entries].sort((a, b) => a.episode.at - b.episode.at)) {
    const { episode } = entry;
    const { id: episodeId, at } = episode;
    const group = groupOf(episode);
    const known = new Map<JudgedText, Float64Array>();
    const features = (judged: JudgedText): Float64Array => {
      const found = known.get(judged) ?? featuresOf(offerableText(episode, judged.text, judged.index));
      known.set(judged, found);
      return found;
    };
    const found = judgementsOf(entry, shifts);
    found.skipped.forEach(skip);
    for (const judgement of found.judgements) {
      const { source, target, weight } = judgement;
      const seen = judgement.source === 'pair' ? difference(judgement) : features(judgement.judged);
      if (seen.every(Number.isFinite)) rows.push({ features: seen, target, weight, source, group, episodeId, at });
      else skip('features are not finite');
    }

    function difference({ better, worse }: { readonly better: JudgedText; readonly worse: JudgedText }): Float64Array {
      const less = features(worse);
      return features(better).map((value, i) => value - less[i]!);
    }
  }
  return { version: labelVersion, rows, skipped };
}
