/** What a simulated developer does with one offer, told to the engine by the client's own code, in virtual time. */
import { pathToFileURL } from 'node:url';
import { createLifecycle } from '../../client/inline/lifecycleInputs.ts';
import type { Reason } from '../../protocol/episode.ts';
import type { DocumentChange, InlineItem } from '../../protocol/rpc.ts';
import type { InProcessEngine } from '../inProcess.ts';
import type { VirtualTime } from '../virtualTime.ts';

/** An open document with the cursor at its end. */
export interface Desk {
  readonly uri: string;
  readonly version: number;
  readonly text: string;
}

/** An offer as it stands on the screen. */
export interface OnScreen {
  readonly episodeId: string;
  readonly items: readonly InlineItem[];
}

export interface Said {
  readonly score: number;
  readonly reasons: readonly Reason[];
  readonly comment: string;
}

/** What became of an offer, all of it settled beforehand. */
export interface Fate {
  readonly kind: 'accepted' | 'rejected' | 'ignored';
  /** What the developer makes of an accepted text, half a minute later; null: it stays. */
  readonly corrected: string | null;
  /** After how long an accepted text is deleted; null: it is not. */
  readonly deletedAfterMs: number | null;
  readonly rating: Said | null;
}

/** Time a person takes. The client looks after 30 and after 120 seconds whether an accepted text is still there. */
const decideMs = 3000;
const correctAfterMs = 20_000;
const settledMs = 150_000;
/** A whole function every one and a half hours, day and night: 16 a day, so that 1 200 take a quarter of a year. */
const restMs = 90 * 60_000;

export interface Workday {
  open(file: { readonly path: string; readonly languageId: string; readonly text: string }): Desk;
  /** Until everything about the offer is known; the document is closed then. */
  settle(desk: Desk, offer: OnScreen | null, fate: Fate | null): Promise<void>;
  /** Time passes: nothing of it is under way any more when this resolves. */
  pass(ms: number): Promise<void>;
}

export function createWorkday(engine: Pick<InProcessEngine, 'ask' | 'tell' | 'settled'>, time: VirtualTime): Workday {
  const texts = new Map<string, string>();
  let version = 0;
  const { inputs, tracker } = createLifecycle({
    now: time.clock.now,
    schedule: time.timer.after,
    textOf: (uri, start, end) => texts.get(uri)?.slice(start, end) ?? null,
    emit: (events) => engine.tell('events', { events: [...events] }),
    onLive() {},
  });
  function change(uri: string, one: DocumentChange): void {
    const before = texts.get(uri)!;
    version += 1;
    texts.set(uri, before.slice(0, one.offset) + one.text + before.slice(one.offset + one.length));
    engine.tell('documentChanged', { uri, version, changes: [one] });
    inputs.changed(uri, [one], 'other');
  }
  const pass = async (ms: number): Promise<void> => {
    time.advance(ms);
    await engine.settled();
  };
  return {
    pass,
    open({ path, languageId, text }) {
      const uri = pathToFileURL(path).href;
      version += 1;
      texts.set(uri, text);
      engine.tell('documentOpened', { uri, path, languageId, version, text });
      inputs.focused(uri);
      return { uri, version, text };
    },
    async settle({ uri, text }, offer, fate) {
      const close = async (): Promise<void> => {
        inputs.closed(uri, texts.get(uri)!);
        texts.delete(uri);
        engine.tell('documentClosed', { uri });
        await pass(restMs);
      };
      const [item] = offer?.items ?? [];
      if (!offer || !item || !fate) return close();
      const lineStart = text.lastIndexOf('\n') + 1;
      inputs.offer({
        episodeId: offer.episodeId,
        uri,
        cursor: text.length,
        linePrefix: text.slice(lineStart),
        lineSuffix: '',
        items: offer.items.map(({ candidateId, insertText, range }) => ({
          candidateId,
          insertText,
          start: lineStart + range.startCharacter,
          end: lineStart + range.endCharacter,
        })),
      });
      await pass(decideMs);
      const started = time.clock.now();
      const at = lineStart + item.range.startCharacter;
      const until = (ms: number): Promise<void> => pass(Math.max(0, started + ms - time.clock.now()));
      if (fate.kind === 'accepted') {
        change(uri, { offset: at, length: text.length - at, text: item.insertText });
        inputs.acceptedByCommand(offer.episodeId, item.candidateId);
        if (fate.corrected !== null) {
          await until(correctAfterMs);
          change(uri, { offset: at, length: item.insertText.length, text: fate.corrected });
        }
        if (fate.deletedAfterMs !== null && fate.deletedAfterMs < settledMs) {
          await until(fate.deletedAfterMs);
          change(uri, { offset: at, length: texts.get(uri)!.length - at, text: '' });
        }
      } else if (fate.kind === 'rejected') inputs.dismissed();
      // Another key than the one that stands there.
      else change(uri, { offset: text.length, length: 0, text: item.insertText.startsWith('x') ? 'y' : 'x' });
      if (tracker.liveEpisode !== null) throw new Error('An offer outlived what became of it.');
      await until(settledMs);
      if (fate.rating) {
        const { score, reasons, comment } = fate.rating;
        const { episodeId } = offer;
        const said = { episodeId, thumb: null, score, reasons: [...reasons], comment, correction: null };
        await engine.ask('rate', { ...said, withdrawn: false });
      }
      await close();
    },
  };
}
