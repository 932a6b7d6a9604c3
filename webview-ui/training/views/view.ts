import { html, nothing, type TemplateResult } from 'lit';
import { live } from 'lit/directives/live.js';
import type { FromTrainingPanel } from '../../../src/protocol/trainingPanel.ts';
import { icon } from '../../controls.ts';
import type { ChartSpec } from '../charts/spec.ts';
import type { Action, ViewState } from '../state.ts';
import type { TrainingTranslate } from '../strings.ts';

/** What every view function is given; all of them are pure functions of it. */
export interface View {
  readonly state: ViewState;
  readonly t: TrainingTranslate;
  readonly locale: string;
  readonly nowMs: number;
  readonly dispatch: (action: Action) => void;
}

/** A message to the host, at a press. */
export const posts =
  ({ dispatch }: View, message: FromTrainingPanel) =>
  (): void =>
    dispatch({ type: 'post', message });

/**
 * A button. One that can't be used now keeps its place in the tab order, so that the focus is not lost while something is
 * under way; `why` then says what it waits for.
 */
export function action(options: {
  readonly label: string;
  readonly press: () => void;
  readonly primary?: boolean;
  readonly icon?: string;
  readonly id?: string;
  readonly why?: string | null;
  readonly title?: string;
}): TemplateResult {
  const { label, press, primary = false, why = null } = options;
  return html`<button
    type="button"
    id=${options.id ?? nothing}
    class="action ${primary ? 'primary' : ''}"
    title=${why ?? options.title ?? nothing}
    aria-disabled=${why === null ? 'false' : 'true'}
    @click=${() => {
      if (why === null) press();
    }}
  >
    ${options.icon ? icon(options.icon) : nothing}${label}
  </button>`;
}

export const chart = ({ t, locale }: View, spec: ChartSpec): TemplateResult =>
  html`<attune-chart .spec=${spec} .locale=${locale} .t=${t}></attune-chart>`;

/** A part that folds; `open`: how it is before it is touched. */
export function fold(
  { state, dispatch }: View,
  part: string,
  options: { readonly summary: string; readonly open?: boolean; readonly content: () => TemplateResult },
): TemplateResult {
  const open = (options.open ?? false) !== state.toggled.has(part);
  return html`<details class="fold" .open=${live(open)}>
    <summary
      @click=${(event: Event) => {
        event.preventDefault();
        dispatch({ type: 'toggle', part });
      }}
    >
      ${icon(open ? 'chevron-down' : 'chevron-right')}<span>${options.summary}</span>
    </summary>
    ${open ? html`<div class="fold-content">${options.content()}</div>` : nothing}
  </details>`;
}
