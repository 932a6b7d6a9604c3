import { html, nothing, type TemplateResult } from 'lit';
import type { TrainingRun, TrainingState, VersionRow } from '../../../src/protocol/training.ts';
import { icon } from '../../controls.ts';
import { fullTime, shortTime, splitPath } from '../../format.ts';
import { trainedOn, versionName } from '../names.ts';
import { whole } from '../numbers.ts';
import { learningCurveChart } from '../specs/learningCurveChart.ts';
import { reliabilityChart } from '../specs/reliabilityChart.ts';
import { blocked } from './blocked.ts';
import { compareChoice, comparison } from './compare.ts';
import { curves } from './curves.ts';
import { figureTable } from './figures.ts';
import { rollBackButton } from './rollBack.ts';
import { stateBadge } from './stateBadge.ts';
import { modelTable, offPolicyTable } from './tried.ts';
import { action, chart, fold, posts, type View } from './view.ts';

/** One version: what it is, what can be done with it, and how it came about. */
export function runView(view: View, training: TrainingState, row: VersionRow): TemplateResult {
  const { state, t, locale } = view;
  const { id } = row;
  const run = state.runs.get(id);
  const ready = run?.type === 'ready' ? run.run : null;
  return html`<header class="detail-head">
      <h3 id="detail-title" tabindex="-1">${versionName(training.versions, id, t)}</h3>
      ${stateBadge(row, t)}
    </header>
    <p class="dim">
      <span title=${fullTime(row.createdAt, locale)}>${t('training.trained', shortTime(row.createdAt, locale))}</span> · ${trainedOn(row.data, view)}
      ${
        row.dependsOn.length === 0
          ? nothing
          : ` · ${t('training.dependsOn', row.dependsOn.map((one) => versionName(training.versions, one, t)).join(', '))}`
      }
    </p>
    ${ready ? verdict(view, ready) : nothing} ${decisions(view, training, row)}
    ${
      Object.keys(row.metrics).length === 0
        ? nothing
        : html`<h4>${t('training.metrics')}</h4>
            ${figureTable(view, row.metrics)}
            <p class="note">${t('training.intervalNote')}</p>`
    }
    ${compareChoice(view, training, row)} ${comparison(view, training, row)} ${chapters(view, row, run)}
    ${fold(view, `history-${id}`, {
      summary: t('training.history'),
      content: () => html`<ul class="plain">
        ${row.history.map(
          ({ state: then, reason, at }) => html`<li>
            <time datetime=${new Date(at).toISOString()}>${shortTime(at, locale)}</time>:
            ${Object.hasOwn(stateWords, then) ? t(`training.state.${then as VersionRow['state']}`) : then}. ${reason}
          </li>`,
        )}
      </ul>`,
    })}`;
}

const stateWords: Readonly<Record<VersionRow['state'], true>> = {
  candidate: true,
  active: true,
  retired: true,
  rejected: true,
  stale: true,
};

const verdictLooks = {
  promote: ['pass', 'good'],
  reject: ['circle-slash', 'neutral'],
  noSignal: ['question', 'neutral'],
  notEnough: ['watch', 'neutral'],
} as const satisfies Record<TrainingRun['verdict']['kind'], readonly [string, string]>;

function verdict({ t }: View, { verdict: { kind, reason } }: TrainingRun): TemplateResult {
  const [symbol, tone] = verdictLooks[kind];
  const name = t(`training.verdict.${kind}`);
  // The reason may begin with the same words.
  const said = reason.toLowerCase().startsWith(name.toLowerCase());
  return html`<p class="verdict ${tone}">
    ${icon(symbol)}<span>${said ? nothing : html`<strong>${name}.</strong> `}${reason}</span>
  </p>`;
}

function decisions(view: View, training: TrainingState, row: VersionRow): TemplateResult {
  const { t } = view;
  const { id } = row;
  const decide = (decision: 'activate' | 'reject'): (() => void) => posts(view, { type: 'decide', id, decision });
  return html`<p class="actions">
    ${
      row.state === 'candidate'
        ? html`${action({ label: t('training.activate'), icon: 'check', primary: true, why: blocked(view), press: decide('activate') })}
          ${action({ label: t('training.reject'), icon: 'circle-slash', why: blocked(view), press: decide('reject') })}`
        : nothing
    }
    ${row.serving ? rollBackButton(view, training, row.layer) : nothing}
    ${action({ label: t('training.report'), icon: 'book', press: posts(view, { type: 'report', id }) })}
  </p>`;
}

function chapters(view: View, { id }: VersionRow, run: ReturnType<View['state']['runs']['get']>): TemplateResult {
  const { t, dispatch } = view;
  switch (run?.type) {
    case 'ready':
      return chaptersOf(view, run.run);
    case 'failed':
      return html`<p class="note failed">
        ${icon('error')}<span>${t('training.run.failed')}</span>
        <button type="button" class="link" @click=${() => dispatch({ type: 'loadRun', id })}>${t('training.tryAgain')}</button>
      </p>`;
    default:
      return html`<p class="note">${t('training.run.loading')}</p>`;
  }
}

