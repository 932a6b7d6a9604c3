import { html, nothing, type TemplateResult } from 'lit';
import { type HelpReport, type TrainingState, trainLayers } from '../../../src/protocol/training.ts';
import { icon } from '../../controls.ts';
import { type Bounded, whisker, whiskerDomain } from '../charts/whisker.ts';
import { figureText, intervalText, percent, whole } from '../numbers.ts';
import { wilson } from '../shares.ts';
import { acceptanceChart } from '../specs/acceptanceChart.ts';
import { rollBackButton } from './rollBack.ts';
import { chart, type View } from './view.ts';

const looks = {
  helps: ['pass', 'good'],
  harms: ['warning', 'bad'],
  notYet: ['question', 'neutral'],
} as const satisfies Record<HelpReport['kind'], readonly [string, string]>;

/** Whether it helps, as a sentence, as two shares with their intervals, and over time. */
export function known(view: View, training: TrainingState): TemplateResult {
  const { t, locale } = view;
  const { help } = training;
  const [symbol, tone] = looks[help.kind];
  const spec = acceptanceChart(training, t, locale);
  return html`<section aria-labelledby="known-title">
    <h2 id="known-title" tabindex="-1">${t('training.known')}</h2>
    <p class="verdict ${tone}">
      ${icon(symbol)}<span>${capitalised(help.text)}${
        help.kind === 'notYet' && help.more !== null && !/\d/.test(help.text)
          ? ` ${t('training.known.more', whole(help.more, locale))}`
          : ''
      }</span>
    </p>
    ${
      help.kind === 'harms'
        ? html`<p>${t('training.known.harms')}</p>
            <p class="actions">
              ${trainLayers.map((layer) => rollBackButton(view, training, layer))}
            </p>`
        : nothing
    }
    ${arms(view, help)}
    <p class="note">${t('training.known.how')}</p>
    ${
      spec
        ? html`${chart(view, spec)}<p class="note">${spec.hint}</p>`
        : html`<p class="note">${t('training.acceptance.none')}</p>`
    }
  </section>`;
}

function arms({ t, locale }: View, help: HelpReport): TemplateResult | typeof nothing {
  const { treated, control, low, high } = help;
  if (treated.decisions + control.decisions === 0) return nothing;
  const rows = [
    { name: t('training.known.with'), arm: treated, figure: wilson(treated.accepted, treated.decisions) },
    { name: t('training.known.without'), arm: control, figure: wilson(control.accepted, control.decisions) },
  ];
  // Not cut at the data: the lengths are to be compared.
  const most = Math.max(...rows.map(({ figure }) => figure.high ?? 0), 0.1);
  const domain = [0, Math.min(1, Math.ceil(most * 10) / 10)] as const;
  const interval: Bounded = { value: null, low, high };
  const known = low !== null || high !== null;
  const share = (value: number | null): string => percent(value, locale);
  const signed = (value: number | null): string => percent(value, locale, true);
  const words = intervalText(interval, t, signed) ?? t('training.known.unknownDifference');
  return html`<div class="table-scroll">
    <table class="figures folding arms">
      <thead class="sr-only">
        <tr>
          <th scope="col">${t('training.metric')}</th>
          <th scope="col">${t('training.onScale')}</th>
          <th scope="col">${t('training.known.share')}</th>
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          ({ name, arm, figure }) => html`<tr>
            <th scope="row">${name}</th>
            <td class="scale">
              ${whisker(figure, domain)}
            </td>
            <td class="value">
              ${figureText(figure, t, share)}
              <span class="dim counts">${t('training.known.counts', whole(arm.accepted, locale), whole(arm.decisions, locale))}</span>
            </td>
          </tr>`,
        )}
        <tr class="ends" aria-hidden="true">
          <td></td>
          <td class="scale"><span>${percent(domain[0], locale)}</span><span>${percent(domain[1], locale)}</span></td>
          <td></td>
        </tr>
        <tr>
          <th scope="row">${t('training.known.difference')}</th>
          <td class="scale">${known ? whisker(interval, whiskerDomain([interval], 0), 0) : nothing}</td>
          <td class="value">${words}</td>
        </tr>
      </tbody>
    </table>
  </div>`;
}

const capitalised = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
