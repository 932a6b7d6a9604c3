/** Plays a recorded session through the parts that infer the lifecycle, under a clock that moves from entry to entry. */
import { createLifecycle, type LifecycleInputs } from '../../src/client/inline/lifecycleInputs.ts';
import type { LifecycleEvent } from '../../src/protocol/lifecycle.ts';
import type { Recording, RecordingEntry } from '../../src/protocol/recording.ts';

interface Played {
  readonly uri: string;
  text: string;
}
interface Timer {
  readonly at: number;
  readonly run: () => void;
}

/** What was inferred, in order; times are those of the recording. */
export function replayRecording({ header, entries }: Recording): readonly LifecycleEvent[] {
  const events: LifecycleEvent[] = [];
  let now = header.startedAt;
  let timers: readonly Timer[] = [];
  const documents = new Map<number, Played>();
  const { inputs } = createLifecycle({
    now: () => now,
    schedule(delayMs, run) {
      const timer = { at: now + delayMs, run };
      timers = [...timers, timer];
      return () => {
        timers = timers.filter((one) => one !== timer);
      };
    },
    textOf: (uri, start, end) =>
      [...documents.values()].find((open) => open.uri === uri)?.text.slice(start, end) ?? null,
    emit: (told) => void events.push(...told),
    onLive() {},
  });
  /** Timers that are due fire first, each at its time; of equal times the one set first. */
  const goTo = (time: number): void => {
    for (;;) {
      const next = timers.reduce<Timer | null>(
        (first, one) => (one.at <= time && (first === null || one.at < first.at) ? one : first),
        null,
      );
      if (next === null) break;
      timers = timers.filter((one) => one !== next);
      now = Math.max(now, next.at);
      next.run();
    }
    now = Math.max(now, time);
  };
  for (const entry of entries) {
    goTo(header.startedAt + entry.at);
    play(entry, documents, inputs);
  }
  return events;
}

const uriOf = (file: string, number: number): string =>
  file === '' ? `untitled:${number}` : `file:///recorded/${file.split('/').map(encodeURIComponent).join('/')}`;

function play(entry: RecordingEntry, documents: Map<number, Played>, inputs: LifecycleInputs): void {
  const documentOf = (number: number): Played => {
    const document = documents.get(number);
    if (!document) throw new Error(`Document ${number} was never opened.`);
    return document;
  };
  switch (entry.type) {
    case 'opened': {
      const { document, file, languageId, text } = entry;
      const uri = uriOf(file, document);
      documents.set(document, { uri, text });
      inputs.opened({ uri, languageId, text });
      break;
    }
    case 'changed': {
      const document = documentOf(entry.document);
      for (const { offset, length, text } of entry.changes) {
        document.text = document.text.slice(0, offset) + text + document.text.slice(offset + length);
      }
      inputs.changed(document.uri, entry.changes, entry.reason);
      break;
    }
    case 'moved':
      inputs.moved(documentOf(entry.document).uri, entry.cursor);
      break;
    case 'focused':
      inputs.focused(entry.document === null ? null : documentOf(entry.document).uri);
      break;
    case 'closed': {
      const { uri, text } = documentOf(entry.document);
      documents.delete(entry.document);
      inputs.closed(uri, text);
      break;
    }
    case 'renamed':
      inputs.renamed(uriOf(entry.from, 0), uriOf(entry.to, 0));
      break;
    case 'offered': {
      const { uri, text } = documentOf(entry.document);
      const { episodeId, cursor, items } = entry;
      const lineStart = cursor === 0 ? 0 : text.lastIndexOf('\n', cursor - 1) + 1;
      const lineSuffix = /^[^\r\n]*/.exec(text.slice(cursor))![0];
      inputs.offer({ episodeId, uri, cursor, linePrefix: text.slice(lineStart, cursor), lineSuffix, items });
      break;
    }
    case 'unseen':
      inputs.unseen(entry.episodeId);
      break;
    case 'selected':
      inputs.selectedInWidget(entry.text);
      break;
    case 'taken':
      inputs.acceptedByCommand(entry.episodeId, entry.candidateId);
      break;
    case 'dismissed':
      inputs.dismissed();
      break;
    case 'kept': {
      const { episodeId, candidateId, start, end } = entry;
      inputs.kept({ episodeId, candidateId, uri: documentOf(entry.document).uri, start, end });
      break;
    }
    case 'ended':
      break;
  }
}