function chaptersOf(view: View, run: TrainingRun): TemplateResult {
  const { t, locale } = view;
  const charts = [
    reliabilityChart(run.reliability, t, locale),
    learningCurveChart(run.learningCurve, t, locale),
  ].filter((spec) => spec !== null);
  return html`${
    run.layer === 'selector' && run.words.length === 0
      ? nothing
      : html`<h4>${t('training.words')}</h4>
    ${words(view, run.words)}
    ${run.words.length === 0 ? nothing : html`<p class="note">${t('training.words.note')}</p>`}`
  }
    ${run.models.length === 0 ? nothing : html`<h4>${t('training.models')}</h4>${modelTable(view, run.models)}`}
    ${
      charts.length === 0
        ? nothing
        : html`<div class="pair">
            ${charts.map((spec) => html`<div>${chart(view, spec)}<p class="note">${spec.hint}</p></div>`)}
          </div>`
    }
    ${
      run.offPolicy.length === 0
        ? nothing
        : html`<h4>${t('training.offPolicy')}</h4>
            ${offPolicyTable(view, run.offPolicy)}
            <p class="note">${t('training.offPolicy.note')}</p>`
    }
    ${run.reranked.length === 0 ? nothing : reranked(view, run)} ${run.outliers.length === 0 ? nothing : outliers(view, run)}
    ${
      run.scalars.every(({ points }) => points.length < 2)
        ? nothing
        : fold(view, `curves-${run.id}`, {
            summary: t('training.curves'),
            content: () => curves(view, new Map(run.scalars.map(({ tag, points }) => [tag, points]))),
          })
    }`;
}

const signed = (value: number, locale: string): string => `${value > 0 ? '+' : ''}${whole(value, locale)}`;

/** The length of a bar is the strength, against the strongest. */
function words({ t, locale }: View, found: TrainingRun['words']): TemplateResult {
  if (found.length === 0) return html`<p class="note">${t('training.words.none')}</p>`;
  const most = Math.max(...found.map(({ strength }) => Math.abs(strength))) || 1;
  return html`<ul class="words">
    ${found.map(
      ({ text, strength }) => html`<li>
        <svg class="strength" aria-hidden="true" focusable="false" width="100%" height="8">
          <rect class="strength-rail" width="100%" height="8" rx="4"></rect>
          <rect class="strength-bar" width=${`${(100 * Math.abs(strength)) / most}%`} height="8" rx="4"></rect>
        </svg>
        <span
          >${text}
          <span class="dim">${t('training.words.effect', signed(9 * strength, locale))}</span></span
        >
      </li>`,
    )}
  </ul>`;
}

const fewReranked = 5;

function reranked(view: View, run: TrainingRun): TemplateResult {
  const { t } = view;
  const item = ({ episodeId, file, offered, instead }: TrainingRun['reranked'][number]): TemplateResult => {
    const name = splitPath(file).name || t('training.file.none');
    return html`<li>
      <div class="reranked-head">
        <span class="file" title=${file}>${name}</span>
        <button
          type="button"
          class="link"
          aria-label=${t('training.openEpisodeOf', name)}
          @click=${posts(view, { type: 'openEpisode', episodeId })}
        >
          ${t('training.openEpisode')}
        </button>
      </div>
      <div class="sides">
        <div><span class="dim">${t('training.reranked.then')}</span>${code(offered, t('training.reranked.then'))}</div>
        <div><span class="dim">${t('training.reranked.now')}</span>${code(instead, t('training.reranked.now'))}</div>
      </div>
    </li>`;
  };
  const rest = run.reranked.slice(fewReranked);
  return html`<h4>${t('training.reranked')} <span class="dim">(${t('training.reranked.count', run.reranked.length)})</span></h4>
    <ul class="reranked">
      ${run.reranked.slice(0, fewReranked).map(item)}
    </ul>
    ${
      rest.length === 0
        ? nothing
        : fold(view, `reranked-${run.id}`, {
            summary: t('training.reranked.more', rest.length),
            content: () => html`<ul class="reranked">${rest.map(item)}</ul>`,
          })
    }`;
}

/** Scrolls inside, and is a tab stop for it. */
const code = (text: string, label: string): TemplateResult =>
  html`<pre tabindex="0" role="group" aria-label=${label}>${text === '' ? '∅' : text}</pre>`;

function outliers(view: View, run: TrainingRun): TemplateResult {
  const { t } = view;
  return fold(view, `outliers-${run.id}`, {
    summary: `${t('training.outliers')} (${run.outliers.length})`,
    content: () => html`<p class="note">${t('training.outliers.note')}</p>
      <ul class="plain">
        ${run.outliers.map(
          ({ episodeId, said, expected }, i) => html`<li id=${`outlier-${i}`}>
            ${t('training.outliers.said', whole(said, view.locale), whole(expected, view.locale))}
            <button
              type="button"
              class="link"
              aria-describedby=${`outlier-${i}`}
              @click=${posts(view, { type: 'openEpisode', episodeId })}
            >
              ${t('training.openEpisode')}
            </button>
          </li>`,
        )}
      </ul>`,
  });
}
