import { html, nothing, type TemplateResult } from 'lit';
import type { EpisodeCard } from '../../src/protocol/episode.ts';
import type { PanelExample } from '../../src/protocol/webview.ts';
import { disclosure, icon } from '../controls.ts';
import { exampleText, shownCandidate, wholeLines } from '../diff.ts';
import { fullTime, splitPath } from '../format.ts';
import { ratingBadge } from './ratingBadge.ts';
import type { View } from './view.ts';

/** Rows of an example's diff. */
const exampleRows = 6;

/** "Why this?", which unfolds the list; without examples, that there were none. */
export function whyButton({ state, t, dispatch }: View, card: EpisodeCard): TemplateResult {
  const { id, examples } = card.episode;
  if (examples.length === 0) return html`<p class="why-none">${t('whyNone')}</p>`;
  return disclosure({
    open: state.open.why.has(id),
    label: t('why'),
    detail: examples.length === 1 ? t('whyOne') : t('whyCount', examples.length),
    controls: `why-${id}`,
    press: () => dispatch({ type: 'toggle', section: 'why', id }),
  });
}

/** The examples that stood in the prompt, how alike their places are, and whether they may be used again. */
export function whyList(view: View, card: EpisodeCard): TemplateResult | typeof nothing {
  const { id, examples } = card.episode;
  if (examples.length === 0 || !view.state.open.why.has(id)) return nothing;
  return html`<div class="why" id=${`why-${id}`}>${content(view, id)}</div>`;
}

function content(view: View, id: string): TemplateResult {
  const why = view.state.why.get(id) ?? { type: 'loading' };
  switch (why.type) {
    case 'loading':
      return html`<p class="note">${view.t('whyLoading')}</p>`;
    case 'failed':
      return html`<p class="note failed">${icon('error')}<span>${why.message}</span></p>`;
    case 'ready':
      if (why.examples.length === 0) return html`<p class="note">${view.t('whyGone')}</p>`;
      return html`<ul class="examples">
        ${why.examples.map((example) => exampleItem(view, example))}
      </ul>`;
  }
}

function exampleItem(view: View, { card, similarity }: PanelExample): TemplateResult {
  const { t, locale, dispatch } = view;
  const { episode, forbidden } = card;
  const { name } = splitPath(episode.file);
  const percent = Math.round(Math.max(0, similarity) * 100);
  const { before, after } = wholeLines(card, exampleText(card));
  return html`<li class=${forbidden ? 'example forbidden' : 'example'}>
    <div class="example-head">
      <span class="file" title=${`${episode.file} · ${fullTime(episode.at, locale)}`}
        >${name === '' ? t('untitled') : name}<span class="place">:${episode.range.startLine + 1}</span></span
      >
      ${ratingBadge(view, card)}
      <span class="similarity" title=${shownCandidate(card).model}
        ><meter min="0" max="100" .value=${percent} aria-label=${t('similarity', percent)}></meter
        ><span aria-hidden="true">${percent} %</span></span
      >
    </div>
    <attune-diff .t=${t} .oldText=${before} .newText=${after} .changes=${true} .maxRows=${exampleRows}></attune-diff>
    <div class="links">
      <button
        type="button"
        class="link"
        @click=${() => dispatch({ type: 'direct', id: episode.id, use: forbidden ? 'allowed' : 'never' })}
      >
        ${t(forbidden ? 'allow' : 'never')}
      </button>
      ${forbidden ? html`<span class="note">${icon('circle-slash')}<span>${t('forbidden')}</span></span>` : nothing}
    </div>
  </li>`;
}
