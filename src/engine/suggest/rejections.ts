/** What was turned down in the open documents: at once, at its place as that moves, and for a moment on the whole line. */
import type { Event } from '../../protocol/episode.ts';
import type { Clock } from '../clock.ts';
import type { StoredEpisode } from '../memory/store.ts';
import type { DocumentNews, Documents } from '../workspace/documents.ts';
import { moveOffset, type TrackedOffset, trackOffset } from '../workspace/trackedOffset.ts';
import { judgedCandidate, refusalsOf, refused } from './examples.ts';
import { squash } from './place.ts';
import {
  type Around,
  type Asked,
  aroundIn,
  isTurnedDown,
  namesAround,
  startOfLine,
  type TurnedDown,
} from './turnedDown.ts';

/** As many as Copilot keeps of a document; the newest win. */
const mostRejections = 20;
/** Offers whose places are followed until something is said about them; older ones the memory knows. */
const mostOffers = 100;
/** Copilot's cooldown after a rejection, and how many keys are typed in that time: who types faster is helped sooner. */
const quiet = { ms: 5000, keys: 25 } as const;

interface Placed {
  readonly episodeId: string;
  readonly place: TrackedOffset;
}

interface Offer extends Placed {
  readonly head: string;
}

interface Rejection extends Placed, Omit<TurnedDown, 'offset'> {
  /** When it was heard of, by the engine's clock. */
  readonly at: number;
  /** Changes of the document since. */
  readonly keys: number;
  takenSince: boolean;
}

/** Before anything was asked. */
const nowhere = { uri: '', version: -1, around: aroundIn({ text: '', languageId: '' }) };

interface Sheet {
  offers: Offer[];
  /** Oldest first. */
  rejections: Rejection[];
}

/**
 * Follows the places of offers through the edits of their documents, and keeps what was turned down there. Lives as long as
 * the document is open and the place can be found; after that, and after a restart, the memory's own refusals hold.
 */
export class Rejections {
  readonly #documents: Pick<Documents, 'get' | 'onNews'>;
  readonly #clock: Clock;
  readonly #sheets = new Map<string, Sheet>();
  readonly #stop: () => void;
  #looked: { readonly uri: string; readonly version: number; readonly around: Around } = nowhere;

  constructor(options: { readonly documents: Pick<Documents, 'get' | 'onNews'>; readonly clock: Clock }) {
    this.#documents = options.documents;
    this.#clock = options.clock;
    this.#stop = options.documents.onNews((news) => this.#hear(news));
  }

  /** An offer was made: the text of its episode's candidates would begin at `offset`. */
  offered(episodeId: string, at: { readonly uri: string; readonly offset: number }): void {
    const text = this.#documents.get(at.uri)?.text;
    if (text === undefined) return;
    const sheet = this.#sheets.get(at.uri) ?? { offers: [], rejections: [] };
    this.#sheets.set(at.uri, sheet);
    const head = text.slice(startOfLine(text, at.offset), at.offset);
    sheet.offers.push({ episodeId, head, place: trackOffset(at.offset) });
    if (sheet.offers.length > mostOffers) sheet.offers.shift();
  }

  /** Something was said about, or became of, an episode: what is turned down is kept, what no longer is, forgotten. */
  judge(entry: StoredEpisode): void {
    if (!refused(entry)) {
      this.drop(entry.episode.id);
      this.#take(entry);
      return;
    }
    for (const [uri, sheet] of this.#sheets) {
      const offer = sheet.offers.find(({ episodeId }) => episodeId === entry.episode.id);
      if (offer !== undefined) this.#keep(uri, sheet, offer, entry);
    }
  }

  /** The episode was deleted. */
  drop(episodeId: string): void {
    for (const sheet of this.#sheets.values()) {
      sheet.rejections = sheet.rejections.filter((one) => one.episodeId !== episodeId);
    }
  }

