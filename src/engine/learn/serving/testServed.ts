/** For tests: a selector or a reward model as it is served. */
import type { RewardModel } from '../reward/rewardModel.ts';
import type { Selector } from '../selector/selector.ts';
import { nothingServed, type Served, type ServedRewardModel, type ServedSelector } from './served.ts';

export const selectorId = '01890000-0000-7000-8000-5e1ec7000001';
export const rewardModelId = '01890000-0000-7000-8000-4e3a4d000001';

export const servedSelector = (selector: Selector, id = selectorId): ServedSelector => ({
  id,
  algorithm: selector.name,
  probabilities: (candidates, silence) =>
    selector.probabilities({ candidates, ...(silence === undefined ? {} : { silence }) }),
  learn: (outcome) => selector.learn(outcome),
  close: async () => selector.close?.(),
});

export const servedRewardModel = (model: RewardModel, id = rewardModelId): ServedRewardModel => ({
  id,
  algorithm: model.kind,
  estimate: (features) => model.estimate(features),
});

export const served = (of: Partial<Served>): Served => ({ ...nothingServed, ...of });
