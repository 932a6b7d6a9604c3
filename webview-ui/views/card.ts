import { html, nothing, type TemplateResult } from 'lit';
import type { EpisodeCard } from '../../src/protocol/episode.ts';
import { icon, iconButton } from '../controls.ts';
import { shownCandidate, wholeLines } from '../diff.ts';
import { fullTime, modelLabel, relativeTime, splitPath } from '../format.ts';
import { outcomeLabel, ratingText } from '../outcome.ts';
import { ratingBadge } from './ratingBadge.ts';
import { ratingForm } from './ratingForm.ts';
import type { View } from './view.ts';
import { whyButton, whyList } from './whyList.ts';

/** Rows of the selected card's diff before it folds. */
const selectedRows = 14;
/** Rows of the other cards' diffs: enough to recognise it. */
const previewRows = 3;

/** One suggestion: where, when, what became of it, its diff; when selected also the form. */
export function cardView(view: View, card: EpisodeCard, position: number): TemplateResult {
  const { state, t, locale, nowMs, dispatch } = view;
  const { episode } = card;
  const { id } = episode;
  const selected = state.selected === id;
  const { name, folder } = splitPath(episode.file);
  const outcome = outcomeLabel(card.outcome, t);
  const time = relativeTime(episode.at, nowMs, locale, t);
  const teaches = state.marked.has(id);
  const said = [name || t('untitled'), time, outcome.text, t(`kind.${episode.kind}`), ratingText(card, t)];
  const label = [...said, ...(teaches ? [t('teaches')] : [])].join(', ');
  return html`<article
    id=${`card-${id}`}
    class="card ${selected ? 'selected' : ''}"
    tabindex=${selected ? '0' : '-1'}
    aria-label=${label}
    aria-current=${selected ? 'true' : nothing}
    aria-posinset=${position + 1}
    aria-setsize=${state.cards.length}
    data-id=${id}
    @click=${() => dispatch({ type: 'select', id })}
  >
    <div class="head">
      <div class="where">
        ${icon(outcome.icon, `outcome ${outcome.tone}`)}
        <span class="file" title=${episode.file}
          >${name || t('untitled')}<span class="place">:${episode.range.startLine + 1}</span></span
        >
        <span class="folder" title=${episode.file}>${folder}</span>
        <time datetime=${new Date(episode.at).toISOString()} title=${fullTime(episode.at, locale)}>${time}</time>
      </div>
      <div class="what">
        ${meta(view, card, outcome.text)} ${
          teaches ? html`<span class="badge teaches" title=${t('teaches')}>${icon('mortar-board')}</span>` : nothing
        } ${selected ? nothing : quickThumbs(view, id)} ${ratingBadge(view, card)}
      </div>
    </div>
    ${
      episode.instruction === ''
        ? nothing
        : html`<p class="instruction" title=${t('instruction', episode.instruction)}>${episode.instruction}</p>`
    }
    ${diff(view, card, selected)} ${
      selected
        ? html`${ratingForm(view, card)}
            <div class="card-foot">${whyButton(view, card)}${cardActions(view, card)}</div>
            ${confirm(view, id)}${whyList(view, card)}`
        : nothing
    }
  </article>`;
}

function meta({ t }: View, card: EpisodeCard, outcome: string): TemplateResult {
  const { episode } = card;
  const { model, index } = shownCandidate(card);
  const offered = episode.candidates.filter((candidate) => candidate.droppedBy === undefined).length;
  const parts = [
    html`<span>${outcome}</span>`,
    ...(offered > 1 && episode.kind === 'edit'
      ? [html`<span title=${t('candidatesTitle', index + 1, offered)}>${t('candidates', index + 1, offered)}</span>`]
      : []),
    html`<span title=${model}>${modelLabel(model, t)}</span>`,
    html`<span>${t(`kind.${episode.kind}`)}</span>`,
    ...(card.otherRatings > 0 ? [html`<span>${t('otherRatings', card.otherRatings)}</span>`] : []),
  ];
  return html`<span class="meta"
    >${card.forbidden ? html`<span class="forbidden-mark" title=${t('forbidden')}>${icon('circle-slash')}</span>` : nothing}${parts}</span
  >`;
}

/** One click without opening the card; the keys g and b do the same, so they are no tab stops. */
function quickThumbs({ t, dispatch }: View, id: string): TemplateResult {
  const press = (thumb: 'up' | 'down') => (event: Event) => {
    event.stopPropagation();
    dispatch({ type: 'thumb', id, thumb });
  };
  return html`<span class="quick"
    >${iconButton({ icon: 'thumbsup', label: t('good'), press: press('up'), tabStop: false })}${iconButton({
      icon: 'thumbsdown',
      label: t('bad'),
      press: press('down'),
      tabStop: false,
    })}</span
  >`;
}

function cardActions({ t, dispatch }: View, { episode, forbidden }: EpisodeCard): TemplateResult {
  const { id } = episode;
  return html`<span class="card-actions"
    >${iconButton({
      icon: 'go-to-file',
      label: t('open'),
      press: () => dispatch({ type: 'post', message: { type: 'open', episodeId: id } }),
    })}${iconButton({
      icon: 'list-tree',
      label: t('trace'),
      press: () => dispatch({ type: 'post', message: { type: 'trace', episodeId: id } }),
    })}${iconButton({
      icon: 'circle-slash',
      label: t(forbidden ? 'allow' : 'never'),
      pressed: forbidden,
      press: () => dispatch({ type: 'direct', id, use: forbidden ? 'allowed' : 'never' }),
    })}${iconButton({ icon: 'trash', label: t('delete'), press: () => dispatch({ type: 'askDelete', id }) })}</span
  >`;
}

function diff({ state, t, dispatch }: View, card: EpisodeCard, selected: boolean): TemplateResult {
  const { id } = card.episode;
  const { before, after } = wholeLines(card);
  return html`<attune-diff
    .t=${t}
    .oldText=${before}
    .newText=${after}
    .changes=${!selected}
    .maxRows=${selected ? selectedRows : previewRows}
    .unfolded=${selected ? state.open.diff.has(id) : null}
    @toggle-fold=${() => dispatch({ type: 'toggle', section: 'diff', id })}
  ></attune-diff>`;
}

function confirm({ state, t, dispatch }: View, id: string): TemplateResult | typeof nothing {
  if (state.confirming !== id) return nothing;
  return html`<div class="confirm" role="alertdialog" aria-labelledby="confirm-text">
    <p id="confirm-text">${t('confirmDelete')}</p>
    <div class="actions">
      <vscode-button id="confirm-delete" @click=${() => dispatch({ type: 'direct', id, use: 'deleted' })}
        >${t('delete')}</vscode-button
      >
      <vscode-button secondary @click=${() => dispatch({ type: 'cancelDelete' })}>${t('cancel')}</vscode-button>
    </div>
  </div>`;
}
