import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { silentLog, systemClock, systemIds } from '../../engine/clock.ts';
import { hashedEmbedder } from '../../engine/memory/embedders/hashed.ts';
import { createRetriever } from '../../engine/memory/retrieve.ts';
import type { ClientRequests, Result } from '../../protocol/rpc.ts';
import { type HeadlessEngine, startEngine } from '../headless.ts';
import { activationMs, buildProduct, bytesOf } from './activation.ts';
import { type Answerer, startAnswerer } from './answerer.ts';
import { fill, open, placesOf, quantile, type Source, sources } from './records.ts';

export interface SuggestBench {
  readonly name: 'suggest';
  readonly episodes: number;
  /** One suggestion through the engine process, less a bare exchange with the same server in the same run (median). */
  readonly overheadP50Ms: number;
  readonly overheadP95Ms: number;
  /** The same place again after a character was typed and deleted. */
  readonly cachedP95Ms: number;
  /**
   * The offer's next character typed, answered by the engine's cache. The editor's own client doesn't even ask: it returns the rest
   * of the offer on the screen at once.
   */
  readonly typedAlongP95Ms: number;
  /** Loading the packaged client and running its `activate`; median. */
  readonly activationMs: number;
  readonly clientBundleBytes: number;
}

const measured = 400;
/** The first requests load the client of the model's server, and compile. */
const warmUp = 40;
const openFiles = 8;
const activations = 9;
/** Lines that a developer would want completed. */
const leastCharacters = 12;

/**
 * Types in real files against the real engine process with a memory of `episodes` episodes, and a model server that answers at once
 * with what stood there. Every offer is told to be shown and taken or turned down, so that the gate learns meanwhile.
 */
