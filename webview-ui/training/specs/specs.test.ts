import assert from 'node:assert/strict';
import { test } from 'node:test';
import { previewRun, previewTraining } from '../../preview/trainingData.ts';
import { layoutOf } from '../charts/layout.ts';
import { trainingTranslator } from '../strings.ts';
import { acceptanceChart, serviceBegan } from './acceptanceChart.ts';
import { curveChart } from './curveChart.ts';
import { learningCurveChart } from './learningCurveChart.ts';
import { reliabilityChart } from './reliabilityChart.ts';

const t = trainingTranslator({});
const now = Date.UTC(2026, 10, 26, 12);

test('acceptance: 2 000 spans become a readable number of steps, and the sentence says first, last and versions', () => {
  const chart = acceptanceChart(previewTraining(now, 2000), t, 'en')!;
  assert.ok(chart.table().rows.length <= 48);
  assert.match(chart.finding, /^From \d+\u00a0% \(.* to .*\) in the oldest part to \d+\u00a0% \(.*\) in the newest\./);
  assert.match(chart.finding, /Reward model 1, Selector 1, Reward model 3, Selector 2\.$/);
  assert.equal(chart.layers.filter(({ type }) => type === 'mark').length, 4);
});

test('acceptance: nothing shown is no chart, one moment is a point', () => {
  assert.equal(acceptanceChart(previewTraining(now, 0), t, 'en'), null);
  const chart = acceptanceChart(previewTraining(now, 1), t, 'en')!;
  assert.ok(chart.layers.some(({ type }) => type === 'points'));
  const { x, y } = layoutOf(chart, 300, 'en');
  assert.ok(Number.isFinite(x(now - 3_600_000)) && Number.isFinite(y(1 / 3)));
});

test('acceptance: a pause of weeks is a gap, a night is not', () => {
  const day = 86_400_000;
  const spans = [0, 1, 2, 40, 41].map((n) => ({
    from: n * day,
    to: n * day + day / 3,
    shown: 30,
    accepted: 10,
    rewardModel: null,
    selector: null,
  }));
  const chart = acceptanceChart({ acceptance: spans, versions: [] }, t, 'en')!;
  const line = chart.layers.find((layer) => layer.type === 'line')!;
  assert.deepEqual(
    line.points.filter(([, y]) => y === null).map(([x]) => x),
    [2 * day + day / 3],
  );
});

test('a version that was rolled back to began to serve twice', () => {
  const [version] = previewTraining(now, 2000).versions;
  const change = (state: string, at: number) => ({ state, reason: '', at });
  const history = [change('active', 10), change('retired', 20), change('active', 30)];
  assert.deepEqual(
    serviceBegan({ versions: [{ ...version!, history }] }).map(({ at }) => at),
    [10, 30],
  );
});

test('reliability: the sentence names the mean and the largest difference', () => {
  const bins = [
    { predicted: 0.2, observed: 0.3, count: 10 },
    { predicted: 0.8, observed: 0.8, count: 30 },
    { predicted: 0.5, observed: 0, count: 0 },
  ];
  const chart = reliabilityChart(bins, t, 'en')!;
  assert.match(chart.finding, /differ by 2\.5 points .* 20\u00a0% foretold, 30\u00a0% observed, in 10 cases/);
  assert.equal(chart.table().rows.length, 2);
  assert.equal(reliabilityChart([], t, 'en'), null);
});

test('learning curve: it says “better” only where the intervals allow it', () => {
  const at = (labels: number, value: number, half: number) => ({
    labels,
    figure: { value, low: value - half, high: value + half },
  });
  assert.match(learningCurveChart([at(20, 0.3, 0.2), at(200, 0.5, 0.1)], t, 'en')!.finding, /overlap: whether/);
  assert.match(learningCurveChart([at(20, 0.1, 0.1), at(200, 0.6, 0.1)], t, 'en')!.finding, /do not overlap/);
  const open = learningCurveChart([{ labels: 20, figure: { value: 0.3, low: null, high: null } }], t, 'en')!;
  assert.equal(open.finding, 'Rank correlation 0.30 with 20 labels.');
  assert.equal(learningCurveChart([], t, 'en'), null);
});

test('curves: first, last, lowest, highest; a level far away does not flatten the curve', () => {
  const chart = curveChart(
    'ppo/policy/approxkl_avg',
    [
      [0, 0.02],
      [1, null],
      [2, 0.001],
    ],
    t,
    'en',
  );
  assert.equal(
    chart.finding,
    'PPO · Approximate KL of an update: from 0.02 to 0.001 in 2 points; lowest 0.001, highest 0.02.',
  );
  assert.match(chart.hint ?? '', /How far one update moved/);
  assert.ok(chart.layers.some((layer) => layer.type === 'level' && layer.y === 0.03));
  const tiny = curveChart(
    'ppo/policy/approxkl_avg',
    [
      [0, 1e-5],
      [1, 2e-5],
    ],
    t,
    'en',
  );
  assert.ok(!tiny.layers.some(({ type }) => type === 'level'));
  assert.match(curveChart('new', [[0, null]], t, 'en').finding, /nothing finite/);
});

test('every chart of a run lays out at any width', () => {
  const { versions } = previewTraining(now, 2000);
  for (const row of versions) {
    const run = previewRun(row);
    const charts = [
      reliabilityChart(run.reliability, t, 'en'),
      learningCurveChart(run.learningCurve, t, 'en'),
      ...run.scalars.map(({ tag, points }) => curveChart(tag, points, t, 'en')),
    ].filter((chart) => chart !== null);
    for (const chart of charts) {
      for (const width of [120, 300, 1100]) {
        const { xTicks, yTicks } = layoutOf(chart, width, 'en');
        const labels = [...xTicks, ...yTicks].map(({ label }) => label);
        assert.ok(
          labels.length >= 3 && labels.every((label) => label !== '' && !/NaN|Infinity/.test(label)),
          chart.title,
        );
        assert.equal(new Set(yTicks.map(({ label }) => label)).size, yTicks.length, `${chart.title}: ${labels}`);
      }
    }
  }
});
