import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import type { TrainLayer } from '../../../protocol/training.ts';
import type { Runtime } from '../../../tensor/runtime/api.ts';
import { startRuntime } from '../../../tensor/runtime/runtime.ts';
import { systemClock, systemIds } from '../../clock.ts';
import type { StoredEpisode } from '../../memory/store.ts';
import { offerablesOf } from '../features/offerable.ts';
import { readEvents } from '../records/testEvents.ts';
import { openRegistry } from '../registry/registry.ts';
import { type JobParts, type JobResult, runJob } from './job.ts';
import { decodeRewardModel, openSelector } from './modelFiles.ts';
import { toldOf } from './runFiles.ts';
import { markInterrupted, storedEpisodes } from './testEpisodes.ts';
import { trainingData } from './trainingData.ts';
import { readNote } from './unfinished.ts';

const folders: string[] = [];
let runtime: Runtime | null = null;
const theRuntime = (): Runtime => (runtime ??= startRuntime({ log: { debug() {} } }));
after(async () => {
  await runtime?.close();
  for (const folder of folders) await rm(folder, { recursive: true, force: true });
});

async function place(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'attune-job-'));
  folders.push(folder);
  return folder;
}

interface Ask {
  readonly folder?: string;
  readonly layers?: readonly TrainLayer[];
  readonly resume?: boolean;
  readonly dryRun?: boolean;
  readonly runtime?: Runtime | null;
  readonly signal?: AbortSignal;
  readonly onProgress?: JobParts['onProgress'];
}

/** Closed forms only, unless a runtime is given: seconds become a fraction of one. */
async function train(entries: readonly StoredEpisode[], ask: Ask = {}): Promise<JobResult> {
  const { layers = ['rewardModel'], resume = false, dryRun = false, signal = new AbortController().signal } = ask;
  const request = { layers: [...layers], dryRun, resume };
  return runJob(entries, request, {
    folder: ask.folder ?? (await place()),
    runtime: ask.runtime ?? null,
    clock: systemClock,
    ids: systemIds,
    signal,
    onProgress: ask.onProgress ?? (() => {}),
    onProblem: assert.fail,
  });
}

const registryIn = (folder: string) => openRegistry({ folder, clock: systemClock, onProblem: assert.fail });
const both = ['rewardModel', 'selector'] as const;
const edits = storedEpisodes({ seed: 21, count: 120 });
const inline = storedEpisodes({ seed: 22, count: 160, kind: 'inline' });

