import { largest, only } from '../../engine/learn/selector/floor.ts';
import { forgettingRidge } from '../../engine/learn/selector/forgettingRidge.ts';
import type { Selector } from '../../engine/learn/selector/selector.ts';

/**
 * Ridge regression on the rewards of what was shown, with the penalty of the other linear policies; shows the best when it promises
 * more than silence. Never explores and never forgets: it is here because it falls silent for ever with some developers (the
 * silence trap). The first few are shown whatever they promise: one rejection would end it.
 */
export function greedyRidge(shownAnyway = 20): Selector {
  const belief = forgettingRidge({ forgetting: 1 });
  let seen = 0;
  return {
    name: 'ridge',
    probabilities({ candidates }) {
      if (seen < shownAnyway) return only(seen % candidates.length, candidates.length + 1);
      return only(largest([...belief.means(candidates), 0]), candidates.length + 1);
    },
    learn({ candidates, action, reward }) {
      seen += 1;
      const shown = candidates[action];
      if (shown) belief.observe(shown, reward);
    },
  };
}
