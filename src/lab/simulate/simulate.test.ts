import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ratedStream } from './ratedStream.ts';
import { type SimulateOptions, type SimulateResult, simulate } from './run.ts';
import { simulationTable } from './table.ts';

const small: SimulateOptions = {
  developers: 2,
  firstSeed: 100,
  steps: 150,
  policies: ['none', 'random', 'ridge', 'linucb', 'oracle'],
  nonlinear: 1,
  workers: 0,
};
let first: SimulateResult | undefined;
const once = async (): Promise<SimulateResult> => (first ??= await simulate(small));

test('a policy that knows regrets nothing, one that learns less than one that guesses', async () => {
  const { policies } = await once();
  assert.equal(policies.oracle!.regret, 0);
  assert.ok(policies.oracle!.reward > 0.25, `${policies.oracle!.reward}`);
  assert.ok(policies.random!.regret > 20, `${policies.random!.regret}`);
  const later = (name: 'random' | 'linucb'): number => policies[name]!.windows['50-200']!.reward;
  assert.ok(later('linucb') > later('random') + 0.05, `${later('linucb')} ${later('random')}`);
});

test('what is asked of the report is in it: windows as far as it goes, comparisons where there is somebody to compare with', async () => {
  const { policies, nonlinear } = await once();
  assert.deepEqual(Object.keys(policies.linucb!.windows), ['0-50', '50-200']);
  assert.equal(policies.random!.ofRandom!.share, 1);
  assert.equal(policies.none!.vsNone!.acceptRelative, 0);
  assert.equal(policies.linucb!.afterDrift, null);
  assert.equal(nonlinear.developers, 1);
  assert.ok(nonlinear.random!.regret > 0);
  assert.match(simulationTable(await once()), /linucb/);
});

test('the same run twice is the same to the byte; with other developers it is another', async () => {
  const again = await simulate(small);
  assert.equal(JSON.stringify(again), JSON.stringify(await once()));
  const other = await simulate({ ...small, firstSeed: 200, developers: 1, nonlinear: 0, policies: ['random'] });
  assert.notEqual(other.policies.random!.regret, again.policies.random!.regret);
});

test('judgements follow what the developer thinks, with noise; a random rater’s follow nothing', () => {
  const edits = ratedStream(3, 200);
  assert.deepEqual(edits, ratedStream(3, 200));
  const mean = (of: readonly { readonly rating: number }[]): number =>
    of.reduce((sum, { rating }) => sum + rating, 0) / of.length;
  const liked = mean(edits.filter(({ utility }) => utility > 0));
  const disliked = mean(edits.filter(({ utility }) => utility <= 0));
  assert.ok(liked > disliked + 2, `${liked} ${disliked}`);
  assert.ok(new Set(edits.map(({ file }) => file)).size > 20);
  const random = ratedStream(3, 200, { temper: 'random' });
  assert.ok(random.every(({ utility }) => utility === 0));
});
