/** Lines of data sets in TRL's conversational formats, from the very judgements that are learnt here. */
import { type Episode, verdict } from '../../../protocol/episode.ts';
import type { LmMessage } from '../../../protocol/rpc.ts';
import { redactSecrets } from '../../workspace/redact.ts';
import {
  groupOf,
  type Judged,
  type JudgedText,
  type Judgement,
  judgementsOf,
  type NoLabel,
} from '../reward/judgements.ts';

/** What a model would be asked for an episode, and how it would answer with a text; null: not at all. */
export type PromptOf = (
  episode: Episode,
  texts: readonly string[],
) => { readonly messages: readonly LmMessage[]; answer(text: string): string | null } | null;

type Message = Pick<LmMessage, 'role' | 'content'>;
interface Common {
  /** Unique in its file. */
  readonly id: string;
  readonly prompt: readonly Message[];
  readonly episode_id: string;
  /** A JSON string (see `metadataOf`): a column of one type, whatever stands in it. */
  readonly metadata: string;
}
/** “Unpaired preference”, for KTO. `score`: the label as it is learnt here, 0 to 1. */
export interface KtoRow extends Common {
  readonly completion: readonly Message[];
  readonly label: boolean;
  readonly score: number;
}
/** “Preference” with an explicit prompt, for DPO and reward models. `margin`: how much better `chosen` is, 0 to 1. */
export interface DpoRow extends Common {
  readonly chosen: readonly Message[];
  readonly rejected: readonly Message[];
  readonly margin: number;
}
/** “Prompt-only”, for PPO, GRPO and RLOO. */
export type PromptRow = Common;

/** Why something gave no line. */
export type LeftOut =
  | NoLabel
  | 'no model is asked'
  | 'neither good nor bad'
  | 'too weak for a yes or no'
  | 'no answer can say it'
  | 'both answers are the same';

export interface Rows {
  readonly kto: readonly KtoRow[];
  readonly dpo: readonly DpoRow[];
  readonly prompt: PromptRow | null;
  readonly leftOut: readonly LeftOut[];
  /** Secrets that were found though the memory holds none, and masked. */
  readonly masked: number;
}

/** A label of yes or no has no weight: what counts less than this (ignored, deleted into) would count as much as a thumb. */
const leastWeight = 0.3;
/** Targets of what happened: accepted begins at 0.55, refused ends at 0.2; what lies between (half of it kept) is neither. */
const happened = { good: 0.5, bad: 0.25 };

/** What one episode gives. `shifts`: see `raterShifts`. */
export function rowsOf(entry: Judged, shifts: ReadonlyMap<string, number>, promptOf: PromptOf): Rows {
  const { episode } = entry;
  const leftOut: LeftOut[] = [];
  const nothing: Rows = { kto: [], dpo: [], prompt: null, leftOut, masked: 0 };
  const { judgements, skipped } = judgementsOf(entry, shifts);
  leftOut.push(...skipped);
  if (episode.offered === null && judgements.length === 0) return nothing;
  const offered = episode.candidates.flatMap(({ text, droppedBy }) => (droppedBy === undefined ? [text] : []));
  const asked = promptOf(episode, [...offered, ...judgements.flatMap(textsIn).map(({ text }) => text)]);
  if (asked === null) return { ...nothing, leftOut: [...leftOut, 'no model is asked'] };

  let masked = 0;
  /** The memory holds no secrets; what it took for none may be known as one by now. Half a character is no JSON elsewhere. */
  const clean = (content: string): string => {
    const { text, count } = redactSecrets(content);
    masked += count;
    return text.toWellFormed();
  };
  const prompt = asked.messages.map(({ role, content }) => ({ role, content: clean(content) }));
  const answers = new Map<string, readonly Message[] | null>();
  const answer = (text: string): readonly Message[] | null => {
    const known = answers.get(text);
    if (known !== undefined) return known;
    const content = asked.answer(text);
    const messages = content === null ? null : [{ role: 'assistant' as const, content: clean(content) }];
    answers.set(text, messages);
    return messages;
  };
  const common = (of: 'kto' | 'dpo', number: number, judgement: Judgement) => ({
    id: `${episode.id}-${of}-${number}`,
    prompt,
    episode_id: episode.id,
    metadata: JSON.stringify(metadataOf(episode, judgement)),
  });

  const kto: KtoRow[] = [];
  const dpo: DpoRow[] = [];
  for (const judgement of judgements) {
    if (judgement.source === 'pair') {
      const [chosen, rejected] = [answer(judgement.better.text), answer(judgement.worse.text)];
      if (chosen === null || rejected === null) leftOut.push('no answer can say it');
      else if (chosen[0]!.content === rejected[0]!.content) leftOut.push('both answers are the same');
      else dpo.push({ ...common('dpo', dpo.length, judgement), chosen, rejected, margin: judgement.target });
      continue;
    }
    const label = labelIn(judgement);
    const completion = answer(judgement.judged.text);
    if (typeof label === 'string') leftOut.push(label);
    else if (completion === null) leftOut.push('no answer can say it');
    else kto.push({ ...common('kto', kto.length, judgement), completion, label, score: judgement.target });
  }
  const metadata = JSON.stringify(metadataOf(episode, null));
  return { kto, dpo, prompt: { id: episode.id, prompt, episode_id: episode.id, metadata }, leftOut, masked };
}

const textsIn = (judgement: Judgement): readonly JudgedText[] =>
  judgement.source === 'pair' ? [judgement.better, judgement.worse] : [judgement.judged];

/** What was said is good or bad as the panel shows it; what happened is as clear as its target. */
function labelIn({ rating, target, weight }: Exclude<Judgement, { source: 'pair' }>): boolean | LeftOut {
  if (rating !== null) {
    const said = verdict(rating);
    return said === 'good' || said === 'bad' ? said === 'good' : 'neither good nor bad';
  }
  if (weight < leastWeight) return 'too weak for a yes or no';
  if (target >= happened.good) return true;
  return target <= happened.bad ? false : 'neither good nor bad';
}

/** `group`: a file, or an untitled document; a test set holds whole groups, since texts of one file resemble each other. */
function metadataOf(episode: Episode, judgement: Judgement | null) {
  const { kind, languageId, at, candidates, offered } = episode;
  const facts = { group: groupOf(episode), kind, language: languageId, at };
  if (judgement === null) return facts;
  const { source, weight } = judgement;
  if (judgement.source === 'pair') return { ...facts, source, weight };
  const { index } = judgement.judged;
  const { model, propensity } = candidates[index]!;
  const chance = propensity ?? (index === offered ? episode.propensity : undefined);
  return { ...facts, source, weight, model, ...(chance === undefined ? {} : { propensity: chance }) };
}
