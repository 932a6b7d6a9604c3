import assert from 'node:assert/strict';
import { test } from 'node:test';
import { previewVersions } from '../preview/trainingData.ts';
import { byImportance, curveName, figureName, splitTag, versionMark, versionName } from './names.ts';
import { english, trainingTranslator } from './strings.ts';

const t = trainingTranslator({});

test('versions are counted within their layer, oldest first, so that a new one renames none', () => {
  const versions = previewVersions(Date.UTC(2026, 10, 26));
  const [newest] = versions;
  assert.equal(versionName(versions, newest!.id, t), 'Selector 3');
  assert.equal(versionName(versions.slice(1), versions[2]!.id, t), 'Selector 2');
  assert.equal(versionMark(versions, versions[1]!.id, t), 'R4');
  assert.equal(versionName(versions, '00000000-0000-7000-8000-000000000000', t), '00000000');
});

test('tags are read as TensorBoard has them, whatever stands before them', () => {
  assert.deepEqual(splitTag('ppo/loss/policy_avg'), { source: 'ppo', metric: 'loss/policy_avg' });
  assert.deepEqual(splitTag('neuralHead/fold3/train/loss'), { source: 'neuralHead/fold3', metric: 'train/loss' });
  assert.deepEqual(splitTag('lr'), { source: '', metric: 'lr' });
  assert.equal(curveName('ppo/loss/policy_avg', t), 'PPO · Policy loss');
  assert.equal(curveName('something/of/tomorrow', t), 'something/of/tomorrow');
  assert.equal(figureName('tomorrow', t), 'tomorrow');
});

test('the reward stands first, what is not known last', () => {
  const tags = ['zeta', 'ppo/policy/approxkl_avg', 'ppo/loss/policy_avg', 'ppo/objective/scores'];
  assert.deepEqual(tags.sort(byImportance), [
    'ppo/objective/scores',
    'ppo/loss/policy_avg',
    'ppo/policy/approxkl_avg',
    'zeta',
  ]);
});

test('no string is empty or has a placeholder without a number', () => {
  for (const [key, text] of Object.entries(english)) {
    assert.notEqual(text.trim(), '', key);
    assert.doesNotMatch(text.replace(/\{\d\}/g, ''), /[{}]/, key);
  }
});

test('the bundle’s translation takes the place of English', () => {
  const german = trainingTranslator({ 'training.train': 'Lernen…', cancel: 'Abbrechen' });
  assert.equal(german('training.train'), 'Lernen…');
  assert.equal(german('cancel'), 'Abbrechen');
  assert.equal(german('training.dryRun'), 'Dry Run');
});
