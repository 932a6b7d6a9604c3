/**
 * What of the trained versions serves this window: loaded from the registry, replaced when it changes there (also by another window),
 * taught by what became of each decision since, and watched, so that what does harm goes back by itself.
 */
import type { HelpReport } from '../../../protocol/training.ts';
import { ModelFileError } from '../../../tensor/files/fileError.ts';
import { seeded } from '../../../tensor/random.ts';
import type { Clock, Log } from '../../clock.ts';
import type { Store, StoredEpisode, StoreNotice } from '../../memory/store.ts';
import { featureExtractor } from '../features/features.ts';
import type { VersionKind } from '../registry/lifecycle.ts';
import type { LoadedVersion, Registry } from '../registry/registry.ts';
import { decisionReward } from '../selector/decisionReward.ts';
import type { Outcome } from '../selector/selector.ts';
import type { SelectorParts } from '../training/selectorFiles.ts';
import { acceptanceSpans, type Span } from './acceptanceSpans.ts';
import { isUnsure, openAnchor } from './anchor.ts';
import { DecisionStream, type Later, type Listener } from './decisionStream.ts';
import { helpReport } from './help.ts';
import { outcomeOfDecision, settledAt } from './outcome.ts';
import {
  alarmReason,
  type Expectation,
  expectationOf,
  leastOfPast,
  type RewardWatch,
  rewardWatch,
} from './rewardWatch.ts';
import type { OnlineSelector, Served, ServedRewardModel, ServedSelector } from './served.ts';
import { Staleness } from './staleness.ts';

/** A notice, and whether a button beside it opens the training view. */
export interface ServingNotice extends StoreNotice {
  readonly offer?: 'openTraining';
}

export interface ServingOptions {
  readonly registry: Registry;
  readonly store: Pick<Store, 'get' | 'entries' | 'onChange'>;
  readonly clock: Clock;
  readonly timer: Later;
  readonly log: Log;
  /** Asked for when a policy is first refitted. */
  readonly runtime: SelectorParts['runtime'];
  readonly onNotice: (notice: ServingNotice) => void;
  /** Versions changed: views refresh. */
  readonly onChange: () => void;
}

export interface Serving {
  /** What has a say in the next decision. */
  readonly served: Served;
  /** Looks what serves by now, as after an activation or a rollback; resolves when that is loaded. Rejects as the disk does. */
  refresh(): Promise<void>;
  /** The memory was reset: what was learnt from it is forgotten. */
  forget(): Promise<void>;
  /** Of all that is remembered. */
  help(): HelpReport;
  acceptance(): Promise<readonly Span[]>;
  /** The user deleted these episodes: what was trained on them is out of date. */
  deleted(episodeIds: readonly string[]): Promise<void>;
  /** Resolves when what serves has learnt from all that is known. */
  idle(): Promise<void>;
  close(): Promise<void>;
}

/** The registry is looked at this often at most, when something has happened here. */
const lookEveryMs = 5000;
const kinds = ['rewardModel', 'selector'] as const;
type Kind = (typeof kinds)[number];

/** A version in use, with what follows its decisions. */
interface InUse<T> {
  readonly id: string;
  /** Null: it can't be used here. */
  readonly model: T | null;
  readonly stream: DecisionStream | null;
}

const kindName: Readonly<Record<Kind, string>> = { rewardModel: 'reward model', selector: 'selector' };