describe('a training', { timeout: 200_000 }, () => {
  it('learns a taste, says it in words, and its versions decide accordingly', async () => {
    const folder = await place();
    const { runs, report } = await train([...inline, ...edits], { folder, layers: both, runtime: theRuntime() });
    assert.deepEqual(
      runs.map(({ verdict }) => verdict.kind),
      ['promote', 'promote'],
      report,
    );
    assert.match(report, /prefers early returns/);
    assert.match(report, /prefers fewer comments/);
    assert.doesNotMatch(report, /prefers (?:more comments|names_with)|learns from every decision already/);
    const [rewardRun, selectorRun] = runs as [JobResult['runs'][number], JobResult['runs'][number]];
    assert.deepEqual(
      rewardRun.models.map(({ algorithm }) => algorithm),
      ['bayesianLinear', 'logisticThumbs', 'neuralHead'],
    );
    assert.deepEqual(
      selectorRun.offPolicy.map(({ algorithm }) => algorithm),
      ['linucb', 'lints', 'logistic', 'ppo'],
    );
    for (const { gain, snips, doublyRobust } of selectorRun.offPolicy) {
      assert.ok(gain.value! > 0.1, 'drawn evenly, it was far from what is liked');
      assert.ok(Math.abs(snips.value! - doublyRobust.value!) < 0.2);
      assert.ok(snips.low! < snips.value! && snips.value! < snips.high!);
    }
    assert.ok(rewardRun.learningCurve.length >= 3 && rewardRun.reliability.length > 3);
    assert.ok(rewardRun.reranked.length > 0);

    const registry = registryIn(folder);
    const versions = await registry.list();
    assert.deepEqual(
      versions.map(({ entry, manifest }) => [entry.kind, entry.state, manifest?.data.episodes]),
      [
        ['rewardModel', 'candidate', versions[0]!.manifest!.data.episodes],
        ['selector', 'candidate', versions[0]!.manifest!.data.episodes],
      ],
    );
    assert.ok(versions.every(({ manifest }) => manifest!.seeds.length === 1 && manifest!.metrics.gain!.low! > 0));
    const loaded = await Promise.all(versions.map(({ entry }) => registry.load(entry.id)));
    const model = decodeRewardModel(loaded[0]?.ok ? loaded[0].value : assert.fail());
    const [served, random] = [loaded[1]?.ok ? loaded[1].value : assert.fail(), () => 0.5];
    const selector = openSelector(served, { random, runtime: theRuntime });
    const { featuresOf, entries, choices } = trainingData(storedEpisodes({ seed: 77, count: 60, kind: 'inline' }));
    let [right, best] = [0, 0];
    for (const { episode } of entries) {
      const offers = offerablesOf(episode).map(({ offerable }) => offerable);
      const liked = offers.findIndex(({ text }) => /return null/.test(text) && !text.includes('//'));
      if (liked < 0 || offers.every(({ text }) => /return null/.test(text))) continue;
      const rows = offers.map(featuresOf);
      const means = rows.map((row) => model.estimate(row).mean);
      const shown = selector.probabilities(rows).slice(0, -1);
      const isLiked = (at: number): boolean => /return null/.test(offers[at]!.text) && !offers[at]!.text.includes('//');
      best += 1;
      if (isLiked(means.indexOf(Math.max(...means))) && isLiked(shown.indexOf(Math.max(...shown)))) right += 1;
    }
    assert.ok(choices.length > 0 && right / best > 0.8, `${right} of ${best}`);
    await selector.close();

    // What TensorBoard reads is what the run tells.
    const curves = new Map(rewardRun.scalars.map(({ tag, points }) => [tag, points]));
    const logs = join(await registry.logFolder(rewardRun.id), 'neuralHead');
    const bytes = await readFile(join(logs, (await readdir(logs))[0]!));
    const read = readEvents(bytes).events.flatMap(({ step, scalars }) =>
      scalars.map(({ tag, value }) => ({ tag, step, value })),
    );
    const told = curves.get('neuralHead/train/loss')!;
    assert.equal(read.length, told.length);
    assert.ok(read.every(({ tag, step }, i) => tag === 'train/loss' && step === told[i]![0]));
    const version = await registry.load(rewardRun.id);
    assert.deepEqual(version.ok && toldOf(version.value).run, rewardRun);
  });

  it('comes to the same for the same data, in whatever order they come', async () => {
    const [one, other] = [
      await train([...edits, ...inline], { layers: both }),
      await train([...inline, ...edits].reverse(), { layers: both }),
    ];
    assert.deepEqual(
      one.runs.map((run) => ({ ...run, id: '' })),
      other.runs.map((run) => ({ ...run, id: '' })),
    );
  });

  it('says what needs the native runtime where there is none, and trains the rest', async () => {
    const { runs, report } = await train([...edits, ...inline], { layers: both });
    assert.match(report, /neural head was left out: it needs ONNX Runtime/);
    assert.match(report, /PPO was left out/);
    assert.deepEqual(
      runs.map(({ verdict }) => verdict.kind),
      ['promote', 'promote'],
    );
  });

  it('is not better than what serves on the same data: it is not promoted', async () => {
    const folder = await place();
    const registry = registryIn(folder);
    const first = await train(edits, { folder });
    assert.ok((await registry.promote(first.runs[0]!.id, 'test')).ok);
    const again = await train(edits, { folder });
    assert.notEqual(again.runs[0]!.verdict.kind, 'promote');
    const { entry, manifest } = (await registry.list())[1]!;
    assert.equal(entry.state, 'rejected');
    assert.equal(entry.history.at(-1)!.reason, again.runs[0]!.verdict.reason);
    assert.equal(manifest!.parent, first.runs[0]!.id);
    // Once its data has changed, it no longer counts.
    const changed = new Set([edits[3]!.rating!.id]);
    assert.deepEqual(await registry.markStale(changed, 'changed'), [first.runs[0]!.id]);
    const other = edits.map((stored, i) => (i === 3 ? { ...stored, rating: null } : stored));
    assert.equal((await train(other, { folder })).runs[0]!.verdict.kind, 'promote');
  });

  it('leaves out decisions of which it is not known how they came about, and says so', async () => {
    const certain = inline.map((entry, i) => {
      const { candidates, ...rest } = entry.episode;
      const without = candidates.map(({ propensity: _, ...one }) => one);
      return i % 2 === 0 ? entry : { ...entry, episode: { ...rest, candidates: without } };
    });
    const { report, runs } = await train(certain, { layers: ['selector'] });
    assert.match(report, /80 decisions were not evaluated on: how they came about was not logged/);
    assert.ok(runs[0]!.offPolicy.every(({ effectiveSize }) => effectiveSize <= 80));
  });
});

