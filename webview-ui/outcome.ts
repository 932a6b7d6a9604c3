import { type EpisodeCard, type Outcome, reasons, verdict } from '../src/protocol/episode.ts';
import { reasonKey, type StringKey, type Translate } from './strings.ts';

/** `icon` is a codicon's name. The icon and the text say the same; the colour only repeats it. */
export interface OutcomeLabel {
  readonly icon: string;
  readonly tone: 'good' | 'bad' | 'neutral';
  readonly text: string;
}

const looks: Readonly<Record<Outcome['type'], Omit<OutcomeLabel, 'text'>>> = {
  silent: { icon: 'mute', tone: 'neutral' },
  offered: { icon: 'circle-outline', tone: 'neutral' },
  shown: { icon: 'eye', tone: 'neutral' },
  read: { icon: 'eye', tone: 'neutral' },
  accepted: { icon: 'check', tone: 'good' },
  partlyAccepted: { icon: 'check', tone: 'good' },
  retained: { icon: 'check-all', tone: 'good' },
  rejected: { icon: 'close', tone: 'bad' },
  reverted: { icon: 'discard', tone: 'bad' },
  ignored: { icon: 'dash', tone: 'neutral' },
};

const eventReasons = ['escape', 'moved', 'superseded', 'typedPast', 'blurred', 'timedOut'] as const;

/** Icon, tone and words for what became of a suggestion; an unknown reason is left out rather than shown raw. */
export function outcomeLabel(outcome: Outcome, t: Translate): OutcomeLabel {
  const look = looks[outcome.type];
  const share = outcome.type === 'retained' && outcome.share !== undefined ? outcome.share : null;
  const text = share === null ? t(`outcome.${outcome.type}`) : t('outcome.share', `${Math.round(share * 100)} %`);
  const reason = reasonText(outcome.reason, t);
  return { ...look, text: reason === '' ? text : `${text} · ${reason}` };
}

function reasonText(reason: string | undefined, t: Translate): string {
  const chip = reasons.find((known) => known === reason);
  if (chip) return t(reasonKey(chip));
  const event = eventReasons.find((known) => known === reason);
  return event ? t(`why.${event}` satisfies StringKey) : '';
}

/** "rated 8 of 10", "rated good", "not rated": for screen readers. */
export function ratingText(card: Pick<EpisodeCard, 'rating'>, t: Translate): string {
  const { rating } = card;
  const said = verdict(rating);
  if (rating === null || said === 'unrated') return t('unrated');
  const thumb = rating.thumb === 'up' ? t('ratedGood') : rating.thumb === 'down' ? t('ratedBad') : '';
  const score = rating.score === null ? '' : t('ratedScore', rating.score);
  return [thumb, score].filter((part) => part !== '').join(', ') || t('ratedBad');
}
