import { html, nothing, type TemplateResult } from 'lit';
import { type TrainingState, trainStages } from '../../../src/protocol/training.ts';
import { icon } from '../../controls.ts';
import { shortTime } from '../../format.ts';
import { percent } from '../numbers.ts';
import { blocked } from './blocked.ts';
import { curves } from './curves.ts';
import { action, type View } from './view.ts';

/** A training under way, or one that was not finished. */
export function progress(view: View, training: TrainingState): TemplateResult | typeof nothing {
  if (training.running) return running(view, training.running);
  return training.unfinished ? unfinished(view, training.unfinished) : nothing;
}

function running(view: View, told: NonNullable<TrainingState['running']>): TemplateResult {
  const { state, t, locale, dispatch } = view;
  const { stage, share, secondsLeft } = state.step ?? told;
  const at = trainStages.indexOf(stage);
  const left = secondsLeft === null ? '' : ` · ${t('training.left', duration(view, secondsLeft))}`;
  return html`<section class="running" aria-labelledby="running-title">
    <h2 id="running-title" tabindex="-1">${t('training.running')}</h2>
    <ol class="stages" aria-label=${t('training.stages')}>
      ${trainStages.map((one, i) => {
        const phase = i < at ? 'done' : i === at ? 'now' : 'later';
        return html`<li class=${phase} aria-current=${phase === 'now' ? 'step' : nothing}>
          ${icon({ done: 'pass-filled', now: 'circle-filled', later: 'circle-large-outline' }[phase])}
          <span>${t(`training.stage.${one}`)}</span><span class="sr-only">: ${t(`training.stage.${phase}`)}</span>
        </li>`;
      })}
    </ol>
    <div class="bar">
      <progress max="1" .value=${share} aria-label=${t('training.progress')}></progress>
      <span class="bar-text">${percent(share, locale)}${left}</span>
      ${action({
        id: 'cancel',
        label: t(state.cancelling ? 'training.cancelling' : 'training.stop'),
        why: state.cancelling ? t('training.cancelling') : null,
        press: () => dispatch({ type: 'cancel' }),
      })}
    </div>
    ${state.step?.message ? html`<p class="dim">${state.step.message}</p>` : nothing}
    ${
      state.curves.points.size === 0
        ? html`<p class="note">${t('training.curves.none')}</p>`
        : curves(view, state.curves.points)
    }
  </section>`;
}

function duration({ t }: View, seconds: number): string {
  if (seconds < 90) return t('training.seconds', Math.max(1, Math.round(seconds)));
  const minutes = Math.round(seconds / 60);
  return minutes < 90 ? t('minutes', minutes) : t('hours', Math.round(minutes / 60));
}

function unfinished(view: View, left: NonNullable<TrainingState['unfinished']>): TemplateResult {
  const { state, t, locale, dispatch } = view;
  const when = shortTime(left.at, locale);
  const finished = left.finished.map((stage) => t(`training.stage.${stage}`)).join(', ');
  return html`<section class="unfinished" aria-label=${t(`training.unfinished.${left.why}`, when, t(`training.stage.${left.stage}`))}>
    <p class="verdict neutral" tabindex="-1">
      ${icon(left.why === 'cancelled' ? 'debug-pause' : 'warning')}
      <span>${t(`training.unfinished.${left.why}`, when, t(`training.stage.${left.stage}`))}</span>
    </p>
    <p>
      ${finished === '' ? t('training.unfinished.nothing') : t('training.unfinished.finished', finished)}
      ${t('training.unfinished.safe')}
    </p>
    ${state.confirmingDiscard ? html`<p>${t('training.discard.ask')}</p>` : nothing}
    <p class="actions">
      ${
        state.confirmingDiscard
          ? html`${action({ id: 'discard-now', label: t('training.discardNow'), primary: true, press: () => dispatch({ type: 'discard' }) })}
            ${action({ label: t('training.keep'), press: () => dispatch({ type: 'keepUnfinished' }) })}`
          : html`${action({
              label: t('training.resume'),
              icon: 'debug-continue',
              primary: true,
              why: blocked(view),
              press: () => dispatch({ type: 'train', dryRun: false, resume: true }),
            })}
            ${action({ id: 'discard-ask', label: t('training.discard'), why: blocked(view), press: () => dispatch({ type: 'askDiscard' }) })}`
      }
    </p>
  </section>`;
}
