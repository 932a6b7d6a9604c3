import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { type SourceFile, sourceFiles } from '../engine/workspace/files.ts';
import { ignoreRules } from '../engine/workspace/ignore.ts';
import { seeded, shuffled } from '../tensor/random.ts';
import { type InProcessEngine, startInProcess } from './inProcess.ts';
import { type TypedFile, total, typeFile } from './typist.ts';
import { startOfTime, typingRhythm, VirtualTime } from './virtualTime.ts';

export interface ReplayOptions {
  /** Whose source files are typed; those that git or the product ignores are left out. */
  readonly folder: string;
  /** Off: no examples, nothing refused because it was turned down, and a gate that learns nothing. */
  readonly memory: 'on' | 'off';
  /** Which files, in which order, and the rhythm they are typed in. */
  readonly seed: number;
  readonly maxFiles: number;
  /** Characters to type; whole files, so a little more. */
  readonly characters: number;
  /** Hears of each file when it is typed. */
  readonly say?: (line: string) => void;
}

/** One line of figures, the same for the same options and the same files. */
export interface ReplayResult {
  readonly memory: 'on' | 'off';
  readonly seed: number;
  /** Files typed, and their characters. */
  readonly files: number;
  readonly characters: number;
  /** Keys pressed: characters typed plus one Tab per acceptance. */
  readonly keystrokes: number;
  readonly shown: number;
  readonly accepted: number;
  readonly acceptRate: number;
  /** Share of the characters that came from accepted suggestions, 0 to 1. */
  readonly charactersSavedShare: number;
  /** Suggestions shown that were not what was written next. */
  readonly falseShown: number;
}

/** `folder`: this project's own source. `characters`: about two minutes on two cores. */
export const replayDefaults = {
  folder: fileURLToPath(new URL('..', import.meta.url)),
  seed: 1,
  maxFiles: 200,
  characters: 30_000,
} as const;

/** Most files the project may have: reading more takes longer than typing. */
const mostProjectFiles = 3000;
/** Shorter files hold little to suggest; longer ones would be all of a run. */
const typedCharacters = { least: 400, most: 8000 } as const;
/** Data and prose: nobody types them as code. */
const notCode = new Set([
  'ini',
  'ignore',
  'json',
  'jsonc',
  'markdown',
  'plaintext',
  'properties',
  'toml',
  'xml',
  'yaml',
]);

/** Types files of a project, one character after the other, into an engine that has read the rest of it. */
export async function replay(options: ReplayOptions): Promise<ReplayResult> {
  const { memory, seed, say = () => {} } = options;
  const { typed, rest } = await chooseFiles(options);
  const root = await mkdtemp(join(tmpdir(), 'attune-replay-'));
  const workspace = join(root, 'workspace');
  const time = new VirtualTime(startOfTime);
  let engine: InProcessEngine | null = null;
  try {
    await mkdir(workspace);
    for (const { file, text } of rest) await write(join(workspace, file), text);
    engine = await startInProcess(
      {
        folders: [{ path: workspace, name: 'workspace' }],
        storagePath: join(root, 'memory'),
        cachePath: join(root, 'cache'),
        config: memory === 'off' ? { examples: 0 } : {},
      },
      { time, random: seeded(seed) },
    );
    await engine.indexed();
    const results = [];
    for (const file of typed) {
      const result = await typeAndSave(engine, { ...file, path: join(workspace, file.path) }, time, seed);
      results.push(result);
      say(`${file.path}: ${result.accepted} of ${result.shown} suggestions taken`);
    }
    const { keystrokes, characters, charactersSaved, shown, accepted, seen } = total(results);
    return {
      memory,
      seed,
      files: typed.length,
      characters,
      keystrokes,
      shown,
      accepted,
      acceptRate: shown === 0 ? 0 : accepted / shown,
      charactersSavedShare: characters === 0 ? 0 : charactersSaved / characters,
      falseShown: seen.filter(({ right }) => !right).length,
    };
  } finally {
    await engine?.stop();
    await rm(root, { recursive: true, force: true, maxRetries: 5 });
  }
}

async function typeAndSave(engine: InProcessEngine, file: TypedFile, time: VirtualTime, seed: number) {
  // Each file's rhythm begins anew, so that one key more in one file does not change that of the next.
  const beforeKey = typingRhythm(seeded(seed ^ file.text.length));
  const result = await typeFile(engine, file, time.clock.now, async (previous) => {
    time.advance(beforeKey(previous));
    await engine.settled();
  });
  await write(file.path, file.text);
  const uri = pathToFileURL(file.path).href;
  engine.tell('documentOpened', { uri, ...file, version: 1 });
  engine.tell('documentSaved', { uri });
  engine.tell('documentClosed', { uri });
  return result;
}

/** Files to type, paths inside the folder, and what the project consists of before: without them and their namesakes. */
async function chooseFiles(
  options: ReplayOptions,
): Promise<{ readonly typed: readonly TypedFile[]; readonly rest: readonly SourceFile[] }> {
  const folders = [{ path: resolve(options.folder), name: 'project' }];
  const all: SourceFile[] = [];
  const rules = ignoreRules({ folders, exclude: [] });
  for await (const source of sourceFiles({ folders, rules, maxFiles: mostProjectFiles })) all.push(source);
  const fit = all.filter(
    ({ languageId, text }) =>
      !notCode.has(languageId) && text.length >= typedCharacters.least && text.length <= typedCharacters.most,
  );
  const typed: TypedFile[] = [];
  let characters = 0;
  for (const { file, languageId, text } of shuffled(fit, seeded(options.seed))) {
    if (typed.length >= options.maxFiles || characters >= options.characters) break;
    const lines = text.replaceAll('\r\n', '\n');
    typed.push({ path: file, languageId, text: lines });
    characters += lines.length;
  }
  const stems = new Set(typed.map(({ path }) => stemOf(path)));
  return { typed, rest: all.filter(({ file }) => !stems.has(stemOf(file))) };
}

/** `a/b.test.ts` → `a/b`: a file's test, style and story are written after it. */
const stemOf = (file: string): string => file.replace(/([^/.])\.[^/]*$/, '$1');

async function write(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
}
