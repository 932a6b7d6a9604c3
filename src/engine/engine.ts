import type { InferOutput } from 'valibot';
import type { ClientNotifications, ClientRequests, Failure, Params as RpcParams } from '../protocol/rpc.ts';
import type { Clock, Ids, Log } from './clock.ts';
import { HostBridge } from './hostBridge.ts';
import type { RuntimeSetup } from './learn/checkTraining.ts';
import type { ClientPeer, RequestHandlers } from './peer.ts';
import { openSession, type Session } from './session.ts';
import type { Timer } from './suggest/deadline.ts';
import { redactSecrets } from './workspace/redact.ts';

type Told<K extends keyof ClientNotifications> = InferOutput<ClientNotifications[K]>;
interface Refused {
  readonly ok: false;
  readonly failure: Failure;
}
type Phase =
  | { readonly name: 'new' }
  | { readonly name: 'open'; readonly session: Session }
  | { readonly name: 'closed' };

const notOpen: Failure = {
  reason: 'unavailable',
  message: 'Attune’s engine has not started yet.',
  nextStep: 'Try again in a moment, or run “Attune: Restart Engine”.',
};
const restricted: Failure = {
  reason: 'untrusted',
  message: 'This workspace is in Restricted Mode.',
  nextStep: 'Trust the workspace to let Attune read files and use models.',
};
const unknownEpisode: Failure = {
  reason: 'unavailable',
  message: 'That proposal is no longer in the memory.',
  nextStep: 'It was deleted, here or in another window. Refresh the Ratings view.',
};

/** What acts or varies, from outside. `timer`: of the context's deadlines; the system's unless given. */
export interface EngineDeps {
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  readonly client: ClientPeer;
  readonly timer?: Timer;
  /** Of the process that trains, and of the machine it is on; this machine’s unless given. */
  readonly runtime?: RuntimeSetup;
}

/** The product without an editor: every request of the protocol, answered. One engine serves one window. */
export class Engine {
  readonly requests: RequestHandlers;
  readonly #deps: EngineDeps;
  readonly #host: HostBridge;
  #phase: Phase = { name: 'new' };

  constructor(deps: EngineDeps) {
    this.#deps = deps;
    this.#host = new HostBridge(deps.client);
    this.requests = this.#handlers();
  }

  documentOpened(document: Told<'documentOpened'>): void {
    this.#session?.documents.open(document);
  }

  documentChanged(change: Told<'documentChanged'>): void {
    this.#session?.documents.change(change);
  }

  documentSaved(uri: string): void {
    this.#session?.documentSaved(uri);
  }

  documentClosed(uri: string): void {
    this.#session?.documents.close(uri);
  }

  /** Facts about episodes that are known; others came too late (deleted) and are dropped. */
  events(events: Told<'events'>['events']): void {
    const session = this.#session;
    if (!session) return;
    const known = events.filter((event) => session.store.get(event.episodeId) !== null);
    if (known.length < events.length)
      this.#deps.log.debug(`${events.length - known.length} events of unknown episodes dropped`);
    session.addEvents(
      known.map((event) => ({
        ...event,
        id: this.#deps.ids(),
        ...(event.text === undefined ? {} : { text: redactSecrets(event.text).text }),
      })),
    );
  }

  hostModelChunk(requestId: string, text: string): void {
    this.#host.chunk(requestId, text);
  }

  /** Resolves when nothing is under way that can change the next answer: reading the workspace, embedding episodes. */
  async idle(): Promise<void> {
    await this.#session?.idle();
  }

  /** Writes what is not on the disk yet and ends child processes. */
  async close(): Promise<void> {
    const session = this.#session;
    this.#phase = { name: 'closed' };
    await session?.close();
  }

  /** Whatever is asked or told next finds written down what was answered before. */
  get #session(): Session | undefined {
    if (this.#phase.name !== 'open') return undefined;
    this.#phase.session.suggester.settle();
    return this.#phase.session;
  }

