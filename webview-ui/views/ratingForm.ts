import '@vscode-elements/elements/dist/vscode-button/index.js';
import { html, nothing, type TemplateResult } from 'lit';
import { live } from 'lit/directives/live.js';
import { type EpisodeCard, type Reason, reasons } from '../../src/protocol/episode.ts';
import type { RatingDraft } from '../../src/protocol/webview.ts';
import { icon } from '../controls.ts';
import { formContent, isEmpty, storedRating } from '../drafts.ts';
import { reasonKey } from '../strings.ts';
import type { View } from './view.ts';
import { wanted } from './wanted.ts';

/** Thumb, slider, reasons, comment, wanted code, and what is stored of them. */
export function ratingForm(view: View, card: EpisodeCard): TemplateResult {
  const { state, t, dispatch } = view;
  const { id } = card.episode;
  const form = formContent(card, state.drafts.get(id));
  return html`<div class="form" role="group" aria-label=${t('rating')}>
    <div class="rate">
      <div class="thumbs">${thumb(view, id, form, 'up')}${thumb(view, id, form, 'down')}</div>
      <attune-score
        .t=${t}
        .value=${form.score}
        @score-input=${(event: CustomEvent<number | null>) =>
          dispatch({ type: 'edit', id, change: { score: event.detail } })}
        @score-commit=${() => dispatch({ type: 'commitScore', id })}
      ></attune-score>
    </div>
    <div class="chips" role="group" aria-label=${t('reasons')}>
      ${reasons.map((reason) => chip(view, id, form, reason))}
    </div>
    <textarea
      class="comment"
      rows="1"
      aria-label=${t('comment')}
      placeholder=${t('comment')}
      maxlength="10000"
      .value=${live(form.comment)}
      @input=${(event: Event) =>
        dispatch({ type: 'edit', id, change: { comment: (event.currentTarget as HTMLTextAreaElement).value } })}
    ></textarea>
    ${wanted(view, card, form.correction)}
    <div class="actions">
      <vscode-button ?secondary=${!state.drafts.has(id)} @click=${() => dispatch({ type: 'save', id })}
        >${t('save')}</vscode-button
      >
      ${status(view, id)}
      ${
        isEmpty(storedRating(card.rating))
          ? nothing
          : html`<button type="button" class="link withdraw" @click=${() => dispatch({ type: 'withdraw', id })}>
              ${t('withdraw')}
            </button>`
      }
    </div>
  </div>`;
}

function thumb({ t, dispatch }: View, id: string, form: RatingDraft, which: 'up' | 'down'): TemplateResult {
  const pressed = form.thumb === which;
  const label = t(which === 'up' ? 'good' : 'bad');
  return html`<button
    type="button"
    class="toggle ${which}"
    title=${label}
    aria-label=${label}
    aria-pressed=${String(pressed)}
    @click=${() => dispatch({ type: 'thumb', id, thumb: which })}
  >
    ${icon(`thumbs${which}${pressed ? '-filled' : ''}`)}
  </button>`;
}

function chip({ t, dispatch }: View, id: string, form: RatingDraft, reason: Reason): TemplateResult {
  const pressed = form.reasons.includes(reason);
  // In the order of the list, so that the same choice is the same value.
  const next = reasons.filter((one) => (one === reason ? !pressed : form.reasons.includes(one)));
  return html`<button
    type="button"
    class="chip"
    aria-pressed=${String(pressed)}
    @click=${() => dispatch({ type: 'edit', id, change: { reasons: next } })}
  >
    ${pressed ? icon('check') : nothing}${t(reasonKey(reason))}
  </button>`;
}

function status({ state, t }: View, id: string): TemplateResult {
  const saving = state.status.get(id);
  if (saving?.type === 'failed') {
    return html`<span class="status failed">${icon('error')}<span>${saving.message || t('notSaved')}</span></span>`;
  }
  if (saving?.type === 'saving') return html`<span class="status">${t('saving')}</span>`;
  if (state.drafts.has(id))
    return html`<span class="status">${icon('circle-filled', 'dot')}<span>${t('unsaved')}</span></span>`;
  return saving ? html`<span class="status saved">${icon('check')}<span>${t('saved')}</span></span>` : html``;
}
