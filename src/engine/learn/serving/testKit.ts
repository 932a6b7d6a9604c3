/** For tests: a workspace's memory and registry on the disk, versions that are really trained, and decisions. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Candidate, Episode, Rating } from '../../../protocol/episode.ts';
import { silentLog } from '../../clock.ts';
import { openStore, type Store } from '../../memory/store.ts';
import { rating } from '../../memory/testRecords.ts';
import { featureExtractor } from '../features/features.ts';
import { fingerprintOf } from '../registry/fingerprint.ts';
import { openRegistry, type Registry } from '../registry/registry.ts';
import type { NewVersion } from '../registry/versionFolder.ts';
import { fitBayesianLinear } from '../reward/bayesianLinear.ts';
import type { Row } from '../reward/rewardModel.ts';
import { linUcb } from '../selector/linUcb.ts';
import type { Outcome } from '../selector/selector.ts';
import { rewardModelFiles, selectorFiles } from '../training/modelFiles.ts';
import { modelSpace } from '../training/modelSpace.ts';
import type { Later } from './decisionStream.ts';
import { createServing, type Serving, type ServingNotice } from './serving.ts';

/** Fires when told to. */
export interface ManualTimer extends Later {
  /** All that is due by now, and what that sets. */
  run(): void;
}

export interface Kit {
  readonly store: Store;
  readonly registry: Registry;
  readonly folder: string;
  readonly clock: { now(): number; time: number };
  readonly timer: ManualTimer;
  readonly problems: string[];
  readonly notices: ServingNotice[];
  changes: number;
  /** Of this window; closed with the kit. */
  serve(): Serving;
  /** Adds a decision, and what became of it. Returns its id. */
  decide(made: Decided): string;
  event(episodeId: string, type: 'accepted' | 'rejected' | 'reverted'): void;
  rate(episodeId: string, rating: Partial<Rating>): Promise<Rating>;
  /** Registers and promotes a selector that has learnt these outcomes, trained on `episodes`. Returns its id. */
  promoteSelector(
    outcomes?: readonly Outcome[],
    episodes?: readonly string[],
    change?: Partial<NewVersion>,
  ): Promise<string>;
  promoteRewardModel(
    rows?: readonly Row[],
    episodes?: readonly string[],
    change?: Partial<NewVersion>,
  ): Promise<string>;
  close(): Promise<void>;
}

export interface Decided {
  readonly kind?: Episode['kind'];
  readonly texts?: readonly string[];
  readonly offered?: number | null;
  readonly became?: 'accepted' | 'rejected' | 'reverted';
  readonly file?: string;
  readonly over?: Partial<Episode>;
}

let made = 0;
/** Valid, and in the order in which they were made. */
export function nextId(): string {
  made += 1;
  return `01890000-0000-7000-8000-${made.toString(16).padStart(12, '0')}`;
}

export async function kit(): Promise<Kit> {
  const folder = await mkdtemp(join(tmpdir(), 'attune-serving-'));
  const clock = {
    time: 1_700_000_000_000,
    now() {
      return this.time;
    },
  };
  let waiting: { readonly at: number; readonly fire: () => void }[] = [];
  const timer: ManualTimer = {
    after(ms, fire) {
      const one = { at: clock.time + ms, fire };
      waiting.push(one);
      return () => {
        waiting = waiting.filter((other) => other !== one);
      };
    },
    run() {
      for (;;) {
        const next = waiting.find(({ at }) => at <= clock.time);
        if (next === undefined) return;
        waiting = waiting.filter((one) => one !== next);
        next.fire();
      }
    },
  };
  const store = await openStore({
    dir: join(folder, 'memory'),
    rater: 'me',
    clock,
    ids: nextId,
    log: silentLog,
    maxBytes: 1e8,
    maxEpisodes: 20_000,
  });
  const problems: string[] = [];
  const registryOf = () =>
    openRegistry({ folder: join(folder, 'learning'), clock, onProblem: (message) => problems.push(message) });
  const registry = registryOf();
  const extractor = featureExtractor();
  const space = modelSpace(extractor, null);
  const opened: Serving[] = [];

  async function promote(kind: 'selector' | 'rewardModel', version: Partial<NewVersion>): Promise<string> {
    const next: NewVersion = {
      id: nextId(),
      kind,
      parent: (await registry.lifecycle()).serving[kind],
      dependsOn: [],
      created: clock.time,
      hyperParameters: {},
      metrics: {},
      seeds: [1],
      featureVersion: 1,
      fingerprint: fingerprintOf([]),
      tensors: [],
      others: {},
      ...version,
    };
    for (const result of [await registry.register(next, 'Trained.'), await registry.promote(next.id, 'Better.')]) {
      if (!result.ok) throw new Error(result.message);
    }
    return next.id;
  }
  const fingerprint = (episodes: readonly string[]) => fingerprintOf(episodes.map((id) => store.get(id)!));

  const self: Kit = {
    store,
    registry,
    folder: join(folder, 'learning'),
    clock,
    timer,
    problems,
    notices: [],
    changes: 0,
    serve() {
      const serving = createServing({
        registry: registryOf(),
        store,
        clock,
        timer,
        log: silentLog,
        runtime: () => {
          throw new Error('No policy is refitted here.');
        },
        onNotice: (notice) => self.notices.push(notice),
        onChange: () => {
          self.changes += 1;
        },
      });
      opened.push(serving);
      return serving;
    },
    decide({ kind = 'inline', texts = ['return 1;', 'return 2;'], offered = 0, became, file = 'src/a.ts', over = {} }) {
      const share = 1 / (texts.length + 1);
      const candidates = texts.map((text): Candidate => ({ id: nextId(), text, model: 'openai:m', propensity: share }));
      const id = nextId();
      store.addEpisode({
        id,
        at: clock.time,
        kind,
        file,
        languageId: 'typescript',
        range: { startLine: 3, startCharacter: 2, endLine: 3, endCharacter: 2 },
        instruction: kind === 'edit' ? 'do it' : '',
        prefix: 'function f() {\n  ',
        before: '',
        suffix: '\n}\n',
        candidates,
        offered,
        propensity: share,
        examples: [],
        ...over,
      });
      if (became) self.event(id, became);
      return id;
    },
    event(episodeId, type) {
      const { episode } = store.get(episodeId)!;
      const candidateId = episode.candidates[episode.offered ?? 0]!.id;
      const at = clock.time;
      const said = (what: 'shown' | 'read' | typeof type) => ({ id: nextId(), episodeId, candidateId, at, type: what });
      store.addEvents([said('shown'), said('read'), said(type)]);
    },
    async rate(episodeId, change) {
      const whole = rating(episodeId, { id: nextId(), at: clock.time, thumb: null, ...change });
      await store.rate(whole);
      return whole;
    },
    async promoteSelector(outcomes = [], episodes = [], change = {}) {
      const selector = linUcb();
      for (const outcome of outcomes) await selector.learn(outcome);
      const files = selectorFiles({ algorithm: 'linucb', selector }, space);
      return promote('selector', { ...files, fingerprint: fingerprint(episodes), ...change });
    },
    async promoteRewardModel(rows = [], episodes = [], change = {}) {
      const model = fitBayesianLinear(rows, { blocks: space.blocks });
      return promote('rewardModel', {
        ...rewardModelFiles(model, space),
        fingerprint: fingerprint(episodes),
        ...change,
      });
    },
    async close() {
      for (const serving of opened) await serving.close();
      await store.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
  return self;
}
