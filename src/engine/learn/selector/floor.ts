/** What every behaviour policy keeps to: each action now and then, so that it can be judged later, and never silence for good. */

/** Share of decisions that are drawn at random: (1 − ε)π + ε·uniform, so that no propensity is below ε / actions. */
export const uniformShare = 0.05;
/** When fewer than a quarter of the last 40 decisions were shown, a tenth is shown whatever the policy says. */
const watched = 40;
const leastShown = 0.25;
const forcedShare = 0.1;

/** What a policy would do, and what it would show if it had to show something; both add up to 1. */
export interface Wish {
  /** Of each candidate, silence last. */
  readonly policy: readonly number[];
  /** Of each candidate. */
  readonly shown: readonly number[];
}

export interface Floor {
  /** The behaviour: what the policy wishes, above the floors. Of each candidate, silence last. */
  apply(wish: Wish): readonly number[];
  /** Notes a decision that was made, with at least one candidate at hand. */
  note(decision: { readonly shown: boolean }): void;
  /** Whether silence has taken over, and some are shown whatever the policy says. */
  readonly forced: boolean;
  /** Of the last decisions: whether each was shown. */
  readonly recent: readonly boolean[];
}

/**
 * A policy that has learnt to be silent hears no more of what would correct it: in simulation half of the developers of a
 * greedy one never got out (research, 1.2). The uniform share alone would take hundreds of decisions.
 */
export function makeFloor(share = uniformShare, before: readonly boolean[] = []): Floor {
  let recent = before.slice(-watched);
  const forced = (): boolean =>
    recent.length === watched && recent.filter((shown) => shown).length < leastShown * watched;
  return {
    get forced() {
      return forced();
    },
    get recent() {
      return recent;
    },
    note({ shown }) {
      recent = [...recent, shown].slice(-watched);
    },
    apply({ policy, shown }) {
      const push = forced() && shown.length > 0 ? forcedShare : 0;
      return policy.map((p, action) => {
        const wished = (1 - push) * p + push * (shown[action] ?? 0);
        return (1 - share) * wished + share / policy.length;
      });
    },
  };
}

/** All of the probability on one of `size` actions. */
export const only = (action: number, size: number): readonly number[] =>
  Array.from({ length: size }, (_, i) => (i === action ? 1 : 0));

/** Index of the largest, the first of equals; −1 of none. */
export const largest = (values: ArrayLike<number>): number => {
  let best = values.length === 0 ? -1 : 0;
  for (let i = 1; i < values.length; i += 1) if (values[i]! > values[best]!) best = i;
  return best;
};
