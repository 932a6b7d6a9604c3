/**
 * One training, from stored episodes to registered versions: a function of its data, a seed that follows from them, and what serves.
 * It writes nothing but a note and finished layers until all is computed; a dry run writes nothing at all.
 */
import { join } from 'node:path';
import type * as v from 'valibot';
import type { ClientRequests, EngineNotifications, Params } from '../../../protocol/rpc.ts';
import {
  type Scalars,
  type TrainingRun,
  type TrainLayer,
  type TrainStage,
  trainLayers,
} from '../../../protocol/training.ts';
import { type Disk, nodeDisk } from '../../../tensor/files/disk.ts';
import type { Runtime } from '../../../tensor/runtime/api.ts';
import type { Clock, Ids } from '../../clock.ts';
import { thisOwner } from '../../memory/owner.ts';
import type { StoredEpisode } from '../../memory/store.ts';
import { eventWriter } from '../records/tensorBoard.ts';
import { find, isIn, type Lifecycle } from '../registry/lifecycle.ts';
import { openRegistry, type Registry } from '../registry/registry.ts';
import { ensureFolder } from '../registry/stateFile.ts';
import type { NewVersion } from '../registry/versionFolder.ts';
import { algorithmOf, policyOf } from './modelFiles.ts';
import { reportChapter, reportFacts, reportHead } from './report.ts';
import { type Incumbent, type Measured, type StageOptions, type StageResult, trainRewardModel } from './rewardStage.ts';
import { reportName, runBytes, runName, textOf } from './runFiles.ts';
import { trainSelector } from './selectorStage.ts';
import { type TrainingData, trainingData } from './trainingData.ts';
import { isRunning, keepLayer, keptLayer, type Note, readNote, removeUnfinished, writeNote } from './unfinished.ts';

export type TrainRequest = Pick<Params<ClientRequests, 'train'>, 'layers' | 'dryRun' | 'resume'>;

export type JobProgress = Omit<v.InferOutput<EngineNotifications['trainingProgress']>, 'requestId'>;

export interface JobParts {
  /** Of the registry. */
  readonly folder: string;
  /** Null: this machine has none. */
  readonly runtime: Runtime | null;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: JobProgress) => void;
  /** Damage that was found. */
  readonly onProblem: (message: string) => void;
  readonly disk?: Disk;
}

export interface JobResult {
  readonly runs: readonly TrainingRun[];
  /** Markdown. */
  readonly report: string;
}

/** Of all that is done, where each stage ends. */
const ends: Readonly<Record<TrainStage, number>> = { reading: 0.1, rewardModel: 0.55, selector: 0.95, registering: 1 };
/** Files of so many versions of each layer that neither serve nor wait are kept. */
const keptVersions = 5;

/** A layer that is done: what is registered (null: nothing could be), and what is told of it. */
interface Layer {
  readonly run: TrainingRun;
  readonly chapter: string;
  readonly version: NewVersion | null;
}

