import '@vscode-elements/elements/dist/vscode-option/index.js';
import '@vscode-elements/elements/dist/vscode-single-select/index.js';
import '@vscode-elements/elements/dist/vscode-textfield/index.js';
import { html, nothing, type TemplateResult } from 'lit';
import { PanelFilter } from '../../src/protocol/webview.ts';
import { icon, iconButton } from '../controls.ts';
import type { View } from './view.ts';

type Valued = EventTarget & { readonly value: string };

/** Search box, filter, and which come first. */
export function toolbar({ state, t, dispatch }: View): TemplateResult {
  const search = (query: string, filter: PanelFilter): void => dispatch({ type: 'search', query, filter });
  return html`<div class="toolbar" role="search">
    <vscode-textfield
      id="search"
      .label=${t('search')}
      placeholder=${t('search')}
      maxlength="1000"
      .value=${state.query}
      @input=${(event: Event) => search((event.currentTarget as Valued).value, state.filter)}
    >
      <span slot="content-before" class="search-icon">${icon('search')}</span>
      <span slot="content-after" class="search-after"
        >${
          state.query === ''
            ? nothing
            : iconButton({ icon: 'close', label: t('clearSearch'), press: () => search('', state.filter) })
        }</span
      >
    </vscode-textfield>
    <vscode-single-select
      id="filter"
      .label=${t('filter')}
      .value=${state.filter}
      @change=${(event: Event) => search(state.query, (event.currentTarget as Valued).value as PanelFilter)}
    >
      ${PanelFilter.options.map(
        (filter) =>
          html`<vscode-option value=${filter} ?selected=${filter === state.filter}>${t(`filter.${filter}`)}</vscode-option>`,
      )}
    </vscode-single-select>
    ${iconButton({
      icon: 'mortar-board',
      label: t('informative'),
      pressed: state.order === 'informative',
      press: () =>
        dispatch({
          type: 'search',
          query: state.query,
          filter: state.filter,
          order: state.order === 'informative' ? 'newest' : 'informative',
        }),
    })}
  </div>`;
}
