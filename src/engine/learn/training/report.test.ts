import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TrainingRun } from '../../../protocol/training.ts';
import { reportChapter, reportHead } from './report.ts';

const figure = { value: 0.43, low: -0.02, high: 0.53 };
const run: Omit<TrainingRun, 'scalars'> = {
  id: '00000000-0000-7000-8000-000000000000',
  layer: 'rewardModel',
  verdict: { kind: 'promote', reason: 'Better on held-out files by 0.20 (95 %: 0.10 to 0.30).' },
  models: [
    {
      algorithm: 'bayesianLinear',
      chosen: true,
      spearman: figure,
      coverage90: { value: 0.9, low: 0.8, high: 0.95 },
      ece: null,
      brier: 0.2,
      logLikelihood: -1,
      pairAccuracy: null,
    },
  ],
  reliability: [],
  learningCurve: [
    { labels: 20, figure: { value: 0.1, low: 0, high: 0.2 } },
    { labels: 50, figure: { value: 0.6, low: 0.5, high: 0.7 } },
  ],
  offPolicy: [],
  words: [
    { text: 'dislikes “foo”', strength: -0.1 },
    { text: 'prefers early returns', strength: 0.2 },
  ],
  reranked: [{ episodeId: 'x', file: 'a.ts', offered: 'say `hi`', instead: 'x\n| y | ```z```' }],
  outliers: [{ episodeId: 'e', said: 9, expected: 2.1 }],
};

test('every figure stands between its bounds, and what is not known is a dash', () => {
  const text = reportChapter(run, { notes: [], effect: null });
  assert.match(text, /\*\*bayesianLinear\*\* \| 0\.43 \(−0\.02 to 0\.53\) \| 90 % \| – \| 0\.20 \| – \|/);
  assert.match(text, /\| 50 \| 0\.60 \(0\.50 to 0\.70\) \|/);
  assert.match(text, /▁▅/);
});

test('what is liked comes before what is not, with its size on the scale of ratings', () => {
  const text = reportChapter(run, { notes: [], effect: null });
  assert.ok(text.indexOf('prefers early returns (by about 1.8 of 10)') > 0);
  assert.ok(text.indexOf('prefers early returns') < text.indexOf('dislikes “foo” (by about 0.9 of 10)'));
});

test('code of a proposal can’t break out of its place in the document', () => {
  const line = reportChapter(run, { notes: [], effect: null })
    .split('\n')
    .find((one) => one.includes('before'))!;
  assert.ok(line.includes('````` x | y | ```z``` ````` before'.replaceAll('`````', '````')), line);
  assert.ok(line.includes('`` say `hi` ``'), line);
});

test('it says what changes and how to undo it; of one that is not used, that nothing changes', () => {
  const used = reportChapter(run, { notes: ['Something was left out.'], effect: 'Of 10 it would change 4.' });
  assert.match(used, /Of 10 it would change 4\./);
  assert.match(used, /Attune: Roll Back/);
  assert.match(used, /### What was left out\n\n- Something was left out\./);
  const verdict = { kind: 'noSignal', reason: 'No learnable signal: none.' } as const;
  const not = reportChapter({ ...run, verdict }, { notes: [], effect: null });
  assert.match(not, /No learnable signal: none\.\*\* It is not used\./);
  assert.match(not, /Nothing changes/);
  assert.doesNotMatch(not, /Roll Back/);
});

test('a dry run is called one', () => {
  const facts = { at: 0, labels: {}, files: 0, skipped: [], choices: 0 };
  assert.match(reportHead(facts, true), /Dry run: nothing was written/);
  assert.doesNotMatch(reportHead(facts, false), /Dry run/);
  assert.match(reportHead(facts, false), /nothing to learn from yet/);
});
