import { html, nothing, type TemplateResult } from 'lit';
import type { FromPanel } from '../../src/protocol/webview.ts';
import { icon } from '../controls.ts';
import type { StringKey } from '../strings.ts';
import type { View } from './view.ts';

type PanelCommand = Extract<FromPanel, { type: 'command' }>['command'];

const offers = {
  engineDown: [
    ['restart', 'restartEngine'],
    ['showLog', 'showLog'],
  ],
  restricted: [['manageTrust', 'manageTrust']],
  other: [['showLog', 'showLog']],
} as const satisfies Record<string, readonly (readonly [StringKey, PanelCommand])[]>;

/** What stands in the way, and what to do about it. What is remembered stays readable below it. */
export function banner({ state, t, dispatch }: View): TemplateResult | typeof nothing {
  const { problem } = state;
  if (!problem) return nothing;
  return html`<div class="banner ${problem.kind}" role=${problem.kind === 'restricted' ? 'note' : 'alert'}>
    ${icon(problem.kind === 'restricted' ? 'shield' : 'warning')}
    <div>
      <p>${problem.message}</p>
      <p class="offers">
        ${offers[problem.kind].map(
          ([label, command]) =>
            html`<button
              type="button"
              class="link"
              @click=${() => dispatch({ type: 'post', message: { type: 'command', command } })}
            >
              ${t(label)}
            </button>`,
        )}
      </p>
    </div>
  </div>`;
}
