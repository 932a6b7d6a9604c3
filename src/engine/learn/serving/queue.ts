/** The rating panel's list: newest first, or what a rating of would teach most; and which few are marked. */
import type { Episode } from '../../../protocol/episode.ts';
import type { ClientRequests, Params, Result } from '../../../protocol/rpc.ts';
import type { Clock } from '../../clock.ts';
import type { Store } from '../../memory/store.ts';
import { type FeatureExtractor, featureExtractor } from '../features/features.ts';
import { offerableOf } from '../features/offerable.ts';
import { byInformation, type Doubt, placeCounts, Questions } from './informative.ts';
import type { Served, ServedRewardModel } from './served.ts';

type Query = Params<ClientRequests, 'listEpisodes'>;
type Listed = Result<ClientRequests, 'listEpisodes'>;

export interface QueueOptions {
  readonly store: Pick<Store, 'list' | 'get' | 'entries'>;
  readonly clock: Clock;
  readonly served: () => Served;
  /** Of an inline offer by the gate, where no reward model serves; null: it has not seen it. */
  readonly doubtOfGate: (episode: Episode) => number | null;
}

/** So many of the newest are looked at, and so many places counted. */
const mostLooked = 500;
const mostCounted = 2000;
/** Where nothing foretells anything: that of a rating that may be anything from bad to good. */
const knowsNothing = 0.29;

export class RatingQueue {
  readonly #options: QueueOptions;
  readonly #questions = new Questions();
  readonly #extractor: FeatureExtractor = featureExtractor();
  /** What a model made of an episode doesn't change. */
  #known: { readonly model: ServedRewardModel; readonly doubts: Map<string, number> } | null = null;

  constructor(options: QueueOptions) {
    this.#options = options;
  }

  list(query: Query): Listed {
    const { store, clock } = this.#options;
    const isInformative = query.order === 'informative';
    const { cards, total } = store.list(isInformative ? { ...query, limit: mostLooked } : query);
    const doubt = this.#doubt();
    const listed = isInformative ? byInformation(cards, doubt, this.#counts()).slice(0, query.limit) : cards;
    const isOpen = (id: string): boolean => {
      const entry = store.get(id);
      return entry !== null && entry.rating === null;
    };
    const marked = this.#questions.marked(clock.now(), isOpen, () => {
      const unrated = store.list({ query: '', filter: 'unrated', limit: mostLooked }).cards;
      return { cards: byInformation(unrated, doubt, this.#counts()), doubt };
    });
    return { cards: [...listed], total, marked };
  }

  #counts(): ReadonlyMap<string, number> {
    const episodes: Episode[] = [];
    for (const { episode } of this.#options.store.entries()) {
      episodes.push(episode);
      if (episodes.length === mostCounted) break;
    }
    return placeCounts(episodes);
  }

  #doubt(): Doubt {
    const model = this.#options.served().rewardModel;
    if (model === null) return (episode) => this.#options.doubtOfGate(episode) ?? knowsNothing;
    if (this.#known?.model !== model) this.#known = { model, doubts: new Map() };
    const { doubts } = this.#known;
    return (episode) => {
      const known = doubts.get(episode.id);
      if (known !== undefined) return known;
      // What happened before says little about how unsure one is of the text, and takes most of the time.
      const { deviation } = model.estimate(this.#extractor.featuresOf(offerableOf(episode, episode.offered ?? 0), []));
      doubts.set(episode.id, deviation);
      return deviation;
    };
  }
}
