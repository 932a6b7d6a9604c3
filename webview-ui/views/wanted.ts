import { html, nothing, type TemplateResult } from 'lit';
import { live } from 'lit/directives/live.js';
import type { EpisodeCard } from '../../src/protocol/episode.ts';
import { disclosure, icon } from '../controls.ts';
import type { View } from './view.ts';

/** "What I wanted instead": null is not said, the empty text is "nothing at all should stand there". */
export function wanted(view: View, card: EpisodeCard, correction: string | null): TemplateResult {
  const { state, t, dispatch } = view;
  const { id } = card.episode;
  const open = state.open.wanted.has(id);
  const controls = `wanted-${id}`;
  const preview =
    correction === null ? '' : correction === '' ? t('nothingAtAll') : (correction.trim().split('\n')[0] ?? '');
  return html`${disclosure({
    open,
    label: t('wanted'),
    ...(open ? {} : { detail: preview }),
    controls,
    press: () => dispatch({ type: 'toggle', section: 'wanted', id }),
  })}
  ${
    open
      ? html`<div class="wanted" id=${controls}>
          <textarea
            id="wanted-text"
            class="code"
            rows="3"
            spellcheck="false"
            aria-label=${t('wanted')}
            placeholder=${correction === '' ? t('nothingAtAll') : t('wantedHint')}
            maxlength="200000"
            .value=${live(correction ?? '')}
            @input=${(event: Event) => {
              const text = (event.currentTarget as HTMLTextAreaElement).value;
              dispatch({ type: 'edit', id, change: { correction: text === '' ? null : text } });
            }}
          ></textarea>
          <div class="links">
            <button type="button" class="link" @click=${() => dispatch({ type: 'useCurrent', id })}>${t('useCurrent')}</button>
            ${
              state.replaced.has(id)
                ? html`<button type="button" class="link" @click=${() => dispatch({ type: 'restoreMine', id })}>
                    ${t('restoreMine')}
                  </button>`
                : nothing
            }
            <button
              type="button"
              class="link"
              aria-pressed=${String(correction === '')}
              @click=${() => dispatch({ type: 'edit', id, change: { correction: correction === '' ? null : '' } })}
            >
              ${correction === '' ? icon('check') : nothing}${t('nothingAtAll')}
            </button>
          </div>
          ${state.lost.has(id) ? html`<p class="note">${icon('info')}<span>${t('notFound')}</span></p>` : nothing}
        </div>`
      : nothing
  }`;
}