/** Rejects with the signal's reason, as the disk does, or as the runtime does. */
export async function runJob(
  entries: Iterable<StoredEpisode>,
  request: TrainRequest,
  parts: JobParts,
): Promise<JobResult> {
  const { folder, clock, signal, disk = nodeDisk } = parts;
  const registry = openRegistry({ folder, clock, onProblem: parts.onProblem, disk });
  const startedAt = clock.now();
  const tell = progressOf(parts, startedAt);
  tell('reading', 0, 'Reading what is remembered');
  const data = trainingData(entries);
  signal.throwIfAborted();
  const lifecycle = await registry.lifecycle();
  const earlier = request.dryRun ? null : await readNote(folder);
  // What goes on is what was begun.
  const wanted = (request.resume && earlier?.layers) || request.layers;
  const layers = trainLayers.filter((layer) => wanted.includes(layer));
  const resumed = request.resume ? whyNotResumed(earlier, data, lifecycle, layers) : null;
  const facts = reportFacts(data, startedAt);
  const notice = resumed === null ? '' : `\n\n${resumed}`;
  let note: Note = {
    startedAt,
    at: startedAt,
    layers: [...layers],
    stage: layers[0]!,
    finished: ['reading'],
    why: 'running',
    data: data.fingerprint.sha256,
    serving: { rewardModel: lifecycle.serving.rewardModel, selector: lifecycle.serving.selector },
    ids: resumed === null && request.resume && earlier ? earlier.ids : {},
    owner: thisOwner,
  };
  const noted = async (change: Partial<Note>): Promise<void> => {
    note = { ...note, ...change, at: clock.now() };
    if (!request.dryRun) await writeNote(disk, folder, note);
  };
  if (!request.dryRun && Object.keys(note.ids).length === 0) await removeUnfinished(disk, folder);
  await noted({});

  const done: Layer[] = [];
  for (const layer of layers) {
    signal.throwIfAborted();
    const kept = note.ids[layer];
    const before = kept === undefined ? null : await keptLayer(folder, layer, kept);
    if (before !== null) {
      done.push(layerOf(before));
      await noted({ finished: [...new Set([...note.finished, layer])] });
      continue;
    }
    await noted({ stage: layer });
    const result = await trained(layer, data, { registry, lifecycle, parts, tell });
    done.push(result);
    if (!request.dryRun && result.version) await keepLayer(disk, folder, result.version);
    await noted({
      finished: [...note.finished, layer],
      ids: result.version ? { ...note.ids, [layer]: result.version.id } : note.ids,
    });
  }
  signal.throwIfAborted();
  tell('registering', 0, 'Writing');
  if (!request.dryRun) {
    await noted({ stage: 'registering' });
    for (const layer of done) await register(registry, layer, parts);
    await removeUnfinished(disk, folder);
    await registry.collect(keptVersions);
  }
  tell('registering', 1, 'Done');
  const report = [reportHead(facts, request.dryRun) + notice, ...done.map(({ chapter }) => chapter)].join('\n\n');
  return { runs: done.map(({ run }) => run), report: `${report}\n` };
}

/** Null: it goes on from there. */
function whyNotResumed(
  note: Note | null,
  data: TrainingData,
  { serving }: Lifecycle,
  layers: readonly TrainLayer[],
): string | null {
  if (note === null || isRunning(note)) return 'There was nothing to go on from, so the training began anew.';
  if (note.data !== data.fingerprint.sha256) {
    return 'What is remembered has changed since the training broke off, so it began anew.';
  }
  const same = layers.every((layer) => note.serving[layer] === serving[layer]);
  return same ? null : 'Another version was put in use since the training broke off, so it began anew.';
}

type Tell = (stage: TrainStage, share: number, message: string, scalars?: readonly Measured[]) => void;

/** Shares are of the stage; what is told is of all. */
function progressOf({ clock, onProgress }: JobParts, startedAt: number): Tell {
  return (stage, share, message, scalars = []) => {
    const stages = Object.keys(ends) as TrainStage[];
    const before = stages[stages.indexOf(stage) - 1];
    const from = before === undefined ? 0 : ends[before];
    const done = from + (ends[stage] - from) * Math.min(1, Math.max(0, share));
    const seconds = (clock.now() - startedAt) / 1000;
    // Of the first moments nothing follows.
    const secondsLeft = done > 0.12 && seconds > 0.5 ? (seconds * (1 - done)) / done : null;
    const finite = scalars.filter(({ value }) => Number.isFinite(value));
    onProgress({ stage, share: done, secondsLeft, message, scalars: finite.map((one) => ({ ...one })) });
  };
}

