import { html, nothing, type TemplateResult } from 'lit';
import { type EpisodeCard, verdict } from '../../src/protocol/episode.ts';
import { icon } from '../controls.ts';
import { formContent } from '../drafts.ts';
import { ratingText } from '../outcome.ts';
import type { View } from './view.ts';

/** What was said about a card, at a glance: thumb and score. Nothing when it is not rated. */
export function ratingBadge({ state, t }: View, card: EpisodeCard): TemplateResult | typeof nothing {
  const { thumb, score } = formContent(card, state.drafts.get(card.episode.id));
  const said = card.rating ? verdict(card.rating) : 'unrated';
  if (thumb === null && score === null && said !== 'bad') return nothing;
  const shown = thumb ?? (score === null ? 'down' : null);
  const tone =
    shown === 'up' || (shown === null && said === 'good') ? 'good' : shown === 'down' || said === 'bad' ? 'bad' : '';
  const label = ratingText(card, t);
  return html`<span class="badge ${tone}" title=${label}
    >${shown === null ? nothing : icon(`thumbs${shown}-filled`)}${score ?? nothing}</span
  >`;
}
