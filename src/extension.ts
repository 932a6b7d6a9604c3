/** Composition root of the client: the only file that knows all of it. */
import { randomUUID } from 'node:crypto';
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
import { AdaptiveDelay } from './client/inline/adaptiveDelay.ts';
import { Asking } from './client/inline/asking.ts';
import { InlineProvider } from './client/inline/inlineProvider.ts';
import { KeptTexts } from './client/inline/kept.ts';
import { createLifecycle, tapped } from './client/inline/lifecycleInputs.ts';
import { observeOffers, textOf } from './client/inline/offerObserver.ts';
import { observeTyping } from './client/inline/typingObserver.ts';
import { LastEpisode } from './client/lastEpisode.ts';
import { NextEditController } from './client/nextEdit/nextEditController.ts';
import { Config } from './client/platform/config.ts';
import { ContextKey } from './client/platform/contextKey.ts';
import { createLog } from './client/platform/log.ts';
import { PersistentState } from './client/platform/persistentState.ts';
import { VirtualDocuments } from './client/platform/virtualDocuments.ts';
import { RatingsView } from './client/ratings/ratingsView.ts';
import { problem, ratingsParts } from './client/ratingsParts.ts';
import { SessionRecording } from './client/recordings/sessionRecording.ts';
import { showNotices } from './client/status/notices.ts';
import { StatusBar } from './client/status/statusBar.ts';
import { TrainingPanel } from './client/training/trainingPanel.ts';
import { TrainingTask } from './client/training/trainingTask.ts';
import { contextKeys, views } from './protocol/ids.ts';
import type { LifecycleEvent } from './protocol/lifecycle.ts';

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
  const delay = new AdaptiveDelay(now);
  own(observeTyping(delay));
  const emitInline = (events: readonly LifecycleEvent[]): void => {
    delay.hear(events);
    emit(events);
  };
  const inlineOffered = new ContextKey(contextKeys.inlineOffered);
  const schedule = (delayMs: number, run: () => void): (() => void) => {
    const timer = setTimeout(run, delayMs);
    return () => clearTimeout(timer);
  };
  const lifecycle = createLifecycle({
    now,
    schedule,
    textOf,
    emit: emitInline,
    onLive: (live) => inlineOffered.set(live),
  });
  const { tracker, ranges } = lifecycle;
  own(ranges);
  const recording = own(new SessionRecording({ engine, log, now, schedule }));
  const inputs = tapped(lifecycle.inputs, () => recording.tap);
  own(observeOffers(inputs));
  const { offer, unseen, selectedInWidget } = inputs;
  const rest: typeof tracker.rest = (uri, cursor) => tracker.rest(uri, cursor);
  const asking = new Asking(schedule);
  const provider = new InlineProvider({
    engine,
    config,
    tracker: { rest, offer, unseen, selectedInWidget },
    delay,
    asking,
    log,
  });
  own(vscode.languages.registerInlineCompletionItemProvider(documentSelector, provider));

  const nextEdits = own(
    new NextEditController({
      engine,
      log,
      now,
      schedule,
      enabledFor: (document) => config.nextEditEnabledFor(document),
      emit,
      onKept: (kept) => inputs.kept(kept),
    }),
  );

  const engineReady = new ContextKey(contextKeys.engineReady);
  own(
    engine.onDidChangeState(({ type }) => {
      engineReady.set(type === 'ready');
      if (type === 'ready') outbox.flush();
    }),
  );
  own(tellAboutEngine(engine));
  own(showNotices(engine));
  const training = own(new TrainingTask(engine, randomUUID));
  const status = own(new StatusBar(engine, config, training));

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
        inputs.kept({ episodeId, candidateId, uri, start: offset, end: offset + text.length });
      },
    }),
  );
  const documents = own(new VirtualDocuments());
  const trainingPanel = own(
    new TrainingPanel(
      {
        engine,
        training,
        documents,
        problem: () => problem(engine),
        onProblemChanged: panel.parts.onProblemChanged,
        strings: panel.parts.strings,
        log,
      },
      context.extensionUri,
    ),
  );
  own(
    registerCommands(
      {
        engine,
        config,
        documents,
        training,
        secrets: context.secrets,
        log,
        lastEpisode: () => tracker.liveEpisode ?? last.current,
        nextEditPlaces: () => nextEdits.places,
        status: () => status.status,
        revealRatings: (episodeId) => ratings.reveal(episodeId),
        openTraining: () => trainingPanel.open(),
        recordSession: (given) => recording.toggle(given),
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
    setRetentionDelays: (delaysMs) => {
      ranges.retentionDelays = delaysMs;
    },
    pendingRequests: () => asking.pending,
  };
}

export async function deactivate(): Promise<void> {
  await running?.stop();
}
