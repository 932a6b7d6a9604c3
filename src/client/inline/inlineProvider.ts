import * as vscode from 'vscode';
import { commands } from '../../protocol/ids.ts';
import type { ClientRequests, Result } from '../../protocol/rpc.ts';
import type { EngineClient } from '../engine/engineClient.ts';
import { EngineUnavailable } from '../engine/engineState.ts';
import type { Config } from '../platform/config.ts';
import { type Log, logError } from '../platform/logging.ts';
import type { OfferTracker, RestItem } from './offerTracker.ts';
import { extendSelection } from './selectedCompletion.ts';

type Suggestion = Result<ClientRequests, 'suggest'>;

export interface InlineProviderDeps {
  readonly engine: Pick<EngineClient, 'ask' | 'state'>;
  readonly config: Pick<Config, 'current' | 'inlineEnabledFor'>;
  /** `rest` of the tracker; the others perhaps recorded on their way to it. */
  readonly tracker: Pick<OfferTracker, 'rest' | 'offer' | 'unseen' | 'selectedInWidget'>;
  readonly log: Log;
}

/** Resolves when `token` is cancelled; `dispose` when it is no longer of interest. */
function cancelled(token: vscode.CancellationToken): { readonly promise: Promise<null>; dispose(): void } {
  const { promise, resolve } = Promise.withResolvers<null>();
  if (token.isCancellationRequested) resolve(null);
  const subscription = token.onCancellationRequested(() => resolve(null));
  return { promise, dispose: () => subscription.dispose() };
}

function quiet(delayMs: number, token: vscode.CancellationToken): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, delayMs);
  const subscription = token.onCancellationRequested(() => resolve());
  return promise.finally(() => {
    clearTimeout(timer);
    subscription.dispose();
  });
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
    return engine.state.type === 'ready' ? this.#ask(document, position, context, token) : null;
  }

  async #ask(
    document: vscode.TextDocument,
    position: vscode.Position,
    context: vscode.InlineCompletionContext,
    token: vscode.CancellationToken,
  ): Promise<vscode.InlineCompletionItem[] | null> {
    const { engine, config, tracker, log } = this.#deps;
    const explicit = context.triggerKind === vscode.InlineCompletionTriggerKind.Invoke;
    const { inlineDelayMs } = config.current.client;
    if (!explicit && inlineDelayMs > 0) await quiet(inlineDelayMs, token);
    if (token.isCancellationRequested) return null;

    const { version } = document;
    const selected = context.selectedCompletionInfo?.text;
    const cancellation = cancelled(token);
    const answer = engine
      .ask(
        'suggest',
        {
          uri: document.uri.toString(),
          version,
          offset: document.offsetAt(position),
          trigger: explicit ? 'explicit' : 'automatic',
          ...(selected === undefined ? {} : { selectedCompletion: selected }),
        },
        token,
      )
      .then(
        (suggestion) => {
          const stale = token.isCancellationRequested || document.version !== version;
          const items = stale ? [] : fitting(offsets(suggestion, document, position), document, context);
          const { episodeId } = suggestion;
          if (episodeId === null) return null;
          if (items.length > 0) return { episodeId, items };
          if (suggestion.items.length > 0) tracker.unseen(episodeId);
          return null;
        },
        (error: unknown) => {
          // A keystroke cancels, and an engine may die: neither is worth a word to someone who is typing.
          if (!(error instanceof EngineUnavailable) && !token.isCancellationRequested) logError(log, 'suggest', error);
          return null;
        },
      );
    // The engine may take its time to notice a cancellation; the editor does not wait for it.
    const offered = await Promise.race([answer, cancellation.promise]);
    cancellation.dispose();
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
