import type { Clock, Log } from '../../clock.ts';
import type { LanguageModel } from '../languageModel.ts';
import { Arena, type Segment, tokensWithin } from './arena.ts';
import { beamSearch, type Path } from './beam.ts';
import { calibrated } from './calibration.ts';
import { documentReader } from './document.ts';
import { workspaceLanguageModel } from './languageModel.ts';
import type { Source } from './lookup.ts';
import type { Prediction, PredictQuery } from './prediction.ts';
import { syntaxOf } from './syntax.ts';
import { indentationOf, tokenize } from './tokenize.ts';
import { createVocabulary, firstWord, type Vocabulary } from './vocabulary.ts';

export interface WorkspaceModelStats {
  readonly files: number;
  readonly tokens: number;
  readonly bytes: number;
  /** Always false: what is added can be used at once. */
  readonly building: boolean;
}

/**
 * The built-in model: a variable-order n-gram model of the workspace's own files and of kept edits, with interpolated
 * back-off, a cache of the current file, and a copy mechanism that carries patterns over to other names. It needs no download
 * and no network. All calls are synchronous and short: reading a file costs about 1 ms per 10 kB.
 */
export interface WorkspaceModel {
  addFile(file: string, languageId: string, text: string): void;
  /** The same as `addFile`: the old text of the file no longer counts. */
  updateFile(file: string, languageId: string, text: string): void;
  removeFile(file: string): void;
  /** Code the user kept. `weight`: how many occurrences in files it is worth. */
  addKept(text: string, languageId: string, weight: number): void;
  clear(): void;
  stats(): WorkspaceModelStats;
  /** Best first; empty when nothing is likely enough, and inside comments. Never throws. */
  predict(query: PredictQuery): Prediction[];
  /** Every way on that was looked at, with what speaks for it: for evaluation and calibration. */
  paths(query: PredictQuery): Path[];
  /** The same as a `LanguageModel`. */
  readonly languageModel: LanguageModel;
}

/** Share of the memory for token texts. */
const vocabularyShare = 0.17;
/** The rest is for the records of files. */
const arenaShare = 0.8;
/** Files in other languages say little. */
const otherFamily = 0.2;
const sameFolder = 1.4;
/** Kept edits in memory; older ones give way. */
const mostKept = 5000;

interface Body {
  vocabulary: Vocabulary;
  arena: Arena;
  read: ReturnType<typeof documentReader>;
}

/** An empty model that never holds more than `maxBytes`. */
export function createWorkspaceModel(options: {
  readonly maxBytes: number;
  readonly log: Log;
  readonly clock: Clock;
}): WorkspaceModel {
  const { log } = options;
  const headBits = options.maxBytes >= 32_000_000 ? 19 : options.maxBytes >= 8_000_000 ? 17 : 14;
  let body = emptyBody();
  let kept = 0;

  function emptyBody(): Body {
    const vocabulary = createVocabulary(options.maxBytes * vocabularyShare);
    const heads = (1 << headBits) * 9;
    const arena = new Arena(vocabulary, tokensWithin(options.maxBytes * arenaShare, heads), headBits);
    return { vocabulary, arena, read: documentReader(vocabulary) };
  }

  function add(key: string, languageId: string, text: string, weight: number, rare: boolean): void {
    const syntax = syntaxOf(languageId);
    const indentation = indentationOf(text, syntax.family);
    // A last line break makes a last word whole.
    const read = (): Uint32Array =>
      tokenize(text + '\n', syntax, body.vocabulary, { rare, indentation, start: true }).tokens;
    let tokens = read();
    if (body.vocabulary.full && body.arena.files > 1) {
      // New names matter more than the oldest files.
      body.arena.dropOldest(1 / 8);
      body.vocabulary.sweep(body.arena.usedIds(firstWord + body.vocabulary.size));
      body.read = documentReader(body.vocabulary);
      tokens = read();
    }
    body.arena.add(key, syntax.family, weight, tokens);
  }

  const model: WorkspaceModel = {
    addFile: (file, languageId, text) => add(file, languageId, text, 1, true),
    updateFile: (file, languageId, text) => add(file, languageId, text, 1, true),
    removeFile: (file) => body.arena.remove(file),
    addKept(text, languageId, weight) {
      if (!(weight > 0) || text.trim() === '') return;
      add(`\u0000kept ${kept % mostKept}`, languageId, text.slice(-20_000), Math.min(weight, 20), false);
      kept++;
    },
    clear() {
      body = emptyBody();
      kept = 0;
    },
    stats: () => ({
      files: body.arena.files,
      tokens: body.arena.tokens,
      bytes: body.arena.bytes + body.vocabulary.bytes,
      building: false,
    }),
    predict(query) {
      try {
        return query.count < 1 ? [] : choose(pathsIn(body, query), query.count);
      } catch (error) {
        log.error(`workspace model: prediction failed (${error instanceof Error ? error.name : 'unknown'})`);
        return [];
      }
    },
    paths: (query) => pathsIn(body, query),
    languageModel: workspaceLanguageModel((query) => model.predict(query)),
  };
  return model;
}

function pathsIn(body: Body, query: PredictQuery): Path[] {
  const view = body.read(query);
  if (view.place === null) return [];
  const family = syntaxOf(query.languageId).family;
  const folder = query.file.slice(0, query.file.lastIndexOf('/') + 1);
  const near = (segment: Segment): number =>
    segment.key === query.file && query.file !== ''
      ? 0
      : segment.weight *
        (segment.family === family ? 1 : otherFamily) *
        (folder !== '' && segment.key.startsWith(folder) ? sameFolder : 1);
  const sources: Source[] = [
    { arena: view.before, weigh: () => choice.currentFile },
    { arena: view.after, weigh: () => choice.currentFile },
    { arena: body.arena, weigh: near },
  ];
  return beamSearch(view.place, sources, body.vocabulary);
}

export const choice = {
  /** What a wrong offer costs, in characters: reading it, and dismissing it. */
  wrongCost: 3,
  /** An offer that ends where the line does is worth this much more: nothing is left to type. */
  wholeLine: 0.5,
  /** An offer that stops inside a bracket it opened is worth this much of its length. */
  unclosed: 0.8,
  /** One occurrence in the current file is worth this many elsewhere. */
  currentFile: 4,
};
const leastProbability = 0.05;

/** The cut of each way on that is expected to save most, best first. */
function choose(paths: readonly Path[], count: number): Prediction[] {
  const scored = paths
    .map((path) => {
      const probability = calibrated(path);
      const worth =
        path.text.trim().length *
        (1 + choice.wholeLine * path.lineEnd) *
        (path.open > 0 && path.lineEnd < 0.5 ? choice.unclosed : 1);
      return { text: path.text, probability, value: probability * worth - (1 - probability) * choice.wrongCost };
    })
    .filter((prediction) => prediction.probability >= leastProbability)
    .sort((a, b) => b.value - a.value || b.probability - a.probability || (a.text < b.text ? -1 : 1));
  const chosen: Prediction[] = [];
  for (const { text, probability } of scored) {
    // A shorter or longer cut of one already chosen adds nothing.
    if (chosen.some((other) => other.text.startsWith(text) || text.startsWith(other.text))) continue;
    chosen.push({ text, probability });
    if (chosen.length >= count) break;
  }
  return chosen;
}
