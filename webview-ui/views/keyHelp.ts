import { html, nothing, type TemplateResult } from 'lit';
import { iconButton } from '../controls.ts';
import type { StringKey } from '../strings.ts';
import type { View } from './view.ts';

const rows = (): readonly (readonly [readonly string[], StringKey])[] => [
  [['←', '→', '↑', '↓'], 'keys.move'],
  [['Home', 'End'], 'keys.ends'],
  [['1…9', '0'], 'keys.score'],
  [['g'], 'keys.good'],
  [['b'], 'keys.bad'],
  [['Enter'], 'keys.form'],
  [['Esc'], 'keys.leave'],
  [['s', navigator.platform.startsWith('Mac') ? '⌘Enter' : 'Ctrl+Enter'], 'keys.save'],
  [['n'], 'keys.next'],
  [['w'], 'keys.why'],
  [['t'], 'keys.trace'],
  [['o'], 'keys.open'],
  [['Delete'], 'keys.delete'],
  [['/'], 'keys.search'],
  [['?'], 'keys.help'],
];

/** The panel's keys. Not a dialog: one can read it and use the keys at the same time. */
export function keyHelp({ state, t, dispatch }: View): TemplateResult | typeof nothing {
  if (!state.help) return nothing;
  return html`<section class="help" id="help" aria-label=${t('keys')}>
    <header>
      <h2>${t('keys')}</h2>
      ${iconButton({ icon: 'close', label: t('close'), className: 'help-close', press: () => dispatch({ type: 'help' }) })}
    </header>
    <dl>
      ${rows().map(
        ([keys, text]) =>
          html`<div>
            <dt>${keys.map((key) => html`<kbd>${key}</kbd>`)}</dt>
            <dd>${t(text)}</dd>
          </div>`,
      )}
    </dl>
  </section>`;
}
