/**
 * The panel as a value: what it shows, and how an action changes it. No DOM and no clock, so every rule of the panel is
 * tested without a browser. The host keeps the truth; drafts and what is folded open are the only things that live here.
 */
import type { EpisodeCard, Rating } from '../src/protocol/episode.ts';
import type {
  FromPanel,
  PanelExample,
  PanelFilter,
  PanelOrder,
  PanelProblem,
  RatingDraft,
  ToPanel,
} from '../src/protocol/webview.ts';
import type { Draft } from './drafts.ts';

export type Section = 'why' | 'wanted' | 'diff';

/** How the last thing asked for a card went. */
export type SaveStatus =
  | { readonly type: 'saving' }
  | { readonly type: 'saved' }
  | { readonly type: 'failed'; readonly message: string };

export type WhyState =
  | { readonly type: 'loading' }
  | { readonly type: 'ready'; readonly examples: readonly PanelExample[] }
  | { readonly type: 'failed'; readonly message: string };

/** What a screen reader is told, once the host has acknowledged it. */
export type Announcement =
  | { readonly type: 'rated'; readonly rating: Rating }
  | { readonly type: 'withdrawn' | 'never' | 'allowed' | 'deleted' | 'noUnrated' | 'filled' | 'notFound' }
  | { readonly type: 'failed'; readonly message: string };

/** A request that has not been acknowledged. */
export type InFlight =
  /** `content` is what will be stored when it succeeds; the next change is built on it. */
  | { readonly episodeId: string; readonly request: 'rate' | 'withdraw'; readonly content: RatingDraft }
  | { readonly episodeId: string; readonly request: 'never' | 'allowed' | 'deleted' };

export interface PanelState {
  readonly phase: 'loading' | 'ready';
  readonly cards: readonly EpisodeCard[];
  readonly total: number;
  readonly query: string;
  readonly filter: PanelFilter;
  readonly order: PanelOrder;
  /** Ids of the few cards a rating of which would teach most. */
  readonly marked: ReadonlySet<string>;
  readonly size: { readonly bytes: number; readonly capBytes: number; readonly episodes: number };
  readonly problem: PanelProblem | null;
  readonly selected: string | null;
  readonly drafts: ReadonlyMap<string, Draft>;
  readonly inFlight: ReadonlyMap<number, InFlight>;
  /** Ratings acknowledged that no snapshot has shown yet. */
  readonly acknowledged: ReadonlyMap<string, Rating>;
  readonly status: ReadonlyMap<string, SaveStatus>;
  readonly why: ReadonlyMap<string, WhyState>;
  readonly open: Readonly<Record<Section, ReadonlySet<string>>>;
  /** The wanted code as it was before the file's text took its place. */
  readonly replaced: ReadonlyMap<string, string | null>;
  /** Cards whose place could not be found in the file. */
  readonly lost: ReadonlySet<string>;
  readonly confirming: string | null;
  readonly help: boolean;
  /** `serial` tells two equal announcements apart. */
  readonly announcement: { readonly serial: number; readonly what: Announcement } | null;
  readonly nextTicket: number;
  /** To be selected as soon as a snapshot contains it. */
  readonly reveal: string | null;
  /** The selected card is to have the keyboard as soon as there is one. */
  readonly focusWhenLoaded: boolean;
}

export type Action =
  | { readonly type: 'host'; readonly message: ToPanel }
  | { readonly type: 'select'; readonly id: string }
  | { readonly type: 'move'; readonly to: 'next' | 'previous' | 'first' | 'last' }
  | { readonly type: 'nextUnrated' }
  /** Changes the form only. */
  | { readonly type: 'edit'; readonly id: string; readonly change: Draft }
  /** Says it and stores it; what is said already is taken back. */
  | { readonly type: 'thumb'; readonly id: string; readonly thumb: 'up' | 'down' }
  | { readonly type: 'score'; readonly id: string; readonly score: number }
  /** Stores the slider's value as it stands in the form. */
  | { readonly type: 'commitScore'; readonly id: string }
  | { readonly type: 'save'; readonly id: string }
  | { readonly type: 'withdraw'; readonly id: string }
  | { readonly type: 'toggle'; readonly section: Section; readonly id: string }
  | { readonly type: 'askDelete'; readonly id: string }
  | { readonly type: 'cancelDelete' }
  | { readonly type: 'direct'; readonly id: string; readonly use: 'never' | 'allowed' | 'deleted' }
  | { readonly type: 'search'; readonly query: string; readonly filter: PanelFilter; readonly order?: PanelOrder }
  | { readonly type: 'useCurrent'; readonly id: string }
  | { readonly type: 'restoreMine'; readonly id: string }
  | { readonly type: 'help' }
  | { readonly type: 'post'; readonly message: FromPanel };

/** Where the focus should go after the next rendering. */
export type FocusWish = 'card' | 'confirm' | 'wanted' | 'help';

export interface Step {
  readonly state: PanelState;
  readonly send: readonly FromPanel[];
  readonly focus?: FocusWish;
}

/** Which fields of a draft are stored by one key or click; the others wait for Save. */
export type InstantField = keyof Pick<RatingDraft, 'thumb' | 'score'>;

export const initialState: PanelState = {
  phase: 'loading',
  cards: [],
  total: 0,
  query: '',
  filter: 'all',
  order: 'newest',
  marked: new Set(),
  size: { bytes: 0, capBytes: 0, episodes: 0 },
  problem: null,
  selected: null,
  drafts: new Map(),
  inFlight: new Map(),
  acknowledged: new Map(),
  status: new Map(),
  why: new Map(),
  open: { why: new Set(), wanted: new Set(), diff: new Set() },
  replaced: new Map(),
  lost: new Set(),
  confirming: null,
  help: false,
  announcement: null,
  nextTicket: 1,
  reveal: null,
  focusWhenLoaded: false,
};
