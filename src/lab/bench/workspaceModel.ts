import { silentLog, systemClock } from '../../engine/clock.ts';
import type { Path } from '../../engine/models/workspace/beam.ts';
import { createWorkspaceModel, type WorkspaceModel } from '../../engine/models/workspace/model.ts';
import { type SourceFile, sourceFiles } from '../../engine/workspace/files.ts';
import { ignoreRules } from '../../engine/workspace/ignore.ts';

/** What offers of at least `threshold` are worth. An offer is right when the file goes on with all of it. */
export interface AtThreshold {
  readonly threshold: number;
  /** Share of the places with an offer. */
  readonly offered: number;
  /** Share of the offers that are right. */
  readonly right: number;
  /** Characters of a right offer, mean. */
  readonly charactersPerRight: number;
  /** Right characters over all places: what a keystroke-saver counts. */
  readonly charactersPerPlace: number;
}

export interface WorkspaceModelEvaluation {
  readonly files: number;
  readonly testedFiles: number;
  readonly places: number;
  readonly tokens: number;
  readonly bytes: number;
  readonly sourceBytes: number;
  readonly buildMs: number;
  /** Longest single call of addFile. */
  readonly slowestFileMs: number;
  readonly predictP50Ms: number;
  readonly predictP95Ms: number;
  /** The same for the first request in a file. */
  readonly coldPredictP95Ms: number;
  /** At the beginning of a line: the first line of the first offer is exactly the line that was written, percent. */
  readonly nextLineExactPercent: number;
  /** The same among the first three offers. */
  readonly nextLineExactOfThreePercent: number;
  readonly thresholds: readonly AtThreshold[];
  /** Ten bins of stated probability: how often it was right. */
  readonly reliability: readonly {
    readonly from: number;
    readonly stated: number;
    readonly right: number;
    readonly offers: number;
  }[];
  /** Mean gap between stated and real, weighted by offers. */
  readonly calibrationError: number;
}

interface Case {
  readonly prefix: string;
  readonly suffix: string;
  readonly file: SourceFile;
  readonly lineStart: boolean;
}

interface Offer {
  readonly probability: number;
  readonly text: string;
  readonly right: boolean;
}

/**
 * Leave-one-file-out on real sources: everything is read, then places in sampled files are predicted without that
 * file's saved text, from what stands before (and the lines after the present block's line). Near copies of other files are left out.
 */
export async function evaluateWorkspaceModel(options: {
  readonly folder: string;
  readonly maxFiles?: number;
  readonly maxBytes?: number;
  readonly places?: number;
  readonly seed?: number;
  /** False: nothing is read but the file being written; what the rest is worth shows in the difference. */
  readonly others?: boolean;
  /** Hears of every way on at every place, and of the text really written; for calibration. */
  readonly observe?: (paths: readonly Path[], written: string) => void;
}): Promise<WorkspaceModelEvaluation> {
  const { folder, maxFiles = 2000, maxBytes = 64_000_000, places: wanted = 1200, seed = 1 } = options;
  const folders = [{ path: folder, name: 'evaluation' }];
  const rules = ignoreRules({ folders, exclude: [] });
  const model = createWorkspaceModel({ maxBytes, log: silentLog, clock: systemClock });
  const files = await distinct(sourceFiles({ folders, rules, maxFiles }));
  let slowestFileMs = 0;
  const start = performance.now();
  for (const file of files) {
    const before = performance.now();
    if (options.others !== false) model.addFile(file.file, file.languageId, file.text);
    slowestFileMs = Math.max(slowestFileMs, performance.now() - before);
  }
  const buildMs = performance.now() - start;
  const random = mulberry32(seed);
  const code = files.filter(
    (file) =>
      !/^(?:markdown|plaintext|restructuredtext|json|jsonc|ignore)$/.test(file.languageId) && file.text.length > 800,
  );
  const tested = sample(code, Math.min(60, code.length), random);
  const cases = tested.flatMap((file) => placesIn(file, Math.ceil(wanted / Math.max(1, tested.length)), random));
  const measured = measure(model, cases, options.observe);
  const { files: kept, tokens, bytes } = model.stats();
  const sourceBytes = files.reduce((sum, file) => sum + file.text.length, 0);
  return {
    files: kept,
    testedFiles: tested.length,
    tokens,
    bytes,
    sourceBytes,
    buildMs: Math.round(buildMs),
    slowestFileMs: round(slowestFileMs),
    ...measured,
  };
}

