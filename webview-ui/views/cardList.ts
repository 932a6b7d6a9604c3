import { html, nothing, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import { cardView } from './card.ts';
import type { View } from './view.ts';

/**
 * The suggestions as a WAI-ARIA feed: articles with controls inside, which a listbox's options may not have. One of them
 * is the tab stop; the arrow keys move it.
 */
export function cardList(view: View): TemplateResult {
  const { state, t } = view;
  return html`<div class="cards" role="feed" aria-label=${t('panel')} aria-busy=${String(state.phase === 'loading')}>
      ${repeat(
        state.cards,
        (card) => card.episode.id,
        (card, position) => cardView(view, card, position),
      )}
    </div>
    ${
      state.total > state.cards.length
        ? html`<p class="shown">${t('shown', state.cards.length, state.total)}</p>`
        : nothing
    }`;
}
