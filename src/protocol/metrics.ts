/**
 * Names of all that is measured while training, as people know them: TRL's PPO and preference trainers
 * (`objective/kl`, `policy/approxkl_avg`), Stable-Baselines3 where TRL has no name (`train/explained_variance`).
 * The words after each name are shown by TensorBoard beside its curve, and by the training view.
 */
export const metrics = {
  'objective/kl':
    'KL divergence of the policy from its reference, summed over a response. A sudden rise: it leaves what it was.',
  'objective/entropy': 'How undecided the policy is. Near 0: it has stopped trying other choices.',
  'objective/non_score_reward': 'What the distance from the reference costs: −β · KL.',
  'objective/rlhf_reward': 'What is maximised: score minus the cost of the distance. It should rise.',
  'objective/scores': 'Mean score by the reward model. It may rise while people like the results less.',
  'objective/scores_lcb': 'Lower bound of that score: mean minus one standard deviation of the reward model’s doubt.',
  'objective/kl_coef': 'β, the weight of the KL term.',
  'policy/approxkl_avg': 'How far one update moved the policy. Above 0.02 · 1.5 the update stops.',
  'policy/clipfrac_avg': 'Share of choices whose step was clipped. Healthy: 0.02 to 0.2.',
  'policy/entropy_avg': 'Mean entropy while updating.',
  'loss/policy_avg': 'Clipped policy loss. Its size says little; that it stays finite does.',
  'loss/value_avg': 'Squared error of the value estimates. It should fall.',
  'val/clipfrac_avg': 'Share of value estimates whose step was clipped.',
  'val/ratio': 'Mean probability ratio of new to old policy; about 1.',
  'val/ratio_var': 'Variance of that ratio.',
  'val/ratio_max': 'Largest ratio. Far above 1: some choice became much more likely at once.',
  'val/num_eos_tokens': 'Responses that came to an end by themselves.',
  'train/explained_variance':
    'How much of the returns the value estimates explain: 1 all, 0 none, below 0 worse than their mean.',
  'train/grad_norm': 'Norm of the gradient before it is clipped.',
  'train/skipped_steps': 'Steps left out because something was not finite, so far. It should stay 0.',
  'train/loss': 'Loss of the reward model’s neural head, or of supervised training.',
  'response/length_mean':
    'Mean length of responses, in tokens. Growing with the score: it may be gaming the reward model.',
  'response/length_p95': '95th percentile of the length, in tokens.',
  'response/missing_eos': 'Share of responses that were cut off.',
  'feedback/reward': 'Mean reward from what the developer really did. The one that counts.',
  'rewards/chosen': 'Implicit reward of the better text of a pair (DPO), or of liked texts (KTO).',
  'rewards/rejected': 'Implicit reward of the worse, or disliked, ones.',
  'rewards/margins': 'Difference of both. It should rise.',
  'rewards/accuracies': 'Share of pairs whose better text has the higher reward.',
  'eval/loss': 'Loss on held-out files.',
  'eval/spearman': 'Rank correlation of predicted and given ratings on held-out files: 0 none, 1 perfect.',
  'eval/ece': 'Expected calibration error of predicted probabilities. Small samples never reach 0.',
  'eval/brier': 'Brier score of predicted probabilities; smaller is better.',
  'eval/coverage90': 'Share of ratings inside their 90 % interval; about 0.9.',
  'eval/reward': 'Estimated reward per decision on held-out files.',
  lr: 'Learning rate.',
  episode: 'Decisions or responses seen so far.',
  eps: 'Decisions or responses a second.',
} as const satisfies Readonly<Record<string, string>>;

export type MetricName = keyof typeof metrics;

/** Numbers of one step. What is not finite is written as it is: TensorBoard marks it. */
export type MetricValues = { readonly [name in MetricName]?: number };
