import { html, type TemplateResult } from 'lit';
import type { VersionRow } from '../../../src/protocol/training.ts';
import { icon } from '../../controls.ts';
import type { View } from './view.ts';

const stateIcons = {
  candidate: 'lightbulb',
  active: 'pass-filled',
  retired: 'history',
  rejected: 'circle-slash',
  stale: 'watch',
} as const satisfies Record<VersionRow['state'], string>;

/** State in words and as a sign; that it serves is said beside it, since a stale one may. */
export function stateBadge({ state, serving }: VersionRow, t: View['t']): TemplateResult {
  return html`<span class="state ${state}"
    >${icon(stateIcons[state])}<span class="state-text">${
      serving
        ? state === 'active'
          ? t('training.serving')
          : `${t(`training.state.${state}`)}, ${t('training.serving')}`
        : t(`training.state.${state}`)
    }</span></span
  >`;
}
