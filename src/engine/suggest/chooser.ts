/** How an inline choice is made: by the threshold, by a trained selector, or by the anchor. */
import type { ClientRequests, Params } from '../../protocol/rpc.ts';
import { drawFor, rounded, untaughtChanceOf } from '../learn/acceptance.ts';
import { linePrefixOf, squash } from '../learn/decisions.ts';
import type { Offerable } from '../learn/features/offerable.ts';
import { isUnsure } from '../learn/serving/anchor.ts';
import { nothingServed, type OnlineSelector } from '../learn/serving/served.ts';
import { actionAt, type Drawn, drawAmong, shownOnly } from './choose.ts';
import type { Arm } from './control.ts';
import { type Considered, type Rule, type Scored, silenceWorth, unknownProbability } from './decide.ts';
import type { SuggestState } from './deps.ts';
import { layOut, type Spot } from './inlineEpisode.ts';
import type { Place } from './place.ts';

export interface Chooser {
  readonly rule: Pick<Rule, 'judge' | 'draw' | 'choose'>;
  /** The selector that draws; null: none serves, or it has no say here. */
  readonly version: string | null;
}

/** Asked for by hand, everything that the model believes in may come. */
export function chooser(
  state: SuggestState,
  place: {
    readonly trigger: Params<ClientRequests, 'suggest'>['trigger'];
    readonly threshold: number;
    readonly arm: Arm;
    readonly at: number;
    readonly similarity: number | null;
    readonly spot: Spot;
    readonly redacted: Place;
  },
): Chooser {
  const { gate, config, options } = state;
  const { trigger, threshold, arm, at, similarity, spot, redacted } = place;
  const seed = options.seed ?? 0;
  const explicit = trigger === 'explicit';
  const taught = arm === 'treated' && config.examples > 0;
  const { line, selected } = spot;
  const { file, languageId, prefix } = layOut(spot, redacted, []);
  /** The line with the candidate in it: the same while it is typed along. */
  const whole = ({ text }: Considered): string => squash(linePrefixOf(prefix) + selected + text);
  const { selector, anchor } = taught ? options.served() : nothingServed;

  const judge: Rule['judge'] = (candidate, rival) => {
    const { text, model, probability = null } = candidate;
    const where = { id: null, at, file, languageId, line, prefix };
    const features = gate.features({ ...where, text: selected + text, model, probability, rival });
    const learnt = () => (taught ? gate.chanceOf(features) : untaughtChanceOf(features));
    return { chance: explicit ? (probability ?? unknownProbability) : learnt(), features: rounded(features) };
  };
  const drawn = (probabilities: readonly number[], free: readonly Scored[]): Drawn => {
    const draw = drawAmong(
      seed,
      file,
      free.map(({ candidate }) => whole(candidate)),
    );
    return { probabilities, action: actionAt(probabilities, draw) };
  };

  /** Where a model gives several answers and doesn’t say how sure it is of each, it is worth finding out which are wanted. */
  const isOpen = (free: readonly Scored[]): boolean => isUnsure(free.map(({ candidate }) => candidate));

  function by(decider: OnlineSelector, free: readonly Scored[], all: readonly Considered[]): Drawn {
    const rows = offerablesOf(free, all).map((offer) => state.extractor.featuresOf(offer, gate.past));
    const probabilities = decider.probabilities(rows, silenceWorth(threshold));
    return drawn(explicit ? shownOnly(probabilities) : probabilities, free);
  }

  /** What training will see of them, too. */
  function offerablesOf(free: readonly Scored[], all: readonly Considered[]): readonly Offerable[] {
    const { textOf, range, ...stored } = layOut(spot, redacted, all);
    return free.map(({ candidate }) => ({
      ...stored,
      id: null,
      at,
      kind: 'inline',
      line: range.startLine,
      instruction: '',
      text: textOf(candidate),
      model: candidate.model,
      probability: candidate.probability ?? null,
      rival: Math.max(0, ...all.map((other) => (other === candidate ? 0 : (other.probability ?? 0)))),
      similarity,
    }));
  }

  return {
    version: selector?.id ?? null,
    rule: {
      judge,
      draw: (candidate) => (explicit ? 1 : drawFor(seed, `${file}\n${whole(candidate)}`)),
      choose(free, all) {
        if (!taught) return null;
        const decider = selector ?? (isOpen(free) ? (anchor?.() ?? null) : null);
        return decider && { ...by(decider, free, all), leastScore: selector || explicit ? 0 : threshold };
      },
    },
  };
}