  /** True when this was turned down in the document: on this line, or, unless only that is asked, in this scope. */
  holds(uri: string, asked: Pick<Asked, 'text' | 'offset'>, reach: 'line' | 'scope' = 'scope'): boolean {
    const rejections = this.#sheets.get(uri)?.rejections ?? [];
    const document = this.#documents.get(uri);
    if (document === undefined || rejections.length === 0) return false;
    if (this.#looked.uri !== uri || this.#looked.version !== document.version) {
      this.#looked = { uri, version: document.version, around: aroundIn(document) };
    }
    const { around } = this.#looked;
    const line = startOfLine(document.text, asked.offset);
    return rejections.some(({ place, ...one }) => {
      if (reach === 'line' && startOfLine(document.text, place.offset) !== line) return false;
      return isTurnedDown({ ...asked, document, around }, { ...one, offset: place.offset });
    });
  }

  /** Episodes turned down in the document of which it is known where they are now: nobody has to guess by the lines around. */
  followed(uri: string): ReadonlySet<string> {
    return new Set(this.#sheets.get(uri)?.rejections.map(({ episodeId }) => episodeId));
  }

  /** True for the first five seconds, or 25 keys, after something was turned down on the line of `offset`. */
  isQuiet(uri: string, offset: number): boolean {
    const text = this.#documents.get(uri)?.text ?? '';
    const since = this.#clock.now() - quiet.ms;
    const rejections = this.#sheets.get(uri)?.rejections ?? [];
    return rejections.some(
      ({ at, keys, place }) =>
        at > since && keys < quiet.keys && startOfLine(text, place.offset) === startOfLine(text, offset),
    );
  }

  clear(): void {
    this.#sheets.clear();
  }

  close(): void {
    this.#stop();
    this.clear();
  }

  #hear(news: DocumentNews): void {
    switch (news.kind) {
      case 'closed':
        this.#sheets.delete(news.uri);
        this.#looked = nowhere;
        return;
      case 'change': {
        const sheet = this.#sheets.get(news.uri);
        if (sheet === undefined) return;
        const follow = <T extends Placed>(all: readonly T[]): T[] =>
          all.flatMap((one) => {
            const place = moveOffset(one.place, news.change, news.text);
            return place === null ? [] : [{ ...one, place }];
          });
        sheet.offers = follow(sheet.offers);
        sheet.rejections = follow(sheet.rejections).map((one) => ({ ...one, keys: one.keys + 1 }));
        return;
      }
    }
  }

  #keep(uri: string, sheet: Sheet, offer: Offer, entry: StoredEpisode): void {
    const known = sheet.rejections.filter(({ episodeId }) => episodeId === offer.episodeId);
    const text = this.#documents.get(uri)?.text ?? '';
    for (const refusal of refusalsOf(entry, 0)) {
      const before = known.find((one) => one.text === refusal.text);
      const fresh: Rejection = {
        episodeId: offer.episodeId,
        place: offer.place,
        head: offer.head,
        text: refusal.text,
        names: before?.names ?? namesAround(text, offer.place.offset),
        at: before?.at ?? this.#clock.now(),
        keys: before?.keys ?? 0,
        takenSince: before?.takenSince ?? false,
        // A rating after the Escape may say what was wrong.
        reasons: refusal.reasons,
      };
      sheet.rejections = [...sheet.rejections.filter((one) => one !== before), fresh].slice(-mostRejections);
    }
  }

  #take(entry: StoredEpisode): void {
    if (!entry.events.some(wasTaken)) return;
    const taken = judgedCandidate(entry);
    if (taken === null) return;
    for (const { rejections } of this.#sheets.values()) {
      for (const one of rejections) {
        if (one.episodeId < entry.episode.id && squash(one.text) === squash(taken.text)) one.takenSince = true;
      }
    }
  }
}

const wasTaken = ({ type }: Pick<Event, 'type'>): boolean => type === 'accepted';
