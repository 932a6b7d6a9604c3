import assert from 'node:assert/strict';
import { test } from 'node:test';
import { plainL10n } from '../platform/l10n.ts';
import { emptyState, runOf, version } from './training.fixture.ts';
import { promotable, readinessText, stepText, timeLeftText, verdictsText, versionName } from './trainingTexts.ts';

test('the user sees how far a training is and how long it still takes, never more precise than is known', () => {
  const step = { stage: 'rewardModel', share: 0.4299, secondsLeft: 11.6, message: '', scalars: [] } as const;
  assert.equal(stepText(step, plainL10n), 'learning the reward model, 42 %, about 12 s left');
  assert.equal(stepText({ ...step, secondsLeft: null, share: 0 }, plainL10n), 'learning the reward model, 0 %');
  assert.equal(stepText({ ...step, share: 0.999 }, plainL10n).includes('100 %'), false, 'done is said when it is done');
  const left = (seconds: number) => timeLeftText(seconds, plainL10n);
  assert.deepEqual([0.4, 33, 89, 130].map(left), [
    'a moment left',
    'about 35 s left',
    'about 90 s left',
    'about 2 min left',
  ]);
});

test('what is missing is said in the unit of its layer', () => {
  const labels = { rating: 9, thumb: 2, event: 1, pair: 0 };
  const state = { ...emptyState, data: { ...emptyState.data, labels, files: 4, decisions: 61 } };
  assert.equal(readinessText('rewardModel', state, plainL10n), 'needs 20 labels, there are 12');
  assert.equal(readinessText('selector', state, plainL10n), '61 decided suggestions');
  const more = { ...state, data: { ...state.data, labels: { ...labels, rating: 30 } } };
  assert.equal(readinessText('rewardModel', more, plainL10n), '33 labels from 4 files');
});

test('every layer’s verdict is said, each a sentence, and a reward model goes before the selector that needs it', () => {
  const runs = [
    runOf('selector', 'promote', 'Gains .04 to .09 per decision'),
    runOf('rewardModel', 'promote', 'Better on files it had not seen.'),
  ];
  assert.equal(
    verdictsText(runs, plainL10n),
    'Selector: Gains .04 to .09 per decision. Reward model: Better on files it had not seen.',
  );
  assert.deepEqual(
    promotable([...runs, runOf('selector', 'noSignal', '')]).map(({ layer }) => layer),
    ['rewardModel', 'selector'],
  );
});

test('a version is named by what it is and when it was made', () => {
  assert.match(versionName(version, 'en', plainL10n), /^Bayesian linear regression, trained \d+\/\d+\/\d+/);
});
