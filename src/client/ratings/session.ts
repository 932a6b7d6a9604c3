/** The host's side of one rating panel, without VS Code: messages in, engine requests out, snapshots back. */
import * as v from 'valibot';
import { describeIssues, type Peer } from '../../protocol/connection.ts';
import type { EpisodeCard } from '../../protocol/episode.ts';
import type {
  ClientNotifications,
  ClientRequests,
  EngineNotifications,
  Failure,
  HostRequests,
} from '../../protocol/rpc.ts';
import {
  FromPanel,
  type PanelFilter,
  type PanelOrder,
  type PanelProblem,
  type ToPanel,
} from '../../protocol/webview.ts';

/** Suggestions shown at most, newest first. */
export const shownEpisodes = 50;
/** Changes within this time become one snapshot: an accepted edit alone makes several. */
const pushDelayMs = 50;

export type AskEngine = Peer<ClientRequests, ClientNotifications, HostRequests, EngineNotifications>['ask'];
export type PanelCommand = Extract<FromPanel, { type: 'command' }>['command'];

export interface SessionParts {
  readonly ask: AskEngine;
  readonly post: (message: ToPanel) => void;
  /** What stands in the way, as far as the client knows; null when all is well. */
  readonly problem: () => PanelProblem | null;
  /** The cap of the memory, in bytes. */
  readonly capBytes: () => number;
  readonly currentText: (episodeId: string) => Promise<string | null>;
  readonly open: (card: EpisodeCard) => Promise<void>;
  readonly run: (command: PanelCommand | 'exportMemory') => void;
  /** Shows the trace of the request that this episode came from. */
  readonly showTrace: (episodeId: string) => void;
  readonly log: { debug(message: string): void; warn(message: string): void };
  /** Runs `task` once after `delayMs`. */
  readonly later: (task: () => void, delayMs: number) => void;
  /** A sentence for the user when the engine can't be asked. */
  readonly silentEngine: string;
}

export interface Session {
  /** Anything a webview sent; what is not a message of the protocol is dropped. Resolves when it is dealt with. */
  handle(message: unknown): Promise<void>;
  /** Pushes a snapshot soon. */
  refresh(): void;
  /** Selects this episode's card, or without one keeps the selection, and gives it the keyboard, once the page is there. */
  reveal(episodeId?: string): void;
  /** The page is gone (the view was hidden); another will say that it is ready. */
  hidden(): void;
}

