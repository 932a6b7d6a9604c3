import { html, nothing, type TemplateResult } from 'lit';
import { type TrainingState, type TrainLayer, trainLayers } from '../../../src/protocol/training.ts';
import { icon } from '../../controls.ts';
import { number, whole } from '../numbers.ts';
import type { TrainingTranslate } from '../strings.ts';
import { untrainable } from './blocked.ts';
import { action, fold, posts, type View } from './view.ts';

const kinds = ['rating', 'thumb', 'event', 'pair'] as const;

/** Of all kinds. */
export const labelCount = ({ data }: TrainingState): number => kinds.reduce((sum, kind) => sum + data.labels[kind], 0);

/** What a layer learns from, counted. */
const countFor = (training: TrainingState, layer: TrainLayer): number =>
  layer === 'rewardModel' ? labelCount(training) : training.data.decisions;

/** What there is to learn from, what is still needed, and what can be done. */
export function data(view: View, training: TrainingState): TemplateResult {
  const { t } = view;
  const empty = labelCount(training) === 0 && training.versions.length === 0;
  return html`<section aria-labelledby="data-title">
    <h2 id="data-title" tabindex="-1">${t(empty ? 'training.empty.title' : 'training.data')}</h2>
    ${empty ? welcome(view, training) : html`${trainLayers.map((layer) => readiness(view, training, layer))}${facts(view, training)}`}
    ${training.unsupported === null ? nothing : unsupported(view, training.unsupported)}
    ${empty ? nothing : trainForm(view, training)}
    <p class="actions">
      ${action({
        label: t('training.rate'),
        icon: 'thumbsup',
        primary: training.data.labels.rating + training.data.labels.thumb === 0,
        press: posts(view, { type: 'command', command: 'openRatings' }),
      })}
      ${
        empty
          ? nothing
          : action({
              label: t('training.export'),
              icon: 'export',
              press: posts(view, { type: 'command', command: 'exportTrainingData' }),
            })
      }
      ${action({
        label: t('training.import'),
        icon: 'desktop-download',
        press: posts(view, { type: 'command', command: 'importRatings' }),
      })}
    </p>
  </section>`;
}

function welcome({ t, locale }: View, { needed }: TrainingState): TemplateResult {
  return html`<p>${t('training.empty.text')}</p>
    <ol class="steps">
      <li>${t('training.empty.first')}</li>
      <li>${t('training.empty.second', whole(needed.rewardModel, locale), whole(needed.selector, locale))}</li>
      <li>${t('training.empty.third')}</li>
    </ol>`;
}

function readiness({ t, locale }: View, training: TrainingState, layer: TrainLayer): TemplateResult {
  const needed = training.needed[layer];
  const there = countFor(training, layer);
  const enough = there >= needed;
  const unit = t(layer === 'rewardModel' ? 'training.data.labels' : 'training.data.decisions');
  const [name, count] = [t(`training.layer.${layer}`), whole(there, locale)];
  const text = enough
    ? t('training.data.enoughFor', name, count, unit)
    : t('training.data.ready', name, count, whole(needed, locale), unit);
  return html`<div class="readiness">
    <span class="readiness-text">
      ${icon(enough ? 'pass' : 'circle-large-outline', enough ? 'good' : '')}<span>${text}</span>
    </span>
    <meter min="0" max=${Math.max(1, needed)} .value=${Math.min(there, needed)} aria-label=${text}></meter>
    <span class="dim">${enough ? t('training.data.enough', whole(needed, locale)) : t('training.data.need', whole(needed - there, locale))}</span>
  </div>`;
}