export function createServing(options: ServingOptions): Serving {
  const { registry, store, clock, timer, log, onNotice, onChange } = options;
  const extractor = featureExtractor();
  let rewardModel: InUse<ServedRewardModel> | null = null;
  let selector: InUse<ServedSelector> | null = null;
  let anchor: { readonly model: OnlineSelector; readonly stream: DecisionStream } | null = null;
  let generation: number | null = null;
  let lookedAt = Number.NEGATIVE_INFINITY;
  let help: HelpReport | null = null;
  let closed = false;
  /** One after the other. */
  let work: Promise<void> = Promise.resolve();

  const failed = (error: unknown): void => {
    // Written by a later version of Attune, or a disk that refuses: the developer can do something about it.
    if (error instanceof ModelFileError) onNotice({ level: 'warning', message: error.message, nextStep: '' });
    log.warn(`serving: what was learnt could not be looked after (${error instanceof Error ? error.name : 'unknown'})`);
    log.debug(`serving: ${error instanceof Error ? error.message : String(error)}`);
  };
  const streamOptions = { store, clock, timer, onError: failed };
  const staleness = new Staleness({
    registry,
    store,
    timer,
    onError: failed,
    onStale: () => {
      onChange();
      void refresh().catch(failed);
    },
  });

  const servedNow = (): Served => ({
    rewardModel: rewardModel?.model ?? null,
    selector: selector?.model ?? null,
    anchor: anchored,
  });
  let served = servedNow();

  const usedIn = (kind: Kind): InUse<unknown> | null => (kind === 'selector' ? selector : rewardModel);

  function put(kind: Kind, next: InUse<ServedRewardModel | ServedSelector> | null): void {
    if (kind === 'selector') selector = next as InUse<ServedSelector> | null;
    else rewardModel = next as InUse<ServedRewardModel> | null;
    served = servedNow();
  }

  /** From nothing, learning from what is remembered: only for those whose model gives several answers, who are few. */
  function anchored(): OnlineSelector {
    if (anchor === null) {
      const model = openAnchor(extractor);
      anchor = { model, stream: new DecisionStream(streamOptions, learning(model, isAmongUnsure)) };
    }
    return anchor.model;
  }

  async function load(): Promise<void> {
    const now = await registry.generation();
    lookedAt = clock.now();
    if (now === generation || closed) return;
    const before = generation;
    for (const kind of kinds) {
      const wanted = (await registry.lifecycle()).serving[kind];
      const former = usedIn(kind);
      if (former?.id === wanted || (former === null && wanted === null)) continue;
      // Of damaged ones the nearest forebear: the registry says so by itself.
      const version = wanted === null ? null : await registry.loadServing(kind);
      if (closed) return;
      if (version !== null && version.manifest.id === former?.id) continue;
      const next = version && (await opened(kind, version));
      put(kind, next);
      await former?.stream?.close();
      if (kind === 'selector') await (former as InUse<ServedSelector> | null)?.model?.close();
    }
    generation = now;
    if (before !== null) onChange();
  }

  /** Loaded, and followed from its first decision on. */
  async function opened(kind: Kind, version: LoadedVersion): Promise<InUse<ServedRewardModel | ServedSelector>> {
    const { id } = version.manifest;
    try {
      // Only now: an engine without trained versions doesn't pay for graphs and gradients.
      const { decodeRewardModel, openSelector } = await import('../training/modelFiles.ts');
      if (kind === 'rewardModel') {
        const model = decodeRewardModel(version);
        return { id, model, stream: new DecisionStream(streamOptions, watching(kind, version)) };
      }
      const model = openSelector(version, { random: seeded(seedOf(id)), runtime: options.runtime });
      return { id, model, stream: new DecisionStream(streamOptions, await teaching(model, version)) };
    } catch (error) {
      const why = error instanceof Error ? error.message : 'Its files can’t be read.';
      onNotice({
        level: 'warning',
        message: `The ${kindName[kind]} in use can’t be used: ${why}`,
        nextStep: 'Suggestions go on without it. Train again.',
        offer: 'openTraining',
      });
      return { id, model: null, stream: null };
    }
  }

  /** What the version decides is compared with what was expected of it. */
  function watching(kind: Kind, { manifest }: LoadedVersion): Listener {
    const decides = kind === 'selector' ? 'inline' : 'edit';
    const { id, created, metrics } = manifest;
    const earlier: number[] = [];
    let watch: RewardWatch | null = null;
    const expected = (): Expectation | null => {
      const value = metrics.value?.value;
      if (typeof value === 'number') return expectationOf(value);
      const known = earlier.slice(-200);
      return known.length < leastOfPast ? null : expectationOf(known.reduce((sum, one) => sum + one, 0) / known.length);
    };
    return {
      wants: ({ episode }) => episode.kind === decides && episode.arm === undefined && episode.author === undefined,
      async take(entry) {
        const reward = decisionReward(entry)!;
        if (!entry.episode.versions?.includes(id)) {
          if (entry.episode.at < created) earlier.push(reward);
          return;
        }
        const foretold = watch === null ? expected() : null;
        if (foretold !== null) watch = rewardWatch(foretold);
        const alarm = watch?.add(reward) ?? null;
        if (alarm !== null) await takeBack(kind, id, alarmReason(alarm));
      },
    };
  }

  /** The selector learns from what was settled after it was trained, each decision once, and is watched. */
  async function teaching(model: ServedSelector, version: LoadedVersion): Promise<Listener> {
    const { manifest } = version;
    const trained = new Set((await registry.trainedOn(manifest.id))?.map(({ episodeId }) => episodeId));
    const newest = [...trained].reduce((last, id) => (id > last ? id : last), '');
    const watch = watching('selector', version);
    const isNews = (entry: StoredEpisode): boolean =>
      !trained.has(entry.episode.id) && (entry.episode.id > newest || settledAt(entry) > manifest.created);
    const taught = learning(model, isInline);
    return {
      wants: isInline,
      async take(entry, history) {
        if (isNews(entry)) await taught.take(entry, history);
        if (watch.wants(entry)) await watch.take(entry, history);
      },
      rest: () => taught.rest?.(),
    };
  }

  function learning(model: OnlineSelector, wants: Listener['wants']): Listener {
    let last: Outcome | null = null;
    return {
      wants,
      async take(entry, history) {
        const past = history.before(entry.episode.id);
        const outcome = outcomeOfDecision(entry, (offer) => extractor.featuresOf(offer, past));
        if (outcome === null) return;
        await model.learn(outcome);
        last = outcome;
      },
      rest() {
        // What it has learnt is worked out now, and not when the next decision waits for it.
        if (last !== null) model.probabilities(last.candidates);
      },
    };
  }

  async function takeBack(kind: VersionKind, id: string, reason: string): Promise<void> {
    // Another window may have done it already.
    if ((await registry.lifecycle()).serving[kind] !== id) return;
    const back = await registry.rollBack(kind, reason);
    const result = back.ok ? back : await registry.switchOff(kind, reason);
    if (!result.ok) throw new Error(result.message);
    onNotice({
      level: 'warning',
      message: `What was learnt last was taken back: its choices were accepted less than expected. ${reason}`,
      nextStep: back.ok ? 'The version before serves again.' : 'Suggestions go on as before it was trained.',
      offer: 'openTraining',
    });
    // Not awaited: it closes the stream that this decision came from.
    void refresh().catch(failed);
  }

  function refresh(): Promise<void> {
    const done = work.then(load);
    work = done.catch(() => {});
    return done;
  }

  const stop = store.onChange(() => {
    help = null;
    // Something happens here: a good time to see what happened elsewhere.
    if (closed || clock.now() - lookedAt < lookEveryMs) return;
    lookedAt = clock.now();
    timer.after(0, () => {
      if (!closed) void refresh().catch(failed);
    });
  });
  void refresh().catch(failed);

  return {
    get served() {
      return served;
    },
    refresh,
    async forget() {
      const former = anchor;
      anchor = null;
      await former?.stream.close();
      await refresh();
    },
    help() {
      help ??= helpReport(store.entries());
      return help;
    },
    acceptance: async () => acceptanceSpans(store.entries(), await registry.lifecycle()),
    deleted: (episodeIds) => staleness.deleted(episodeIds).catch(failed),
    async idle() {
      await work;
      await staleness.idle();
      await rewardModel?.stream?.idle();
      await selector?.stream?.idle();
      await anchor?.stream.idle();
      // What they found may have changed what serves.
      await work;
    },
    async close() {
      closed = true;
      stop();
      await staleness.close();
      await work;
      await rewardModel?.stream?.close();
      await selector?.stream?.close();
      await selector?.model?.close();
      await anchor?.stream.close();
    },
  };
}

const isInline = ({ episode }: StoredEpisode): boolean => episode.kind === 'inline' && episode.author === undefined;

/** What the anchor decides. */
const isAmongUnsure = (entry: StoredEpisode): boolean =>
  isInline(entry) && isUnsure(entry.episode.candidates.filter(({ droppedBy }) => droppedBy === undefined));

/** The same for the same version. */
const seedOf = (id: string): number => Number.parseInt(id.slice(-8), 16);