  /** Runs `use` on the open session, or answers with the failure of not having one. */
  async #withSession<T>(use: (session: Session) => Promise<T>): Promise<T | Refused> {
    const session = this.#session;
    return session ? use(session) : ({ ok: false, failure: notOpen } satisfies Refused);
  }

  async #trusted<T>(use: (session: Session) => Promise<T>): Promise<T | Refused> {
    return this.#withSession<T | Refused>(async (session) =>
      session.trusted ? use(session) : { ok: false, failure: restricted },
    );
  }

  #opened(): Session {
    const session = this.#session;
    if (!session) throw new Error('The engine is not initialized.');
    return session;
  }

  #handlers(): RequestHandlers {
    const { client, ids, clock } = this.#deps;
    return {
      initialize: async (params) => {
        if (this.#phase.name !== 'new') throw new Error('The engine is initialized once.');
        const session = await openSession(params, { ...this.#deps, host: this.#host });
        this.#phase = { name: 'open', session };
        return { version: process.env.ATTUNE_VERSION ?? 'source', store: session.store.report };
      },
      configure: async (params) => {
        await this.#session?.configure(params);
        return null;
      },
      shutdown: async () => {
        await this.close();
        return null;
      },

      suggest: async (params, signal) => {
        const session = this.#session;
        if (!session?.trusted) return { episodeId: null, items: [], silence: session ? 'untrusted' : 'starting' };
        return session.suggester.suggest(params, signal);
      },
      nextEdit: async (params) => {
        const session = this.#session;
        if (session?.trusted) return session.suggester.nextEdit(params);
        return { episodeId: null, edit: null, remaining: 0, silence: session ? 'untrusted' : 'starting' };
      },
      allNextEdits: async (params) => {
        const session = this.#session;
        return session?.trusted ? session.suggester.allNextEdits(params) : { offers: [] };
      },
      proposeEdit: (params, signal) =>
        this.#trusted((session) =>
          session.suggester.proposeEdit(
            params,
            (candidate, text, done) =>
              client.tell('editProgress', { requestId: params.requestId, candidate, text, done }),
            signal,
          ),
        ),

      rate: (params) => this.#rate(params),
      listEpisodes: async (params) => this.#opened().ratingQueue.list(params),
      why: async ({ episodeId }) => {
        const { store } = this.#opened();
        const examples = (store.get(episodeId)?.episode.examples ?? []).flatMap(({ episodeId: id, similarity }) => {
          const card = store.card(id);
          return card ? [{ similarity, card }] : [];
        });
        return { examples: examples.sort((a, b) => b.similarity - a.similarity) };
      },
      direct: ({ episodeIds, use }) =>
        this.#withSession(async ({ store, learner }) => {
          const known = episodeIds.filter((id) => store.get(id) !== null);
          if (known.length === 0) return { ok: false, failure: unknownEpisode };
          return onDisk(async () => {
            await store.direct(known.map((episodeId) => ({ id: ids(), episodeId, at: clock.now(), use })));
            if (use === 'deleted') await learner.deleted(known);
            return { ok: true, changed: known.length };
          });
        }),

      exportMemory: ({ path }) =>
        this.#withSession(({ store }) => onDisk(async () => ({ ok: true, ...(await store.exportTo(path)) }))),
      importMemory: ({ path }) =>
        this.#withSession(({ store }) => onDisk(async () => ({ ok: true, ...(await store.importFrom(path)) }))),
      saveRecording: ({ path, recording }) =>
        this.#trusted((session) =>
          onDisk(async () => ({ ok: true, ...(await session.saveRecording(path, recording)) })),
        ),
      resetMemory: () =>
        this.#withSession((session) =>
          onDisk(async () => {
            await session.reset();
            return { ok: true };
          }),
        ),
      memoryStats: async () => this.#opened().stats(),

      listModels: async () => {
        const session = this.#opened();
        return session.trusted ? session.models.list() : { rows: [], problems: [restricted] };
      },
      testModel: ({ source, id }, signal) => this.#trusted(({ models }) => models.test(source, id, signal)),
      pullModel: ({ requestId, id }, signal) =>
        this.#trusted(({ models }) =>
          models.pull(id, (message, share) => client.tell('progress', { requestId, message, share }), signal),
        ),
      downloadEmbedder: ({ requestId }, signal) =>
        this.#trusted((session) =>
          session.downloadEmbedder((message, share) => client.tell('progress', { requestId, message, share }), signal),
        ),
      checkTraining: ({ requestId }, signal) =>
        this.#trusted((session) =>
          session.checkTraining((message, share) => client.tell('progress', { requestId, message, share }), signal),
        ),
      trainingState: async () => this.#opened().learner.state(),
      train: (params, signal) => this.#trusted(({ learner }) => learner.train(params, signal)),
      trainingRun: ({ id }) => this.#withSession(({ learner }) => learner.run(id)),
      decideVersion: (params) => this.#withSession(({ learner }) => learner.decide(params)),
      rollBack: (params) => this.#withSession(({ learner }) => learner.rollBack(params)),
      cancelTraining: () =>
        this.#withSession(async ({ learner }) => {
          learner.cancel();
          return { ok: true };
        }),
      discardTraining: () => this.#withSession(({ learner }) => learner.discard()),
      exportTrainingData: ({ path }) =>
        this.#withSession((session) => onDisk(async () => ({ ok: true, ...(await session.exportTrainingData(path)) }))),
      importRatings: ({ path, rater }) =>
        this.#withSession((session) =>
          onDisk(async () => ({ ok: true, ...(await session.importRatings(path, rater)) })),
        ),
      rebuildWorkspaceModel: ({ requestId }, signal) =>
        this.#trusted(async (session) => {
          const built = await session.buildWorkspaceModel(
            (files) => client.tell('progress', { requestId, message: `${files}`, share: undefined }),
            signal,
          );
          return { ok: true, ...built };
        }),
      trace: async ({ episodeId }) => {
        const { traces } = this.#opened();
        return { traces: [...(episodeId === undefined ? traces.recent() : traces.of(episodeId))] };
      },
    };
  }

  #rate(params: RpcParams<ClientRequests, 'rate'>): ReturnType<RequestHandlers['rate']> {
    const { ids, clock } = this.#deps;
    return this.#withSession(async (session) => {
      if (!session.store.get(params.episodeId)) return { ok: false, failure: unknownEpisode };
      const rating = {
        ...params,
        id: ids(),
        at: clock.now(),
        rater: session.rater,
        comment: redactSecrets(params.comment).text,
        correction: params.correction === null ? null : redactSecrets(params.correction).text,
      };
      return onDisk(async () => {
        await session.rate(rating);
        return { ok: true, rating };
      });
    });
  }
}

/** A disk that refuses is an expected failure: says so, with what to do. */
async function onDisk<T>(work: () => Promise<T>): Promise<T | Refused> {
  try {
    return await work();
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return {
      ok: false,
      failure: { reason: 'disk', message, nextStep: 'Check the disk and the folder’s permissions, then try again.' },
    };
  }
}