async function trained(
  layer: TrainLayer,
  data: TrainingData,
  {
    registry,
    lifecycle,
    parts,
    tell,
  }: { readonly registry: Registry; readonly lifecycle: Lifecycle; readonly parts: JobParts; readonly tell: Tell },
): Promise<Layer> {
  const { clock, ids, signal, runtime } = parts;
  // Another seed for other data; the same data give the same versions.
  const seed = Number.parseInt(data.fingerprint.sha256.slice(0, 8), 16);
  const measured: Measured[] = [];
  let last: readonly [number, string] = [0, ''];
  const options: StageOptions = {
    seed,
    runtime,
    signal,
    onShare(share, message) {
      last = [share, message];
      tell(layer, share, message);
    },
    onMeasured(numbers) {
      measured.push(...numbers);
      tell(layer, last[0], last[1], numbers);
    },
  };
  const parent = lifecycle.serving[layer];
  const serving = parent === null ? null : await registry.loadServing(layer);
  const result: StageResult =
    layer === 'rewardModel'
      ? await trainRewardModel(data, await incumbentOf(registry, lifecycle, serving), options)
      : await trainSelector(data, serving && policyOf(serving), options);
  const id = ids();
  const run: TrainingRun = { id, ...result.run, scalars: scalarsOf(measured) };
  const unbeaten =
    layer === 'selector' && parent === null && run.offPolicy.length > 0 && run.verdict.kind !== 'promote';
  const chapter = reportChapter(run, unbeaten ? { ...result, notes: [untrainedLearns, ...result.notes] } : result);
  if (result.version === null) return { run, chapter, version: null };
  const { files, hyperParameters, metrics, featureVersion } = result.version;
  const head = reportHead(reportFacts(data, clock.now()), false);
  const version: NewVersion = {
    id,
    kind: layer,
    parent,
    dependsOn: [],
    created: clock.now(),
    hyperParameters,
    metrics,
    seeds: [seed],
    featureVersion,
    fingerprint: data.fingerprint,
    tensors: files.tensors,
    others: { ...files.others, [runName]: [runBytes(run)], [reportName]: [Buffer.from(`${head}\n\n${chapter}\n`)] },
  };
  return { run, chapter, version };
}

/** That none is promoted does not mean that nothing is learnt. */
const untrainedLearns =
  'Without a selector, what is offered is chosen by a rule that learns from every decision already: a trained one has to choose better.';

async function incumbentOf(
  registry: Registry,
  lifecycle: Lifecycle,
  serving: Awaited<ReturnType<Registry['loadServing']>>,
): Promise<Incumbent | null> {
  if (serving === null) return null;
  const { id } = serving.manifest;
  const entry = find(lifecycle, id);
  const algorithm = algorithmOf(serving);
  // One of other features foretells nothing any more.
  if (entry === undefined || algorithm === null) return null;
  const trainedOn = (await registry.trainedOn(id)) ?? [];
  return { algorithm, stale: isIn(entry, 'stale'), episodes: new Set(trainedOn.map(({ episodeId }) => episodeId)) };
}

function scalarsOf(measured: readonly Measured[]): Scalars[] {
  const byTag = new Map<string, [number, number][]>();
  for (const { tag, step, value } of measured) {
    if (!Number.isFinite(value)) continue;
    const points = byTag.get(tag) ?? [];
    points.push([step, value]);
    byTag.set(tag, points);
  }
  return [...byTag].map(([tag, points]) => ({ tag, points }));
}

/** A layer that was finished before. */
function layerOf(version: NewVersion): Layer {
  const { run, report } = textOf(version);
  const start = report.indexOf('\n## ');
  return { run, chapter: report.slice(start < 0 ? 0 : start + 1).trimEnd(), version };
}

async function register(registry: Registry, { version, run }: Layer, parts: JobParts): Promise<void> {
  if (version === null) return;
  const { kind, reason } = run.verdict;
  const result = await registry.register(version, reason);
  // Registered before it broke off: the rest is done.
  if (!result.ok && result.refusal.type !== 'registeredBefore') throw new Error(result.message);
  await writeEvents(await registry.logFolder(version.id), run, parts);
  if (kind === 'promote') return;
  const rejected = await registry.reject(version.id, reason);
  if (!rejected.ok && rejected.refusal.type !== 'wrongState') throw new Error(rejected.message);
}

/** A folder for each who measured, which TensorBoard shows as a run. */
async function writeEvents(
  folder: string,
  { scalars }: TrainingRun,
  { clock, disk = nodeDisk }: JobParts,
): Promise<void> {
  const sources = Map.groupBy(scalars, ({ tag }) => tag.slice(0, tag.indexOf('/')));
  for (const [source, curves] of sources) {
    const place = join(folder, source);
    await disk.remove(place);
    await ensureFolder(disk, place);
    const writer = eventWriter(place, disk);
    for (const { tag, points } of curves) {
      const name = tag.slice(source.length + 1);
      for (const [step, value] of points) await writer.add(step, clock.now(), { [name]: value });
    }
    await writer.close();
  }
}