function measure(
  model: WorkspaceModel,
  cases: readonly Case[],
  observe?: (paths: readonly Path[], written: string) => void,
) {
  const offers: Offer[] = [];
  const times: number[] = [];
  const coldTimes: number[] = [];
  let lines = 0;
  let exact = 0;
  let exactOfThree = 0;
  for (const { prefix, suffix, file, lineStart } of cases) {
    // What the user has not written yet isn't known: the suffix begins on the next line.
    const newline = suffix.indexOf('\n');
    const future = futureAfter(suffix);
    const query = { suffix: future, languageId: file.languageId, file: file.file, maxLines: 6, count: 3 };
    // The first request in a file reads it; those that follow a keystroke go on from there.
    const cold = performance.now();
    model.predict({ ...query, prefix: prefix.slice(0, -1) });
    const before = performance.now();
    coldTimes.push(before - cold);
    const predictions = model.predict({ ...query, prefix });
    times.push(performance.now() - before);
    observe?.(model.paths({ ...query, prefix }), suffix);
    const line = newline < 0 ? suffix : suffix.slice(0, newline);
    if (lineStart) {
      lines++;
      const matches = predictions.map(({ text }) => text.split('\n')[0]!.trimEnd() === line.trimEnd());
      if (matches[0]) exact++;
      if (matches.includes(true)) exactOfThree++;
    }
    const best = predictions[0];
    if (!best) continue;
    offers.push({ probability: best.probability, text: best.text, right: suffix.startsWith(best.text) });
  }
  times.sort((a, b) => a - b);
  coldTimes.sort((a, b) => a - b);
  const thresholds = [0.05, 0.2, 0.35, 0.5, 0.65, 0.8, 0.9].map((threshold) => {
    const made = offers.filter((offer) => offer.probability >= threshold);
    const right = made.filter((offer) => offer.right);
    const characters = right.reduce((sum, offer) => sum + offer.text.length, 0);
    return {
      threshold,
      offered: round(made.length / cases.length),
      right: round(right.length / Math.max(1, made.length)),
      charactersPerRight: round(characters / Math.max(1, right.length)),
      charactersPerPlace: round(characters / cases.length),
    };
  });
  const reliability = Array.from({ length: 10 }, (_, i) => {
    const inBin = offers.filter((offer) => Math.min(9, Math.floor(offer.probability * 10)) === i);
    const n = Math.max(1, inBin.length);
    return {
      from: i / 10,
      stated: round(inBin.reduce((sum, offer) => sum + offer.probability, 0) / n),
      right: round(inBin.filter((offer) => offer.right).length / n),
      offers: inBin.length,
    };
  });
  const gap = reliability.reduce((sum, bin) => sum + bin.offers * Math.abs(bin.stated - bin.right), 0);
  return {
    places: cases.length,
    predictP50Ms: round(times[Math.floor(times.length * 0.5)] ?? 0),
    predictP95Ms: round(times[Math.floor(times.length * 0.95)] ?? 0),
    coldPredictP95Ms: round(coldTimes[Math.floor(coldTimes.length * 0.95)] ?? 0),
    nextLineExactPercent: round((100 * exact) / Math.max(1, lines)),
    nextLineExactOfThreePercent: round((100 * exactOfThree) / Math.max(1, lines)),
    thresholds,
    reliability,
    calibrationError: round(gap / Math.max(1, offers.length)),
  };
}

/**
 * A writer has usually not yet written the rest of the block. Keeps what follows the first line after the cursor that is
 * indented less than the cursor's line, or everything after the next blank line.
 */
function futureAfter(suffix: string): string {
  const blank = /\n[ \t]*\r?\n/.exec(suffix);
  return blank ? suffix.slice(blank.index) : '';
}

function placesIn(file: SourceFile, count: number, random: () => number): Case[] {
  const { text } = file;
  const lineStarts: number[] = [];
  const inside: number[] = [];
  let offset = 0;
  for (const line of text.split('\n')) {
    const code = line.trim();
    const indent = line.length - line.trimStart().length;
    if (code.length > 3 && !/^(?:\/\/|\/?\*|#(?!include)|--|"""|''')/.test(code)) {
      lineStarts.push(offset + indent);
      inside.push(offset + indent + 1 + Math.floor(random() * (code.length - 2)));
    }
    offset += line.length + 1;
  }
  const half = Math.ceil(count / 2);
  const cases: Case[] = [];
  for (const [from, lineStart] of [
    [lineStarts, true],
    [inside, false],
  ] as const) {
    for (const at of sample(from, half, random)) {
      if (at > 40) cases.push({ prefix: text.slice(0, at), suffix: text.slice(at), file, lineStart });
    }
  }
  return cases;
}

/** Leaves out files more than half of whose longer lines an earlier file has. */
async function distinct(found: AsyncIterable<SourceFile>): Promise<SourceFile[]> {
  const seen = new Set<string>();
  const kept: SourceFile[] = [];
  for await (const file of found) {
    const lines = file.text
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line.length > 20);
    const known = lines.filter((line) => seen.has(line)).length;
    if (lines.length > 4 && known > lines.length / 2) continue;
    for (const line of lines) seen.add(line);
    kept.push(file);
  }
  return kept;
}

function sample<T>(items: readonly T[], count: number, random: () => number): T[] {
  const pool = [...items];
  const taken: T[] = [];
  while (pool.length > 0 && taken.length < count) taken.push(pool.splice(Math.floor(random() * pool.length), 1)[0]!);
  return taken;
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}

/** Small seeded generator, uniform in [0, 1). */
function mulberry32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
