/** Composition root of the client: the only file that knows all of it. */
import * as vscode from 'vscode';
import type { AttuneApi } from './client/api.ts';
import { showFailure } from './client/commands/failure.ts';
import { registerCommands } from './client/commands/register.ts';
import { DocumentMirror, documentSelector } from './client/documents/documentMirror.ts';
import { registerEdits } from './client/edits/registerEdits.ts';
import { editorEngine } from './client/engine/editorEngine.ts';
import type { Heard } from './client/engine/engineClient.ts';
import { tellAboutEngine } from './client/engine/engineMessages.ts';
import { EventOutbox } from './client/engine/eventOutbox.ts';
import { firstReady } from './client/engine/firstReady.ts';
import { InlineProvider } from './client/inline/inlineProvider.ts';
import { KeptTexts } from './client/inline/kept.ts';
import { KeptRanges } from './client/inline/keptRanges.ts';
import type { LifecycleEvent } from './client/inline/lifecycleEvent.ts';
import { observeOffers } from './client/inline/offerObserver.ts';
import { OfferTracker } from './client/inline/offerTracker.ts';
import { LastEpisode } from './client/lastEpisode.ts';
import { Config } from './client/platform/config.ts';
import { ContextKey } from './client/platform/contextKey.ts';
import { createLog } from './client/platform/log.ts';
import { PersistentState } from './client/platform/persistentState.ts';
import { VirtualDocuments } from './client/platform/virtualDocuments.ts';
import { RatingsView } from './client/ratings/ratingsView.ts';
import { ratingsParts } from './client/ratingsParts.ts';
import { showNotices } from './client/status/notices.ts';
import { StatusBar } from './client/status/statusBar.ts';
import { contextKeys, views } from './protocol/ids.ts';

/** VS Code waits for `deactivate`, not for disposables: the engine to stop is kept here. */
let running: { stop(): Promise<void> } | undefined;

export function activate(context: vscode.ExtensionContext): AttuneApi {
  const startedAt = performance.now();
  const own = <T extends vscode.Disposable>(disposable: T): T => {
    context.subscriptions.push(disposable);
    return disposable;
  };
  const now = (): number => Date.now();
  const log = own(createLog());
  const config = own(new Config(log));
  const state = new PersistentState(context);
  const { engine, subscriptions } = editorEngine(context, { config, state, log });
  own(subscriptions);
  running = engine;

  // First of all listeners of documents: the engine hears of a change before what follows from it.
  own(new DocumentMirror(engine));

  const told = own(new vscode.EventEmitter<readonly LifecycleEvent[]>());
  const last = new LastEpisode();
  const outbox = new EventOutbox(
    (events) => engine.tell('events', { events: [...events] }),
    () => engine.state.type === 'ready',
  );
  const emit = (events: readonly LifecycleEvent[]): void => {
    last.hear(events);
    outbox.emit(events);
    told.fire(events);
  };
  const inlineOffered = new ContextKey(contextKeys.inlineOffered);
  const ranges = new KeptRanges({ now, emit });
  const tracker = new OfferTracker({
    now,
    schedule: (delayMs, run) => {
      const timer = setTimeout(run, delayMs);
      return () => clearTimeout(timer);
    },
    emit,
    onKept: (kept, how) => ranges.keep(kept, how),
    onLive: (live) => inlineOffered.set(live),
  });
  own(observeOffers(tracker, ranges));
  const provider = new InlineProvider({ engine, config, tracker, log });
  own(vscode.languages.registerInlineCompletionItemProvider(documentSelector, provider));

  const engineReady = new ContextKey(contextKeys.engineReady);
  own(
    engine.onDidChangeState(({ type }) => {
      engineReady.set(type === 'ready');
      if (type === 'ready') outbox.flush();
    }),
  );
  own(tellAboutEngine(engine));
  own(showNotices(engine));
  const status = own(new StatusBar(engine, config));

  const kept = new KeptTexts(ranges, async (episodeId) => {
    const { cards } = await engine.ask('listEpisodes', { query: '', filter: 'all', limit: 500 });
    return cards.find(({ episode }) => episode.id === episodeId)?.episode ?? null;
  });
  const panel = ratingsParts(engine, { config, kept, log });
  own(panel.subscriptions);
  const ratings = own(new RatingsView(panel.parts, context.extensionUri));
  own(vscode.window.registerWebviewViewProvider(views.ratings, ratings));

  const editProgress = own(new vscode.EventEmitter<Heard<'editProgress'>>());
  own(engine.hear('editProgress', (progress) => editProgress.fire(progress)));
  own(
    registerEdits({
      engine: {
        ask: (method, params, token) => engine.ask(method, params, token),
        tell: (method, params) => {
          if ('events' in params) emit(params.events);
          else engine.tell(method, params);
        },
      },
      onEditProgress: editProgress.event,
      candidates: () => config.current.engine.candidates,
      history: { get: () => state.instructions, set: (instructions) => state.rememberInstructions(instructions) },
      showFailure,
      onAccepted: ({ episodeId, candidateId, document, offset, text }) => {
        const uri = document.uri.toString();
        ranges.keep({ episodeId, candidateId, uri, start: offset, end: offset + text.length }, 'taken');
      },
    }),
  );
  own(
    registerCommands(
      {
        engine,
        config,
        documents: own(new VirtualDocuments()),
        secrets: context.secrets,
        log,
        lastEpisode: () => tracker.liveEpisode ?? last.current,
        status: () => status.status,
        revealRatings: (episodeId) => ratings.reveal(episodeId),
      },
      context.extension.id,
    ),
  );

  const ready = firstReady(engine);
  // Forking takes milliseconds that activation need not.
  setImmediate(() => engine.start());
  log.info(`Activated in ${(performance.now() - startedAt).toFixed(1)} ms`);
  return {
    ready,
    engine: { ask: (method, params, token) => engine.ask(method, params, token), state: () => engine.state },
    onEvents: told.event,
    setRetentionDelays: () => {},
  };
}

export async function deactivate(): Promise<void> {
  await running?.stop();
}
