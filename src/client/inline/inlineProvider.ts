import * as vscode from 'vscode';
import type { InlineMode } from '../../protocol/config.ts';
import { commands } from '../../protocol/ids.ts';
import type { ClientRequests, Result } from '../../protocol/rpc.ts';
import type { EngineClient } from '../engine/engineClient.ts';
import { EngineUnavailable } from '../engine/engineState.ts';
import type { Config } from '../platform/config.ts';
import { type Log, logError } from '../platform/logging.ts';
import type { AdaptiveDelay } from './adaptiveDelay.ts';
import type { Asking } from './asking.ts';
import type { RestItem } from './offer.ts';
import type { OfferTracker } from './offerTracker.ts';
import { extendSelection } from './selectedCompletion.ts';

type Suggestion = Result<ClientRequests, 'suggest'>;

export interface InlineProviderDeps {
  readonly engine: Pick<EngineClient, 'ask' | 'state'>;
  readonly config: Pick<Config, 'inlineEnabledFor' | 'inlineModeFor'>;
  /** `rest` of the tracker; the others perhaps recorded on their way to it. */
  readonly tracker: Pick<OfferTracker, 'rest' | 'offer' | 'unseen' | 'selectedInWidget'>;
  readonly delay: Pick<AdaptiveDelay, 'delayMs'>;
  readonly asking: Asking;
  readonly log: Log;
}

/** One call of VS Code. */
interface Call {
  readonly document: vscode.TextDocument;
  readonly position: vscode.Position;
  readonly context: vscode.InlineCompletionContext;
  readonly token: vscode.CancellationToken;
  readonly mode: InlineMode;
  readonly explicit: boolean;
}

interface Offered {
  readonly episodeId: string;
  readonly items: readonly RestItem[];
}

/** Ghost text: what is left of the last offer at once, else one question to the engine. */
export class InlineProvider implements vscode.InlineCompletionItemProvider {
  readonly #deps: InlineProviderDeps;

  constructor(deps: InlineProviderDeps) {
    this.#deps = deps;
  }

  provideInlineCompletionItems(
    document: vscode.TextDocument,
    position: vscode.Position,
    context: vscode.InlineCompletionContext,
    token: vscode.CancellationToken,
  ): vscode.ProviderResult<vscode.InlineCompletionItem[]> {
    const { engine, config, tracker } = this.#deps;
    if (!vscode.workspace.isTrusted || !config.inlineEnabledFor(document)) return null;
    tracker.selectedInWidget(context.selectedCompletionInfo?.text ?? null);
    const rest = tracker.rest(document.uri.toString(), document.offsetAt(position));
    const items = rest ? fitting(rest.items, document, context) : [];
    if (rest && items.length > 0) return toCompletions(rest.episodeId, items, document);
    if (engine.state.type !== 'ready') return null;
    const explicit = context.triggerKind === vscode.InlineCompletionTriggerKind.Invoke;
    const mode = config.inlineModeFor(document);
    if (!explicit && mode === 'manual') return null;
    return this.#ask({ document, position, context, token, mode, explicit });
  }

  async #ask(call: Call): Promise<vscode.InlineCompletionItem[] | null> {
    const { asking, delay, tracker } = this.#deps;
    const { document, position, token, mode, explicit } = call;
    const offered = await asking.ask(token, explicit ? 0 : delay.delayMs(mode), () => this.#question(call));
    if (!offered) return null;
    const line = document.lineAt(position.line).text;
    tracker.offer({
      episodeId: offered.episodeId,
      uri: document.uri.toString(),
      cursor: document.offsetAt(position),
      linePrefix: line.slice(0, position.character),
      lineSuffix: line.slice(position.character),
      items: offered.items,
    });
    return toCompletions(offered.episodeId, offered.items, document);
  }

  /** What the engine offers for the document as it is now; null when it is silent or too late. */
  async #question({ document, position, context, token, mode, explicit }: Call): Promise<Offered | null> {
    const { engine, tracker, log } = this.#deps;
    const { version } = document;
    const selected = context.selectedCompletionInfo?.text;
    try {
      const suggestion = await engine.ask(
        'suggest',
        {
          uri: document.uri.toString(),
          version,
          offset: document.offsetAt(position),
          trigger: explicit ? 'explicit' : 'automatic',
          mode,
          ...(selected === undefined ? {} : { selectedCompletion: selected }),
        },
        token,
      );
      const stale = token.isCancellationRequested || document.version !== version;
      const items = stale ? [] : fitting(offsets(suggestion, document, position), document, context);
      const { episodeId } = suggestion;
      if (episodeId === null) return null;
      if (items.length > 0) return { episodeId, items };
      if (suggestion.items.length > 0) tracker.unseen(episodeId);
      return null;
    } catch (error) {
      // A keystroke cancels, and an engine may die: neither is worth a word to someone who is typing.
      if (!(error instanceof EngineUnavailable) && !token.isCancellationRequested) logError(log, 'suggest', error);
      return null;
    }
  }
}

/** The engine's items as offsets; those that are not around the cursor on its line are not drawable and left out. */
function offsets(suggestion: Suggestion, document: vscode.TextDocument, position: vscode.Position): RestItem[] {
  return suggestion.items.flatMap(({ candidateId, insertText, range }) => {
    const start = new vscode.Position(range.startLine, range.startCharacter);
    const end = new vscode.Position(range.endLine, range.endCharacter);
    const around = start.line === position.line && end.line === position.line;
    if (!around || start.isAfter(position) || end.isBefore(position)) return [];
    return [{ candidateId, insertText, start: document.offsetAt(start), end: document.offsetAt(end) }];
  });
}

function fitting(
  items: readonly RestItem[],
  document: vscode.TextDocument,
  context: vscode.InlineCompletionContext,
): readonly RestItem[] {
  const selected = context.selectedCompletionInfo;
  if (!selected) return items;
  const start = document.offsetAt(selected.range.start);
  const end = document.offsetAt(selected.range.end);
  return extendSelection(items, { start, end, text: selected.text }, (from, to) =>
    document.getText(new vscode.Range(document.positionAt(from), document.positionAt(to))),
  );
}

function toCompletions(
  episodeId: string,
  items: readonly RestItem[],
  document: vscode.TextDocument,
): vscode.InlineCompletionItem[] {
  return items.map(({ candidateId, insertText, start, end }) => {
    const range = new vscode.Range(document.positionAt(start), document.positionAt(end));
    return new vscode.InlineCompletionItem(insertText, range, {
      command: commands.inlineAccepted,
      title: '',
      arguments: [episodeId, candidateId],
    });
  });
}