describe('what can’t be learnt', { timeout: 120_000 }, () => {
  it('is not: shuffled labels promote nothing, and it says so', async () => {
    for (const seed of [40, 50, 60, 70]) {
      const { runs, report } = await train(
        [
          ...storedEpisodes({ seed, count: 80, shuffledLabels: true }),
          ...storedEpisodes({ seed: seed + 1, count: 120, kind: 'inline', shuffledLabels: true }),
        ],
        { layers: both },
      );
      for (const { verdict, words } of runs) {
        assert.equal(verdict.kind, 'noSignal', verdict.reason);
        assert.equal(words.length, 0);
      }
      assert.match(report, /No learnable signal/);
      assert.match(report, /chosen by a rule that learns from every decision already/);
    }
  });

  it('is said to be too little: no labels, few, or all from one file', async () => {
    for (const entries of [[], edits.slice(0, 12), storedEpisodes({ seed: 1, count: 40, files: 1 })]) {
      const folder = await place();
      const { runs, report } = await train(entries, { folder, layers: both });
      assert.deepEqual(
        runs.map(({ verdict }) => verdict.kind),
        ['notEnough', 'notEnough'],
        `${entries.length}`,
      );
      assert.match(report, /Not enough yet/);
      assert.ok((await registryIn(folder).list()).every(({ entry }) => entry.state === 'rejected'));
    }
  });
});

describe('a training that breaks off', { timeout: 60_000 }, () => {
  /** Aborts when the selector’s turn comes. */
  async function broken(folder: string): Promise<void> {
    const controller = new AbortController();
    const onProgress: JobParts['onProgress'] = ({ stage }) =>
      stage === 'selector' && controller.abort(new Error('off'));
    const layers = both;
    await assert.rejects(
      train([...edits, ...inline], { folder, layers, signal: controller.signal, onProgress }),
      /off/,
    );
  }

  it('goes on after its last finished stage, with the same version', async () => {
    const folder = await place();
    await broken(folder);
    assert.equal((await registryIn(folder).list()).length, 0);
    const note = (await readNote(folder))!;
    assert.deepEqual(note.finished, ['reading', 'rewardModel']);
    const stages = new Set<string>();
    // Another process would find the owner gone; this one is it.
    await markInterrupted(folder);
    const { runs, report } = await train([...edits, ...inline], {
      folder,
      layers: both,
      resume: true,
      onProgress: ({ stage }) => stages.add(stage),
    });
    assert.ok(!stages.has('rewardModel'));
    assert.equal(runs[0]!.id, note.ids.rewardModel);
    assert.match(report, /prefers early returns/);
    assert.equal(await readNote(folder), null);
    assert.equal((await registryIn(folder).list()).length, 2);
  });

  it('begins anew when the data has changed, or nobody asks it to go on', async () => {
    const folder = await place();
    await broken(folder);
    await markInterrupted(folder);
    const { report } = await train([...edits.slice(1), ...inline], { folder, layers: both, resume: true });
    assert.match(report, /has changed since the training broke off/);
    await broken(folder);
    await markInterrupted(folder);
    const id = (await readNote(folder))!.ids.rewardModel;
    const fresh = await train([...edits, ...inline], { folder, layers: both });
    assert.notEqual(fresh.runs[0]!.id, id);
  });
});