function facts(view: View, training: TrainingState): TemplateResult {
  const { t, locale } = view;
  const { labels, files, decisions, newRatings, skipped, raters, kappa } = training.data;
  const left = skipped.reduce((sum, { count }) => sum + count, 0);
  const shown = kinds.filter((kind) => labels[kind] > 0);
  return html`<dl class="facts">
      <div>
        <dt>${t('training.data.kinds')}</dt>
        <dd>
          ${shown.length === 0 ? '0' : shown.map((kind) => `${t(`training.data.${kind}`)} ${whole(labels[kind], locale)}`).join(' · ')}
        </dd>
      </div>
      <div><dt>${t('training.data.files')}</dt><dd>${whole(files, locale)}</dd></div>
      <div><dt>${t('training.data.offers')}</dt><dd>${whole(decisions, locale)}</dd></div>
      <div>
        <dt>${t('training.data.new')}</dt>
        <dd>
          ${newRatings === 1 ? t('training.data.newRating') : t('training.data.newRatings', whole(newRatings, locale))}
        </dd>
      </div>
      ${raters.length > 1 ? agreement(t, locale, raters, kappa) : nothing}
    </dl>
    ${
      left === 0
        ? nothing
        : fold(view, 'skipped', {
            summary: t('training.data.skipped', whole(left, locale)),
            content: () => html`<p class="note">${t('training.data.skippedNote')}</p>
              <ul class="plain">
                ${skipped.map(({ reason, count }) => html`<li>${reason}: ${whole(count, locale)}</li>`)}
              </ul>`,
          })
    }`;
}

function agreement(
  t: TrainingTranslate,
  locale: string,
  raters: TrainingState['data']['raters'],
  kappa: number | null,
): TemplateResult {
  const line = ({ rater, ratings }: (typeof raters)[number]): string =>
    ratings === 1 ? t('training.data.raterOne', rater) : t('training.data.rater', rater, whole(ratings, locale));
  return html`<div>
      <dt>${t('training.data.raters')}</dt>
      <dd>${raters.map((one) => html`<div>${line(one)}</div>`)}</dd>
    </div>
    <div>
      <dt>${t('training.data.kappa')}</dt>
      <dd>${kappa === null ? t('training.data.kappaUndefined') : `${number(kappa, locale)} (${t(kappaWord(kappa))})`}</dd>
    </div>`;
}

/** Altman's words (1991) for the strength of agreement. */
function kappaWord(kappa: number) {
  if (kappa < 0.2) return 'training.kappa.poor';
  if (kappa < 0.4) return 'training.kappa.fair';
  if (kappa < 0.6) return 'training.kappa.moderate';
  return kappa < 0.8 ? 'training.kappa.good' : 'training.kappa.veryGood';
}

function unsupported(view: View, why: string): TemplateResult {
  const { t } = view;
  return html`<div class="banner restricted" role="note">
    ${icon('info')}
    <div>
      <p>${why}</p>
      <p class="offers">
        <button type="button" class="link" @click=${posts(view, { type: 'command', command: 'checkTraining' })}>
          ${t('training.check')}
        </button>
      </p>
    </div>
  </div>`;
}

/** Fewer labels or decisions and the layer is not trained. */
const isReady = (training: TrainingState, layer: TrainLayer): boolean =>
  countFor(training, layer) >= training.needed[layer];

function trainForm(view: View, training: TrainingState): TemplateResult {
  const { state, t, dispatch } = view;
  const why = untrainable(view) ?? (state.layers.size === 0 ? t('training.chooseLayer') : null);
  const ready = [...state.layers].some((layer) => isReady(training, layer));
  return html`<div class="train">
    <fieldset>
      <legend>${t('training.layers')}</legend>
      ${trainLayers.map(
        (layer) => html`<label title=${t(`training.layer.${layer}.hint`)}>
          <input
            type="checkbox"
            .checked=${state.layers.has(layer)}
            @change=${(event: Event) =>
              dispatch({ type: 'layer', layer, chosen: (event.currentTarget as HTMLInputElement).checked })}
          />
          ${t(`training.layer.${layer}`)}
        </label>`,
      )}
    </fieldset>
    <span class="actions">
      ${action({
        id: 'train',
        label: t('training.train'),
        icon: 'mortar-board',
        primary: true,
        why: why ?? (ready ? null : t('training.notEnough')),
        press: () => dispatch({ type: 'train', dryRun: false, resume: false }),
      })}
      ${action({
        label: t('training.dryRun'),
        title: t('training.dryRun.hint'),
        why,
        press: () => dispatch({ type: 'train', dryRun: true, resume: false }),
      })}
    </span>
  </div>`;
}
