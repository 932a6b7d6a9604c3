import { html, nothing, svg, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import { type TrainingState, type TrainLayer, trainLayers, type VersionRow } from '../../../src/protocol/training.ts';
import { fullTime, relativeTime } from '../../format.ts';
import { type LineageRow, lineageRows } from '../lineage.ts';
import { algorithmName, shortFigureName, trainedOn, versionName } from '../names.ts';
import { figureText } from '../numbers.ts';
import { figureFormat } from './figures.ts';
import { runView } from './run.ts';
import { stateBadge } from './stateBadge.ts';
import type { View } from './view.ts';

/** Every version by layer, with its lineage, and the one that is looked at. */
export function versions(view: View, training: TrainingState): TemplateResult | typeof nothing {
  const { state, t } = view;
  if (training.versions.length === 0) return nothing;
  const selected = training.versions.find(({ id }) => id === state.selected);
  return html`<section aria-labelledby="versions-title">
    <h2 id="versions-title" tabindex="-1">${t('training.versions')}</h2>
    <div class="master">
      <div class="lists">${trainLayers.map((layer) => list(view, training, layer))}</div>
      ${selected ? html`<div class="detail">${runView(view, training, selected)}</div>` : nothing}
    </div>
  </section>`;
}

/** One tab stop a list; the arrow keys move the selection. */
function list(view: View, training: TrainingState, layer: TrainLayer): TemplateResult | typeof nothing {
  const { state, t, dispatch } = view;
  const rows = training.versions.filter((row) => row.layer === layer);
  const [first] = rows;
  if (!first) return nothing;
  const lineage = lineageRows(rows);
  const lanes = Math.min(
    mostLanes,
    1 + Math.max(...lineage.map((one) => Math.max(one.lane, ...one.lines.map((line) => line.lane)))),
  );
  const stop = rows.find(({ id }) => id === state.selected) ?? first;
  const move = (event: KeyboardEvent): void => {
    const at = rows.findIndex(({ id }) => id === stop.id);
    const last = rows.length - 1;
    // Tab alone selects nothing: what it lands on may belong to the other list's selection.
    const target = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: last, Enter: at, ' ': at }[event.key];
    const row = target === undefined ? undefined : rows[target];
    if (target !== undefined) event.preventDefault();
    if (!row) return;
    dispatch({ type: 'select', id: row.id });
    const options = (event.currentTarget as HTMLElement).querySelectorAll<HTMLElement>('[role="option"]');
    options[rows.indexOf(row)]?.focus();
  };
  return html`<h3>${t(`training.layer.${layer}`)}</h3>
    <ul class="versions" role="listbox" aria-label=${t('training.versions.list', t(`training.layer.${layer}`))} @keydown=${move}>
      ${repeat(
        rows,
        ({ id }) => id,
        (row, i) => option(view, training, row, lineage[i]!, lanes, row.id === stop.id),
      )}
    </ul>`;
}

/** The figure that a layer is judged by, first. */
const headline: Readonly<Record<TrainLayer, readonly string[]>> = {
  rewardModel: ['spearman', 'difference', 'gain'],
  selector: ['gain', 'difference', 'value'],
};

function option(
  { state, t, locale, nowMs, dispatch }: View,
  training: TrainingState,
  row: VersionRow,
  lineage: LineageRow,
  lanes: number,
  tabStop: boolean,
): TemplateResult {
  const selected = row.id === state.selected;
  const descent =
    row.parent === null
      ? t('training.descendsFromNothing')
      : t('training.descendsFrom', versionName(training.versions, row.parent, t));
  const name = headline[row.layer].find((one) => Object.hasOwn(row.metrics, one)) ?? Object.keys(row.metrics)[0];
  const figure = name === undefined ? null : row.metrics[name]!;
  return html`<li
    role="option"
    class="version ${row.state} ${row.serving ? 'serving' : ''}"
    aria-selected=${String(selected)}
    tabindex=${tabStop ? '0' : '-1'}
    data-id=${row.id}
    title=${descent}
    @click=${() => dispatch({ type: 'select', id: row.id })}
  >
    ${lineageDrawing(lineage, row, lanes)}
    <span class="version-text">
      <span class="version-head">
        <span class="version-name">${versionName(training.versions, row.id, t)}</span>
        ${stateBadge(row, t)}
      </span>
      <span class="dim version-line">
        <span>${algorithmName(row.algorithm, t)}</span>
        <time datetime=${new Date(row.createdAt).toISOString()} title=${fullTime(row.createdAt, locale)}>
          ${relativeTime(row.createdAt, nowMs, locale, t)}
        </time>
      </span>
      ${
        figure === null || name === undefined
          ? html`<span class="dim version-line">${trainedOn(row.data, { t, locale })}</span>`
          : html`<span class="dim version-line"
              ><span>${shortFigureName(name, t)}</span><span class="number">${figureText(figure, t, figureFormat(name, locale))}</span></span
            >`
      }
      <span class="sr-only">, ${descent}</span>
    </span>
  </li>`;
}

const laneWidth = 10;
const mostLanes = 4;
/** As in the style sheet. */
const rowHeight = 62;
const dotAt = 18;

function lineageDrawing({ lane, lines }: LineageRow, { serving, state }: VersionRow, lanes: number): TemplateResult {
  const x = (n: number): number => 8 + Math.min(n, mostLanes - 1) * laneWidth;
  const path = ({ type, lane: from }: LineageRow['lines'][number]): string => {
    switch (type) {
      case 'through':
        return `M${x(from)} 0V${rowHeight}`;
      case 'in':
        return from === lane
          ? `M${x(lane)} 0V${dotAt}`
          : `M${x(from)} 0C${x(from)} ${dotAt} ${x(lane)} 0 ${x(lane)} ${dotAt}`;
      case 'out':
        return `M${x(lane)} ${dotAt}V${rowHeight}`;
    }
  };
  return html`<svg class="lineage" aria-hidden="true" focusable="false" width=${8 + lanes * laneWidth} height=${rowHeight}>
    ${lines.map((line) => svg`<path d=${path(line)}></path>`)}
    <circle class=${serving ? 'serving' : state} cx=${x(lane)} cy=${dotAt} r=${serving ? 5 : 4}></circle>
  </svg>`;
}