export async function benchSuggest(options: { readonly episodes: number }): Promise<SuggestBench> {
  const root = await mkdtemp(join(tmpdir(), 'attune-bench-'));
  const answerer = await startAnswerer();
  try {
    const all = sources();
    await remember(join(root, 'memory'), all, options.episodes);
    for (const { file, lines } of all) await write(join(root, 'work', file), lines.join('\n'));
    const product = await buildProduct(join(root, 'product'));
    const engine = await startEngine({
      folders: [{ path: join(root, 'work'), name: 'work' }],
      storagePath: join(root, 'memory'),
      cachePath: join(root, 'cache'),
      config: {
        inlineModel: 'openai',
        openai: { baseUrl: answerer.baseUrl, model: 'qwen2.5-coder', completions: 'always' },
      },
      entry: product.engine,
    });
    await engine.indexed();
    const typed = await type(engine, answerer, join(root, 'work'), all);
    await engine.stop();
    return {
      name: 'suggest',
      episodes: options.episodes,
      ...typed,
      activationMs: rounded(quantile(await activationMs(product.client, activations), 0.5)),
      clientBundleBytes: await bytesOf(product.client),
    };
  } finally {
    await answerer.close();
    await rm(root, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** A memory as a second start of the editor finds it: folded, and embedded. */
async function remember(folder: string, all: readonly Source[], episodes: number): Promise<void> {
  await fill(folder, placesOf(all), episodes);
  const store = await open(folder);
  const parts = { store, embedder: hashedEmbedder(), dir: folder, clock: systemClock, log: silentLog };
  const retriever = createRetriever(parts);
  await retriever.idle();
  await retriever.close();
  await store.close();
}

async function write(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
}

/** Hundredths: the clock of one request is no finer than that, run by run. */
const rounded = (ms: number): number => Math.round(ms * 100) / 100;

type Typed = Pick<SuggestBench, 'overheadP50Ms' | 'overheadP95Ms' | 'cachedP95Ms' | 'typedAlongP95Ms'>;

async function type(
  engine: HeadlessEngine,
  answerer: Answerer,
  folder: string,
  all: readonly Source[],
): Promise<Typed> {
  const suggestMs: number[] = [];
  const bareMs: number[] = [];
  const cachedMs: number[] = [];
  const typedAlongMs: number[] = [];
  const places = placesToType(all);
  const editors = new Map<string, Editor>();
  for (const { file, lines } of places.files) editors.set(file, new Editor(engine, join(folder, file), lines));
  for (let count = 0; count < warmUp + measured; count += 1) {
    const { file, line, column } = places.lines[(count * 7919) % places.lines.length]!;
    const editor = editors.get(file)!;
    const rest = await editor.cut(line, column);
    answerer.answer = rest;
    const first = await editor.ask(0);
    const exchangeMs = await answerer.exchangeMs();
    const { episodeId, items } = first.answer;
    const offered = items[0];
    if (count >= warmUp) {
      suggestMs.push(first.ms);
      bareMs.push(exchangeMs);
    }
    if (episodeId !== null && offered !== undefined && offered.insertText.length > 1) {
      editor.type(offered.insertText[0]!);
      const along = await editor.ask(1);
      editor.type('');
      const back = await editor.ask(0);
      for (const { answer } of [along, back]) {
        if (answer.episodeId !== episodeId) throw new Error('An offer was not found again.');
      }
      if (count >= warmUp) {
        typedAlongMs.push(along.ms);
        cachedMs.push(back.ms);
      }
      const about = { episodeId, candidateId: offered.candidateId, at: Date.now() };
      const what = count % 10 === 0 ? 'ignored' : 'accepted';
      engine.tell('events', {
        events: [
          { ...about, type: 'shown' },
          { ...about, type: what },
        ],
      });
    }
    editor.type(rest);
    // Between two places a developer leaves more time than it takes to take note of these.
    await engine.ask('why', { episodeId: episodeId ?? systemIds() });
  }

  // believed would make the cheap half of the work look like all of it.
  if (cachedMs.length < measured / 4) throw new Error(`Only ${cachedMs.length} of ${measured} were offered.`);
  const modelMs = quantile(bareMs, 0.5);
  return {
    overheadP50Ms: rounded(quantile(suggestMs, 0.5) - modelMs),
    overheadP95Ms: rounded(quantile(suggestMs, 0.95) - modelMs),
    cachedP95Ms: rounded(quantile(cachedMs, 0.95)),
    typedAlongP95Ms: rounded(quantile(typedAlongMs, 0.95)),
  };
}

/** Some files, and in them the lines worth completing, from their first character or from their middle. */
function placesToType(all: readonly Source[]): {
  readonly files: readonly Source[];
  readonly lines: readonly { readonly file: string; readonly line: number; readonly column: number }[];
} {
  const long = all.filter(({ file, lines }) => lines.length >= 80 && !file.endsWith('.test.ts'));
  const files = Array.from({ length: openFiles }, (_, index) => long[Math.floor((index * long.length) / openFiles)]!);
  const lines = files.flatMap(({ file, lines }) =>
    lines.flatMap((text, line) => {
      const code = text.trim();
      if (code.length < leastCharacters || line === 0) return [];
      const indentation = text.length - text.trimStart().length;
      const middle = indentation + /^\W*\w+\W+/.exec(code)![0].length;
      return [{ file, line, column: line % 2 === 0 ? indentation : middle }];
    }),
  );
  return { files, lines };
}

type Suggestion = Result<ClientRequests, 'suggest'>;

/** One open document, whose gap at one place is filled and emptied. */
class Editor {
  readonly #engine: HeadlessEngine;
  readonly #uri: string;
  readonly #path: string;
  readonly #lines: readonly string[];
  #version = 1;
  #offset = 0;
  #inGap = 0;

  constructor(engine: HeadlessEngine, path: string, lines: readonly string[]) {
    this.#engine = engine;
    this.#uri = pathToFileURL(path).href;
    this.#lines = lines;
    this.#path = path;
    this.#open(lines.join('\n'));
  }

  #open(text: string): void {
    const params = { path: this.#path, languageId: 'typescript', version: this.#version, text };
    this.#engine.tell('documentOpened', { uri: this.#uri, ...params });
  }

  /**
   * Opens the document as it was before the rest of a line was written, and types the last character there: behind it is the gap now.
   * Returns what stood in it. (A deletion would not do: what was just taken out is not offered.)
   */
  async cut(line: number, column: number): Promise<string> {
    const text = this.#lines[line]!;
    const before = `${this.#lines.slice(0, line).join('\n')}\n${text.slice(0, column)}`;
    this.#version += 1;
    this.#open([before.slice(0, -1), ...this.#lines.slice(line + 1)].join('\n'));
    // It has long been open when a key is pressed.
    await this.#engine.ask('why', { episodeId: systemIds() });
    this.#offset = before.length - 1;
    this.#inGap = 0;
    this.type(before.at(-1)!);
    this.#offset = before.length;
    this.#inGap = 0;
    return text.slice(column);
  }

  /** What stands in the gap becomes `text`. */
  type(text: string): void {
    this.#version += 1;
    const changes = [{ offset: this.#offset, length: this.#inGap, text }];
    this.#engine.tell('documentChanged', { uri: this.#uri, version: this.#version, changes });
    this.#inGap = text.length;
  }

  async ask(typed: number): Promise<{ readonly ms: number; readonly answer: Suggestion }> {
    const params = { uri: this.#uri, version: this.#version, offset: this.#offset + typed };
    const startedAt = performance.now();
    const answer = await this.#engine.ask('suggest', { ...params, trigger: 'automatic' });
    return { ms: performance.now() - startedAt, answer };
  }
}
