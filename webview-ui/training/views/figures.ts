import { html, nothing, type TemplateResult } from 'lit';
import type { Figure, VersionRow } from '../../../src/protocol/training.ts';
import { extent } from '../charts/scale.ts';
import { whisker, whiskerDomain } from '../charts/whisker.ts';
import { figureName } from '../names.ts';
import { intervalText, number, percent, whole } from '../numbers.ts';
import type { View } from './view.ts';

/** Shares read better in percent. */
const inPercent = new Set(['coverage90', 'pairAccuracy', 'shownShare']);
/** What each figure is held against: no agreement, no gain, what 90 % intervals promise. */
const references: Readonly<Record<string, number>> = {
  spearman: 0,
  gain: 0,
  difference: 0,
  value: 0,
  snips: 0,
  doublyRobust: 0,
  onPolicy: 0,
  coverage90: 0.9,
};
/** Counts. */
const counted = new Set(['effectiveSize']);

export const figureFormat =
  (name: string, locale: string) =>
  (value: number | null): string =>
    inPercent.has(name)
      ? percent(value, locale)
      : counted.has(name) && value !== null
        ? whole(value, locale)
        : number(value, locale);

/** One figure of several things on one scale, as table cells; `of`: the thing, where that is not plain. */
export function figureCells(
  { t, locale }: View,
  name: string,
  figure: Figure,
  domain: readonly [number, number],
  of?: string,
): TemplateResult {
  // A number without bounds, of no known scale, has no place on a line.
  const placed = figure.low !== null || figure.high !== null || name in usual;
  return html`<td class="scale">${placed ? whisker(figure, domain, references[name]) : nothing}</td>
    ${figureCell({ t, locale }, name, figure, of)}`;
}

/** Value and interval, which may stand below it. */
export function figureCell(
  { t, locale }: Pick<View, 't' | 'locale'>,
  name: string,
  figure: Figure,
  of?: string,
): TemplateResult {
  const format = figureFormat(name, locale);
  const interval = intervalText(figure, t, format);
  return html`<td class="value" data-of=${of ?? nothing}>${format(figure.value)}${interval === null ? nothing : html` <span class="interval">(${interval})</span>`}</td>`;
}

/** What a figure can be, or usually is: on such a scale an interval looks as wide as it is. */
const usual: Readonly<Record<string, readonly [number, number]>> = {
  spearman: [0, 1],
  coverage90: [0, 1],
  pairAccuracy: [0, 1],
  ece: [0, 0.25],
  brier: [0, 0.5],
};

/** The scale that `figures` share. */
export function figureDomain(name: string, figures: readonly Figure[]): readonly [number, number] {
  const natural = usual[name];
  if (!natural) return whiskerDomain(figures, references[name]);
  const span = extent(figures.flatMap(({ value, low, high }) => [value, low, high])) ?? natural;
  return [Math.min(natural[0], span[0]), Math.max(natural[1], span[1])];
}

/** All figures of one version, each on a scale of its own. */
export function figureTable(view: View, metrics: VersionRow['metrics']): TemplateResult {
  const { t } = view;
  return html`<div class="table-scroll">
    <table class="figures folding">
      <thead class="sr-only">
        <tr>
          <th scope="col">${t('training.metric')}</th>
          <th scope="col">${t('training.onScale')}</th>
          <th scope="col">${t('training.value')}</th>
        </tr>
      </thead>
      <tbody>
        ${Object.entries(metrics).map(
          ([name, figure]) => html`<tr>
            <th scope="row">${figureName(name, t)}</th>
            ${figureCells(view, name, figure, figureDomain(name, [figure]))}
          </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}
