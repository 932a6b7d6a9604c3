/**
 * A memory of a few cards that answers as the engine does, so that the preview shows the panel and the extension host's
 * session talking to each other. What was asked is kept, for tests to look at.
 */
import { type EpisodeCard, type Rating, verdict } from '../../src/protocol/episode.ts';
import { previewId } from './data.ts';

type Filter = 'all' | 'unrated' | 'good' | 'bad' | 'accepted' | 'rejected' | 'forbidden';
interface Asked {
  readonly method: string;
  readonly params: Record<string, unknown>;
}

export interface PreviewMemory {
  readonly asked: Asked[];
  cards: EpisodeCard[];
  /** `slow`: answers wait until it is `up` again. `down`: asking fails. `full`: nothing can be stored. */
  state: 'up' | 'down' | 'full' | 'slow';
  ask(method: string, params: Record<string, unknown>): Promise<unknown>;
  /** Lets the waiting answers go. */
  resume(): void;
  onChange: () => void;
}

const failure = {
  ok: false,
  failure: { reason: 'disk', message: 'The disk is full.', nextStep: 'Free some space and save again.' },
};

export function previewMemory(cards: EpisodeCard[], nowMs: number): PreviewMemory {
  let serial = 0;
  let waiting: (() => void)[] = [];
  const memory: PreviewMemory = {
    asked: [],
    cards,
    state: 'up',
    onChange: () => {},
    async ask(method, params) {
      memory.asked.push({ method, params });
      if (memory.state === 'slow') await new Promise<void>((resolve) => waiting.push(resolve));
      if (memory.state === 'down') throw new Error('Connection got disposed.');
      return answer(method, params);
    },
    resume() {
      memory.state = 'up';
      for (const go of waiting) go();
      waiting = [];
    },
  };

  const change = (id: string, touch: (card: EpisodeCard) => EpisodeCard): void => {
    memory.cards = memory.cards.map((card) => (card.episode.id === id ? touch(card) : card));
    memory.onChange();
  };

  function answer(method: string, params: Record<string, unknown>): unknown {
    switch (method) {
      case 'listEpisodes': {
        const found = memory.cards.filter((card) => matches(card, String(params.query), params.filter as Filter));
        const total = params.query === '' && params.filter === 'all' && found.length > 0 ? 320 : found.length;
        const unrated = found.filter(({ rating }) => verdict(rating) === 'unrated');
        const rated = found.filter((card) => !unrated.includes(card));
        // Which one would teach most the engine works out; here the last unrated one stands for it.
        const cards = params.order === 'informative' ? [...unrated.toReversed(), ...rated] : found;
        const marked = unrated.slice(-1).map(({ episode }) => episode.id);
        return { cards: cards.slice(0, Number(params.limit)), total, marked };
      }
      case 'memoryStats':
        return { bytes: memory.cards.length === 0 ? 0 : 1_263_000, episodes: memory.cards.length === 0 ? 0 : 320 };
      case 'rate': {
        if (memory.state === 'full') return failure;
        const { episodeId, ...said } = params as { episodeId: string } & Omit<
          Rating,
          'id' | 'at' | 'rater' | 'episodeId'
        >;
        const rating: Rating = { ...said, episodeId, id: previewId(nowMs, ++serial), at: nowMs, rater: 'preview' };
        change(episodeId, (card) => ({ ...card, rating: rating.withdrawn ? null : rating }));
        return { ok: true, rating };
      }
      case 'direct': {
        if (memory.state === 'full') return failure;
        const [id] = params.episodeIds as [string];
        if (params.use === 'deleted') {
          memory.cards = memory.cards.filter((card) => card.episode.id !== id);
          memory.onChange();
        } else change(id, (card) => ({ ...card, forbidden: params.use === 'never' }));
        return { ok: true, changed: 1 };
      }
      case 'why': {
        const asking = memory.cards.find((card) => card.episode.id === params.episodeId);
        const examples = (asking?.episode.examples ?? []).flatMap(({ episodeId, similarity }) => {
          const card = memory.cards.find(({ episode }) => episode.id === episodeId);
          return card ? [{ similarity, card }] : [];
        });
        return { examples };
      }
      default:
        throw new Error(`not in the preview: ${method}`);
    }
  }
  return memory;
}

function matches(card: EpisodeCard, query: string, filter: Filter): boolean {
  const { episode, rating, outcome, forbidden } = card;
  const text = [
    episode.file,
    episode.instruction,
    episode.before,
    ...episode.candidates.map((one) => one.text),
    rating?.comment,
  ];
  if (!text.join('\n').toLowerCase().includes(query.toLowerCase())) return false;
  switch (filter) {
    case 'all':
      return true;
    case 'forbidden':
      return forbidden;
    case 'accepted':
      return ['accepted', 'partlyAccepted', 'retained'].includes(outcome.type);
    case 'rejected':
      return ['rejected', 'reverted'].includes(outcome.type);
    default:
      return verdict(rating) === filter;
  }
}
