import type { View } from './view.ts';

/** Why nothing can be changed now; null: it can. */
export const blocked = ({ state }: View): string | null =>
  state.problem && state.problem.kind !== 'other' ? state.problem.message : null;

/** Why nothing can be trained now; null: it can. */
export function untrainable(view: View): string | null {
  const { state, t } = view;
  if (state.training?.running) return t('training.running');
  return blocked(view);
}
