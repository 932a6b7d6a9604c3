import { html, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import type { Curves } from '../curves.ts';
import { byImportance } from '../names.ts';
import { curveChart } from '../specs/curveChart.ts';
import { chart, type View } from './view.ts';

/** Small multiples: one curve, one pair of axes. */
export function curves(view: View, points: Curves): TemplateResult {
  // A single number is no curve: it stands among the figures.
  const tags = [...points.keys()].filter((tag) => (points.get(tag)?.length ?? 0) > 1).sort(byImportance);
  return html`<div class="multiples">
    ${repeat(
      tags,
      (tag) => tag,
      (tag) => chart(view, curveChart(tag, points.get(tag) ?? [], view.t, view.locale)),
    )}
  </div>`;
}
