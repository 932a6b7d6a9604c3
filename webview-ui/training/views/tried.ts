import { html, nothing, type TemplateResult } from 'lit';
import type { TrainingRun } from '../../../src/protocol/training.ts';
import { icon } from '../../controls.ts';
import { algorithmName } from '../names.ts';
import { number, percent, whole } from '../numbers.ts';
import { figureCell, figureCells, figureDomain } from './figures.ts';
import type { View } from './view.ts';

/** Every kind of reward model that was tried; the ones that lost are part of the result. */
export function modelTable(view: View, models: TrainingRun['models']): TemplateResult {
  const { t, locale } = view;
  const domain = figureDomain(
    'spearman',
    models.map(({ spearman }) => spearman),
  );
  const label = t('training.models');
  return html`<div class="table-scroll" role="region" tabindex="0" aria-label=${label}>
    <table class="figures stacked">
      <thead>
        <tr>
          <th scope="col">${t('training.kind')}</th>
          <th scope="colgroup" colspan="2">${t('training.figure.spearman')}</th>
          <th scope="col">${t('training.figure.coverage90')}</th>
          <th scope="col">${t('training.figure.ece')}</th>
          <th scope="col">${t('training.figure.brier')}</th>
          <th scope="col">${t('training.figure.logLikelihood')}</th>
          <th scope="col">${t('training.figure.pairAccuracy')}</th>
        </tr>
      </thead>
      <tbody>
        ${models.map(
          (model) => html`<tr class=${model.chosen ? 'chosen' : ''}>
            ${kind(view, model)} ${figureCells(view, 'spearman', model.spearman, domain)}
            ${figureCell(view, 'coverage90', model.coverage90)}
            <td>${number(model.ece, locale)}</td>
            <td>${number(model.brier, locale)}</td>
            <td>${number(model.logLikelihood, locale)}</td>
            <td>${percent(model.pairAccuracy, locale)}</td>
          </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}

/** Every kind of selector that was tried, on one scale of reward, and its gain on another. */
export function offPolicyTable(view: View, tried: TrainingRun['offPolicy']): TemplateResult {
  const { t, locale } = view;
  const gains = figureDomain(
    'gain',
    tried.map(({ gain }) => gain),
  );
  return html`<div class="table-scroll" role="region" tabindex="0" aria-label=${t('training.offPolicy')}>
    <table class="figures stacked">
      <thead>
        <tr>
          <th scope="col">${t('training.kind')}</th>
          <th scope="colgroup" colspan="2">${t('training.offPolicy.gain')}</th>
          <th scope="col">${t('training.offPolicy.doublyRobust')}</th>
          <th scope="col">${t('training.offPolicy.snips')}</th>
          <th scope="col">${t('training.offPolicy.effectiveSize')}</th>
          <th scope="col">${t('training.offPolicy.shownShare')}</th>
        </tr>
      </thead>
      <tbody>
        ${tried.map(
          (one) => html`<tr class=${one.chosen ? 'chosen' : ''}>
            ${kind(view, one)} ${figureCells(view, 'gain', one.gain, gains)}
            ${figureCell(view, 'value', one.doublyRobust)} ${figureCell(view, 'value', one.snips)}
            <td>${whole(one.effectiveSize, locale)}</td>
            <td>${percent(one.shownShare, locale)}</td>
          </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}

const kind = ({ t }: View, { algorithm, chosen }: { algorithm: string; chosen: boolean }): TemplateResult =>
  html`<th scope="row">
    ${chosen ? icon('check') : nothing}${algorithmName(algorithm, t)}${chosen ? html`<span class="sr-only"> (${t('training.chosen')})</span>` : nothing}
  </th>`;
