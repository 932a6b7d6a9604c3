import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { EngineConfig } from '../protocol/config.ts';
import { seeded } from '../tensor/random.ts';
import { type HeadlessOptions, type LabEngine, startEngine } from './headless.ts';
import { startInProcess } from './inProcess.ts';
import { type Seen, type TypedFile, type TypingResult, total, typeFile } from './typist.ts';
import { startOfTime, typingRhythm, VirtualTime } from './virtualTime.ts';

const repository = fileURLToPath(new URL('../..', import.meta.url));
/** A family of files that look alike, as files of one kind in one project do. */
const family = 'src/engine/suggest/filters';

export interface DemoOptions {
  /** Where the narration goes, line by line. */
  readonly say: (line: string) => void;
  /** Characters to type while learning, and then in each of the two arms; whole files, so a little more. */
  readonly learnCharacters: number;
  readonly compareCharacters: number;
  /**
   * `inProcess`: under a clock of its own, at the pace of a person, so that the figures are the same on every machine. `process`: as
   * the editor runs it, and as fast as it goes.
   */
  readonly engine: 'inProcess' | 'process';
}

/** An engine, the time it lives in, and what a developer waits for before each key. */
interface Driven extends LabEngine {
  now(): number;
  pause(): (previous: string) => Promise<void>;
}

/** What a full demo types: about a minute for each half. */
export const demoBudget = { learnCharacters: 9_000, compareCharacters: 6_000 } as const;

/** The figures of one arm of the comparison. */
export interface ArmResult {
  readonly shown: number;
  readonly accepted: number;
  readonly acceptRate: number;
  readonly keystrokesSavedShare: number;
}

export interface DemoResult {
  readonly learned: ArmResult;
  readonly memoryOff: ArmResult;
  readonly memoryOn: ArmResult;
  readonly ratings: number;
  readonly episodes: number;
}

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
const savedOf = (result: TypingResult): number => 1 - result.keystrokes / result.characters;

function armOf(result: TypingResult): ArmResult {
  return {
    shown: result.shown,
    accepted: result.accepted,
    acceptRate: result.shown === 0 ? 0 : result.accepted / result.shown,
    keystrokesSavedShare: savedOf(result),
  };
}

/** Reads the family, and splits it: every other file is typed first, the rest later. */
async function halves(options: DemoOptions): Promise<{ first: TypedFile[]; second: TypedFile[]; names: string[] }> {
  const names = (await readdir(join(repository, family))).filter(
    (name) => name.endsWith('.ts') && !name.endsWith('.test.ts'),
  );
  const files: TypedFile[] = [];
  for (const name of names.sort()) {
    files.push({
      path: join(family, name),
      languageId: 'typescript',
      text: await readFile(join(repository, family, name), 'utf8'),
    });
  }
  const take = (start: number, budget: number): TypedFile[] => {
    const taken: TypedFile[] = [];
    let characters = 0;
    for (let index = start; index < files.length && characters < budget; index += 2) {
      taken.push(files[index]!);
      characters += files[index]!.text.length;
    }
    return taken;
  };
  return { first: take(0, options.learnCharacters), second: take(1, options.compareCharacters), names };
}

/** The project as it was before anyone wrote the family. */
async function makeWorkspace(folder: string, without: readonly string[]): Promise<void> {
  await cp(join(repository, 'src'), join(folder, 'src'), { recursive: true });
  for (const name of without) await rm(join(folder, family, name), { force: true });
  for (const name of without) await rm(join(folder, family, name.replace(/\.ts$/, '.test.ts')), { force: true });
}

/** What a developer would click afterwards: a third of the accepted are rated well, a third of the rejected badly. */
async function rate(engine: LabEngine, seen: readonly Seen[]): Promise<{ good: number; bad: number }> {
  const counts = { good: 0, bad: 0 };
  const turn = { accepted: 0, rejected: 0 };
  for (const { episodeId, accepted, offered, written } of seen) {
    const nth = accepted ? turn.accepted++ : turn.rejected++;
    if (nth % 3 !== 0) continue;
    const repeats = !accepted && offered.trim() !== '' && !written.startsWith(offered.trim().slice(0, 3));
    const answer = await engine.ask('rate', {
      episodeId,
      thumb: accepted ? 'up' : 'down',
      score: accepted ? 9 : 3,
      reasons: accepted ? [] : [repeats ? 'wrongPlace' : 'inventedNames'],
      comment: '',
      correction: accepted ? null : written,
      withdrawn: false,
    });
    if (answer.ok) counts[accepted ? 'good' : 'bad'] += 1;
  }
  return counts;
}

async function typeAll(
  engine: Driven,
  folder: string,
  files: readonly TypedFile[],
  save: boolean,
  say: (line: string) => void,
): Promise<TypingResult> {
  const results: TypingResult[] = [];
  for (const file of files) {
    const path = join(folder, file.path);
    const result = await typeFile(engine, { ...file, path }, engine.now, engine.pause());
    if (save) {
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, file.text);
    }
    results.push(result);
    say(
      `  ${basename(file.path).padEnd(24)} ${String(result.accepted).padStart(3)} of ${String(result.shown).padStart(3)} suggestions taken, ${percent(savedOf(result))} of the keys saved`,
    );
  }
  return total(results);
}

interface Because {
  readonly one: Seen;
  readonly similarity: number;
  readonly from: string;
  /** The line the edit was made in, and the edit. */
  readonly kept: string;
  /** An edit of another file says more than one just made above; a longer text more than a short one. */
  readonly worth: readonly [fromAnotherFile: number, characters: number, similarity: number];
}

