import { html, type TemplateResult } from 'lit';
import { iconButton } from '../controls.ts';
import { byteSize } from '../format.ts';
import type { View } from './view.ts';

/** How much is remembered, a link to the details, export and key help. */
export function footer({ state, t, locale, dispatch }: View): TemplateResult {
  const { bytes, capBytes, episodes } = state.size;
  const [used, cap] = [byteSize(bytes, locale), byteSize(capBytes, locale)];
  const count = episodes === 1 ? t('sizeOne') : t('sizeEpisodes', new Intl.NumberFormat(locale).format(episodes));
  return html`<div class="footer">
    ${
      state.phase === 'loading'
        ? html`<span class="size"></span>`
        : html`<button
      type="button"
      class="link size"
      title=${t('sizeTitle', used, cap, episodes)}
      @click=${() => dispatch({ type: 'post', message: { type: 'command', command: 'showMemoryStats' } })}
    >
      <span>${t('size', used, cap)}</span><span class="count">${count}</span>
    </button>`
    }
    ${iconButton({ icon: 'export', label: t('export'), press: () => dispatch({ type: 'post', message: { type: 'export' } }) })}
    ${iconButton({
      icon: 'keyboard',
      label: t('keys'),
      pressed: state.help,
      press: () => dispatch({ type: 'help' }),
    })}
  </div>`;
}
