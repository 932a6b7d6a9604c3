import { html, nothing, type TemplateResult } from 'lit';
import type { Figure, TrainingState, VersionRow } from '../../../src/protocol/training.ts';
import { shortTime } from '../../format.ts';
import { algorithmName, figureName, trainedOn, versionMark, versionName } from '../names.ts';
import { figureCells, figureDomain } from './figures.ts';
import { stateBadge } from './stateBadge.ts';
import type { View } from './view.ts';

const unknown: Figure = { value: null, low: null, high: null };

/** Chooses the other version of the same layer. */
export function compareChoice(view: View, training: TrainingState, row: VersionRow): TemplateResult | typeof nothing {
  const { state, t, dispatch } = view;
  const others = training.versions.filter(({ id, layer }) => layer === row.layer && id !== row.id);
  if (others.length === 0) return nothing;
  return html`<label class="compare-choice">
    ${t('training.compareWith')}
    <select
      @change=${(event: Event) => {
        const { value } = event.currentTarget as HTMLSelectElement;
        dispatch({ type: 'compare', id: value === '' ? null : value });
      }}
    >
      <option value="" ?selected=${state.other === null}>${t('training.compare.none')}</option>
      ${others.map(
        ({ id }) =>
          html`<option value=${id} ?selected=${id === state.other}>${versionName(training.versions, id, t)}</option>`,
      )}
    </select>
  </label>`;
}

/** Two versions side by side, each figure of both on one scale. */
export function comparison(view: View, training: TrainingState, row: VersionRow): TemplateResult | typeof nothing {
  const { state, t, locale } = view;
  const other = training.versions.find(({ id, layer }) => id === state.other && layer === row.layer);
  if (!other) return nothing;
  const both = [row, other] as const;
  const names = both.map(({ id }) => versionName(training.versions, id, t));
  const metrics = [...new Set(both.flatMap((one) => Object.keys(one.metrics)))];
  // Where the table is folded, each value says whose it is.
  const mark = ({ id }: VersionRow): string => versionMark(training.versions, id, t);
  const line = (name: string, cell: (one: VersionRow) => unknown): TemplateResult =>
    html`<tr>
      <th scope="row">${name}</th>
      ${both.map((one) => html`<td class="value" colspan="2" data-of=${mark(one)}>${cell(one)}</td>`)}
    </tr>`;
  return html`<h4>${t('training.compare', names[0]!, names[1]!)}</h4>
    <div class="table-scroll" role="region" tabindex="0" aria-label=${t('training.compare', names[0]!, names[1]!)}>
      <table class="figures folding compare">
        <thead>
          <tr>
            <td></td>
            ${names.map((name) => html`<th scope="colgroup" colspan="2">${name}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${line(t('training.kind'), ({ algorithm }) => algorithmName(algorithm, t))}
          ${line(t('training.compare.trained'), ({ createdAt }) => shortTime(createdAt, locale))}
          ${line(t('training.compare.data'), ({ data }) => trainedOn(data, view))}
          ${line(t('training.compare.state'), (one) => stateBadge(one, t))}
          ${metrics.map((name) => {
            const figures = both.map((one) => one.metrics[name] ?? unknown);
            const domain = figureDomain(name, figures);
            return html`<tr>
                <th scope="row">${figureName(name, t)}</th>
                ${figures.map((figure, i) => figureCells(view, name, figure, domain, mark(both[i]!)))}
              </tr>
              ${overlapRow(view, figures[0]!, figures[1]!)}`;
          })}
        </tbody>
      </table>
    </div>
    <p class="note">${t('training.compare.note')}</p>`;
}

function overlapRow({ t }: View, a: Figure, b: Figure): TemplateResult | typeof nothing {
  if (a.low === null || a.high === null || b.low === null || b.high === null) return nothing;
  const apart = a.low > b.high || b.low > a.high;
  return html`<tr class="overlap">
    <td></td>
    <td colspan="4" class="dim">${t(apart ? 'training.compare.apart' : 'training.compare.overlap')}</td>
  </tr>`;
}