/** Shows one accepted suggestion of the arm with memory that leaned on an example. */
async function whyThis(engine: LabEngine, seen: readonly Seen[], say: (line: string) => void): Promise<void> {
  const found: Because[] = [];
  for (const one of seen) {
    if (!one.accepted) continue;
    const { examples } = await engine.ask('why', { episodeId: one.episodeId });
    for (const { card, similarity } of examples) {
      const { episode } = card;
      const offered = episode.offered === null ? '' : (episode.candidates[episode.offered]?.text ?? '');
      const text = card.rating?.correction ?? offered;
      const fromAnotherFile = one.file.replaceAll('\\', '/').endsWith(`/${episode.file}`) ? 0 : 1;
      found.push({
        one,
        similarity,
        from: episode.file,
        kept: (episode.prefix.slice(episode.prefix.lastIndexOf('\n') + 1) + text).trim(),
        worth: [fromAnotherFile, Math.min(one.offered.trim().length, text.trim().length), similarity],
      });
    }
  }
  const shown = found.sort((a, b) => compare(b.worth, a.worth))[0];
  if (!shown) {
    say('No accepted suggestion leaned on a remembered edit this time.');
    return;
  }
  say(`Why this? In ${basename(shown.one.file)} Attune offered, and the developer took:`);
  say(`    ${shown.one.offered.trimEnd().split('\n').join('\n    ')}`);
  say(`because an edit kept in ${basename(shown.from)} was similar (${percent(shown.similarity)}):`);
  say(`    ${shown.kept.split('\n').join('\n    ')}`);
}

/** By the first number in which they differ. */
function compare(a: readonly number[], b: readonly number[]): number {
  const at = a.findIndex((value, index) => value !== b[index]);
  return at === -1 ? 0 : a[at]! - b[at]!;
}

async function asProcess(settings: HeadlessOptions): Promise<Driven> {
  return { ...(await startEngine(settings)), now: Date.now, pause: () => async () => {} };
}

async function underTime(settings: HeadlessOptions, time: VirtualTime): Promise<Driven> {
  const engine = await startInProcess(settings, { time, random: seeded(1) });
  return {
    ...engine,
    now: time.clock.now,
    // Each file's rhythm begins anew: both arms are typed alike.
    pause() {
      const beforeKey = typingRhythm(seeded(1));
      return async (previous) => {
        time.advance(beforeKey(previous));
        await engine.settled();
      };
    },
  };
}

/** The whole loop, headless, on this repository's own files.  */
export async function demo(options: DemoOptions): Promise<DemoResult> {
  const { say } = options;
  const started = Date.now();
  const root = await mkdtemp(join(tmpdir(), 'attune-demo-'));
  const workspace = join(root, 'workspace');
  const memory = join(root, 'memory');
  const engines: LabEngine[] = [];
  const time = new VirtualTime(startOfTime);
  const open = async (storagePath: string, config: Partial<EngineConfig> = {}): Promise<Driven> => {
    const settings = {
      folders: [{ path: workspace, name: 'workspace' }],
      storagePath,
      cachePath: join(root, 'cache'),
      config,
      onLog: (level: string, message: string) => {
        if (level === 'error' || level === 'warn') say(`  (engine: ${message})`);
      },
    };
    const driven = options.engine === 'process' ? await asProcess(settings) : await underTime(settings, time);
    engines.push(driven);
    await driven.indexed();
    return driven;
  };
  try {
    const { first, second, names } = await halves(options);
    await makeWorkspace(workspace, names);
    say('Attune demo: the real engine, its built-in model, no network, no key.');
    say('');
    say(`1. A developer types ${first.length} files of this project (${family}). Attune has read the rest of it.`);
    const learner = await open(memory);
    const learned = await typeAll(learner, workspace, first, true, say);
    const rated = await rate(learner, learned.seen);
    const stats = await learner.ask('memoryStats', {});
    say(
      `   ${learned.shown} suggestions shown, ${learned.accepted} taken; ${rated.good} rated good, ${rated.bad} rated bad; ${stats.episodes} episodes stored.`,
    );
    await learner.stop();

    say('');
    say(`2. The same developer types ${second.length} related files, twice: with memory off, then on.`);
    say('   Memory off:');
    const off = await open(join(root, 'empty'), { examples: 0 });
    const without = await typeAll(off, workspace, second, false, say);
    await off.stop();
    say('   Memory on:');
    const on = await open(memory);
    const withMemory = await typeAll(on, workspace, second, false, say);
    say('');
    await whyThis(on, withMemory.seen, say);
    await on.stop();

    say('');
    const result = { learned: armOf(learned), memoryOff: armOf(without), memoryOn: armOf(withMemory) };
    const row = (name: string, cell: (arm: ArmResult) => string): void =>
      say(`  ${name.padEnd(26)}${cell(result.memoryOff).padStart(12)}${cell(result.memoryOn).padStart(13)}`);
    say(`Result${''.padEnd(22)}${'memory off'.padStart(12)}${'memory on'.padStart(13)}`);
    row('suggestions shown', (arm) => String(arm.shown));
    row('accept rate', (arm) => percent(arm.acceptRate));
    row('wrong suggestions shown', (arm) => String(arm.shown - arm.accepted));
    row('keystrokes saved', (arm) => percent(arm.keystrokesSavedShare));
    say('');
    say(
      `Done in ${Math.round((Date.now() - started) / 1000)} s. All of it was in a temporary folder, which is deleted now.`,
    );
    say(
      'Next: `npm start` opens VS Code with Attune on a sample workspace; the README says how to install it in yours.',
    );
    return { ...result, ratings: rated.good + rated.bad, episodes: stats.episodes };
  } finally {
    await Promise.all(engines.map((engine) => engine.stop()));
    await rm(root, { recursive: true, force: true, maxRetries: 5 });
  }
}