export function ratingsSession(parts: SessionParts): Session {
  let query = '';
  let filter: PanelFilter = 'all';
  let order: PanelOrder = 'newest';
  let cards: readonly EpisodeCard[] = [];
  let total = 0;
  let marked: readonly string[] = [];
  let size = { bytes: 0, capBytes: 0, episodes: 0 };
  /** The cards of examples, by episode: they can be opened too. */
  const seen = new Map<string, EpisodeCard>();
  let ready = false;
  let pageGone = false;
  let toReveal: Extract<ToPanel, { type: 'reveal' | 'focus' }> | null = null;
  let scheduled = false;
  /** Pushes run one after another: a slow old one must not overtake. */
  let pushing: Promise<void> = Promise.resolve();

  async function push(): Promise<void> {
    const asked = { query, filter, order };
    let problem = parts.problem();
    try {
      const [list, stats] = await Promise.all([
        parts.ask('listEpisodes', { ...asked, limit: shownEpisodes }),
        parts.ask('memoryStats', {}),
      ]);
      cards = list.cards;
      total = list.total;
      marked = list.marked;
      size = { bytes: stats.bytes, capBytes: parts.capBytes(), episodes: stats.episodes };
      seen.clear();
    } catch (error) {
      parts.log.warn(`The rating panel could not be filled: ${reasonOf(error)}`);
      problem ??= { kind: 'engineDown', message: parts.silentEngine };
    }
    parts.post({ type: 'snapshot', cards, total, ...asked, marked, size, problem });
  }

  function refresh(delayMs = pushDelayMs): void {
    if (!ready || scheduled) return;
    scheduled = true;
    parts.later(() => {
      scheduled = false;
      pushing = pushing.then(push);
    }, delayMs);
  }

  /** Runs a request that the view waits for, and acknowledges it whatever comes. */
  async function acknowledge(
    asked: { readonly ticket: number; readonly episodeId: string },
    request: () => Promise<Pick<Extract<ToPanel, { type: 'saved' }>, 'ok' | 'message' | 'rating'>>,
  ): Promise<void> {
    const { ticket, episodeId } = asked;
    try {
      parts.post({ type: 'saved', ticket, episodeId, ...(await request()) });
    } catch (error) {
      parts.log.warn(`The rating panel's request failed: ${reasonOf(error)}`);
      parts.post({ type: 'saved', ticket, episodeId, ok: false, message: parts.silentEngine });
    }
    refresh();
  }

  const rate = (params: Parameters<typeof parts.ask<'rate'>>[1]) => async () => {
    const result = await parts.ask('rate', params);
    return result.ok ? { ok: true, message: '', rating: result.rating } : failed(result.failure);
  };

  async function why(episodeId: string): Promise<void> {
    try {
      const { examples } = await parts.ask('why', { episodeId });
      for (const { card } of examples) seen.set(card.episode.id, card);
      parts.post({ type: 'why', episodeId, examples, problem: '' });
    } catch (error) {
      parts.log.warn(`The examples could not be listed: ${reasonOf(error)}`);
      parts.post({ type: 'why', episodeId, examples: [], problem: parts.silentEngine });
    }
  }

  async function current(episodeId: string): Promise<void> {
    const text = await parts.currentText(episodeId).catch((error: unknown) => {
      parts.log.debug(`The current text could not be read: ${reasonOf(error)}`);
      return null;
    });
    parts.post({ type: 'current', episodeId, text });
  }

  function sendReveal(): void {
    if (!ready || pageGone || toReveal === null) return;
    parts.post(toReveal);
    toReveal = null;
  }

  async function handle(message: unknown): Promise<void> {
    const parsed = v.safeParse(FromPanel, message);
    if (!parsed.success) return refuse(message, describeIssues(parsed.issues));
    const asked = parsed.output;
    switch (asked.type) {
      case 'ready':
        ready = true;
        pageGone = false;
        query = '';
        filter = 'all';
        order = 'newest';
        refresh(0);
        return sendReveal();
      case 'search':
        ({ query, filter, order } = asked);
        return refresh(0);
      case 'rate':
        return acknowledge(asked, rate({ episodeId: asked.episodeId, ...asked.draft, withdrawn: false }));
      case 'withdraw': {
        const nothing = { thumb: null, score: null, reasons: [], comment: '', correction: null };
        return acknowledge(asked, rate({ episodeId: asked.episodeId, ...nothing, withdrawn: true }));
      }
      case 'direct':
        return acknowledge(asked, async () => {
          const result = await parts.ask('direct', { episodeIds: [asked.episodeId], use: asked.use });
          return result.ok ? { ok: true, message: '' } : failed(result.failure);
        });
      case 'why':
        return why(asked.episodeId);
      case 'current':
        return current(asked.episodeId);
      case 'open': {
        const card = cards.find(({ episode }) => episode.id === asked.episodeId) ?? seen.get(asked.episodeId);
        return card ? parts.open(card) : parts.log.debug('An episode to open is not in the list any more.');
      }
      case 'trace':
        return parts.showTrace(asked.episodeId);
      case 'export':
        return parts.run('exportMemory');
      case 'command':
        return parts.run(asked.command);
    }
  }

  /** A view that waits for an acknowledgement gets one even when its request was malformed. */
  function refuse(message: unknown, problem: string): void {
    parts.log.warn(`The rating panel sent something else than agreed: ${problem}`);
    const waiting = v.safeParse(v.object({ ticket: v.number(), episodeId: v.string() }), message);
    if (waiting.success) parts.post({ type: 'saved', ...waiting.output, ok: false, message: problem });
  }

  return {
    handle,
    refresh: () => refresh(),
    reveal(episodeId) {
      toReveal = episodeId === undefined ? { type: 'focus' } : { type: 'reveal', episodeId };
      sendReveal();
    },
    hidden() {
      pageGone = true;
    },
  };
}

const failed = ({ message, nextStep }: Failure): { ok: false; message: string } => ({
  ok: false,
  message: [message, nextStep].filter((part) => part !== '').join(' '),
});

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
