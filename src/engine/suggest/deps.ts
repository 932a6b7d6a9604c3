/** What suggesting is made of; everything that acts or varies comes from outside. */
import type { EngineConfig } from '../../protocol/config.ts';
import type { Failure } from '../../protocol/rpc.ts';
import type { Clock, Ids, Log } from '../clock.ts';
import type { AcceptanceGate } from '../learn/acceptance.ts';
import type { FeatureExtractor } from '../learn/features/features.ts';
import type { Served } from '../learn/serving/served.ts';
import type { Retriever } from '../memory/retrieve.ts';
import type { Store } from '../memory/store.ts';
import type { Models } from '../models/registry.ts';
import type { TokenCounter } from '../models/tokens.ts';
import type { WorkspaceModel } from '../models/workspace/model.ts';
import type { Documents, MirrorDocument } from '../workspace/documents.ts';
import type { IgnoreRules } from '../workspace/ignore.ts';
import type { Timer } from './deadline.ts';
import type { InFlight } from './inFlight.ts';
import type { Said } from './inlineAnswers.ts';
import type { MemoryWatch } from './memoryWatch.ts';
import type { OfferCache } from './offerCache.ts';
import type { OpenFiles } from './openFiles.ts';
import type { LineCounts } from './pack.ts';
import { toLf } from './place.ts';
import type { RedactOnce } from './redactOnce.ts';
import type { Rejections } from './rejections.ts';
import type { TraceLog } from './trace.ts';

export interface SuggestOptions {
  readonly documents: Pick<Documents, 'get' | 'all' | 'recentEdits' | 'latestEdit' | 'onNews'>;
  readonly rules: () => Pick<IgnoreRules, 'excluded'>;
  readonly store: Pick<Store, 'addEpisode' | 'addEvents' | 'get' | 'entries' | 'onChange'>;
  readonly retriever: Pick<Retriever, 'search'>;
  readonly models: Pick<Models, 'inline' | 'edit'>;
  /** Asked for several candidates at once where it is the inline model. */
  readonly workspaceModel: Pick<WorkspaceModel, 'predict'>;
  /** Tokens as the model with this id counts them. */
  readonly counter: (modelId: string) => TokenCounter;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  readonly config: EngineConfig;
  readonly traces: TraceLog;
  readonly timer?: Timer;
  /** What of the trained versions has a say, now. */
  readonly served: () => Served;
  /** Varies what is drawn: which doubtful candidates are tried, which places are without memory. */
  readonly seed?: number;
}

/** What lives between requests. */
export interface SuggestState {
  readonly options: SuggestOptions;
  readonly timer: Timer;
  config: EngineConfig;
  readonly watch: MemoryWatch;
  readonly rejections: Rejections;
  readonly gate: AcceptanceGate;
  readonly extractor: FeatureExtractor;
  readonly offers: OfferCache;
  readonly openFiles: OpenFiles;
  readonly lineCounts: LineCounts;
  readonly redactOnce: RedactOnce;
  /** Inline requests to models that are under way. */
  readonly inFlight: InFlight<Said>;
  /** Runs `work` once the answer has left: the developer need not wait for what is only written down. */
  readonly afterAnswer: (work: () => void) => void;
  /** What silence was last logged for, so that typing on doesn't log it again. */
  lastSilence: string;
}

export type Opened =
  | { readonly ok: true; readonly document: MirrorDocument }
  | { readonly ok: false; readonly failure: Failure };

/** The document, if it is the one the editor speaks of and may be read. */
export function openDocument({ options }: SuggestState, uri: string, version: number): Opened {
  const fail = (reason: Failure['reason'], message: string, nextStep: string): Opened => ({
    ok: false,
    failure: { reason, message, nextStep },
  });
  const document = options.documents.get(uri);
  if (!document) return fail('unavailable', 'The engine doesn’t know this document yet.', 'Try again in a moment.');
  const excluded = document.excluded ?? (document.path === null ? null : options.rules().excluded(document.path));
  if (excluded !== null)
    return fail('excluded', `This file is excluded: ${excluded}.`, 'Files that are excluded are never read or sent.');
  if (document.version !== version) return fail('cancelled', 'The document has changed since.', 'Ask again.');
  return { ok: true, document };
}

/** Characters of a document that are looked at on either side. */
const windowBefore = 16_000;
const windowAfter = 6000;
/** The window's beginning moves in steps, so that what was read of it stays valid while the user types. */
const windowStep = 8192;

/** Text around a part of the document, from the start of a line, with `\n` for line ends. */
export function windowAround(
  text: string,
  start: number,
  end: number,
): { readonly prefix: string; readonly suffix: string } {
  const from = Math.max(0, Math.floor((start - windowBefore) / windowStep) * windowStep);
  const line = from === 0 ? 0 : text.indexOf('\n', from) + 1;
  // A line longer than the window is cut where it must be.
  const at = line > 0 && line <= start ? line : from;
  return { prefix: toLf(text.slice(at, start)), suffix: toLf(text.slice(end, end + windowAfter)) };
}

/** What an episode keeps of the text around: enough to recognize the place and to show it. */
const storedBefore = 1500;
const storedAfter = 500;

export function storedPrefix(prefix: string): string {
  if (prefix.length <= storedBefore) return prefix;
  const cut = prefix.slice(-storedBefore);
  return cut.slice(cut.indexOf('\n') + 1);
}

export function storedSuffix(suffix: string): string {
  if (suffix.length <= storedAfter) return suffix;
  const cut = suffix.slice(0, storedAfter);
  const end = cut.lastIndexOf('\n');
  return end === -1 ? cut : cut.slice(0, end);
}
