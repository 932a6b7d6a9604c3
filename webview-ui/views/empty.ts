import '@vscode-elements/elements/dist/vscode-button/index.js';
import { html, type TemplateResult } from 'lit';
import type { View } from './view.ts';

/** Nothing to show: because nothing was suggested yet, or because nothing matches the search. */
export function empty({ state, t, dispatch }: View): TemplateResult {
  if (state.query !== '' || state.filter !== 'all') {
    return html`<div class="empty">
      <p>${t('nothingFound')}</p>
      <button type="button" class="link" @click=${() => dispatch({ type: 'search', query: '', filter: 'all' })}>
        ${t('showAll')}
      </button>
    </div>`;
  }
  const command = (name: 'proposeEdit' | 'selectModel') => () =>
    dispatch({ type: 'post', message: { type: 'command', command: name } });
  return html`<div class="empty welcome">
    <h2>${t('emptyTitle')}</h2>
    <p>${t('emptyText')}</p>
    <vscode-button block @click=${command('proposeEdit')}>${t('emptyAction')}</vscode-button>
    <vscode-button block secondary @click=${command('selectModel')}>${t('emptyModel')}</vscode-button>
  </div>`;
}
