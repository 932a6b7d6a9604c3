/** Writes what the memory has to teach into a folder, for trainers elsewhere. */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Clock, Ids } from '../../clock.ts';
import type { StoreFiles, WritableFile } from '../../memory/files.ts';
import type { Store } from '../../memory/store.ts';
import { diskError, errorCode, StoreError } from '../../memory/storeError.ts';
import { labelVersion, ratingsIn } from '../reward/judgements.ts';
import { raterShifts } from '../reward/raters.ts';
import { cardMark, dataSetCard } from './dataSetCard.ts';
import { type LeftOut, type PromptOf, rowsOf } from './rows.ts';

const names = { kto: 'kto.jsonl', dpo: 'dpo.jsonl', prompts: 'prompts.jsonl', card: 'README.md' } as const;
type Name = keyof typeof names;

/** Longest time in one go: suggestions are asked for meanwhile. */
const sliceMs = 8;
const chunkCharacters = 1024 * 1024;
const doing = 'Exporting the training data';

export interface Exported {
  /** Lines of each file. */
  readonly kto: number;
  readonly dpo: number;
  readonly prompts: number;
  readonly bytes: number;
}

export interface ExportOptions {
  readonly store: Pick<Store, 'entries' | 'get'>;
  readonly promptOf: PromptOf;
  readonly files: StoreFiles;
  readonly ids: Ids;
  readonly clock: Clock;
}

/**
 * Into `folder`, which exists: three data sets and their card. What is there of an earlier export stays until all of the new is on
 * the disk. Rejects with a StoreError, also where the folder holds files of these names that are not ours.
 */
export async function exportTrainingData(folder: string, options: ExportOptions): Promise<Exported> {
  const { files, ids } = options;
  const draftOf = (name: Name): string => join(folder, `${names[name]}.${ids()}.tmp`);
  const drafts: Readonly<Record<Name, string>> = {
    kto: draftOf('kto'),
    dpo: draftOf('dpo'),
    prompts: draftOf('prompts'),
    card: draftOf('card'),
  };
  try {
    await mayWriteInto(folder, files);
    const exported = await writeAll(drafts, options);
    for (const name of Object.keys(names) as Name[]) await files.rename(drafts[name], join(folder, names[name]));
    await files.syncFolder(folder).catch(() => {});
    return exported;
  } catch (error) {
    for (const draft of Object.values(drafts)) await files.remove(draft).catch(() => false);
    throw diskError(doing, error);
  }
}

async function mayWriteInto(folder: string, files: StoreFiles): Promise<void> {
  if ((await files.stat(folder)) === null) {
    throw new StoreError('disk', 'The folder for the training data does not exist. Make it, or choose another one.');
  }
  let present: string[];
  try {
    present = await files.list(folder);
  } catch (error) {
    if (errorCode(error) !== 'ENOTDIR') throw error;
    throw new StoreError('disk', 'The training data needs a folder, and this is a file. Choose a folder.');
  }
  const taken = Object.values(names).find((name) => present.includes(name));
  if (taken === undefined) return;
  const card = await files.read(join(folder, names.card), 0, 4096);
  if (card?.includes(cardMark)) return;
  throw new StoreError('disk', `The folder holds a ${taken} that Attune did not write. Choose an empty folder.`);
}

async function writeAll(drafts: Readonly<Record<Name, string>>, options: ExportOptions): Promise<Exported> {
  const { store, promptOf, files, clock } = options;
  const pause = pacer();
  const known: string[] = [];
  const ratings = [];
  for (const entry of store.entries()) {
    known.push(entry.episode.id);
    ratings.push(...ratingsIn(entry));
    await pause();
  }
  const shifts = raterShifts(ratings);

  const leftOut = new Map<LeftOut, number>();
  const seen = new Set<string>();
  const kto = { desirable: 0, undesirable: 0 };
  const counts = { dpo: 0, prompts: 0, samePrompts: 0, masked: 0, episodes: 0 };
  const open: JsonLines[] = [];
  try {
    for (const name of ['kto', 'dpo', 'prompts'] as const) open.push(await JsonLines.create(files, drafts[name]));
    const [ktoLines, dpoLines, promptLines] = open as [JsonLines, JsonLines, JsonLines];
    for (const id of known.reverse()) {
      await pause();
      const entry = store.get(id);
      // Deleted meanwhile.
      if (entry === null) continue;
      counts.episodes += 1;
      const rows = rowsOf(entry, shifts, promptOf);
      for (const reason of rows.leftOut) leftOut.set(reason, (leftOut.get(reason) ?? 0) + 1);
      counts.masked += rows.masked;
      for (const row of rows.kto) {
        kto[row.label ? 'desirable' : 'undesirable'] += 1;
        await ktoLines.write(jsonLine(row, 'score'));
      }
      for (const row of rows.dpo) {
        counts.dpo += 1;
        await dpoLines.write(jsonLine(row, 'margin'));
      }
      if (rows.prompt === null) continue;
      // Typing asks the same again and again; sampled once too often, a prompt counts too much.
      const key = createHash('sha256').update(JSON.stringify(rows.prompt.prompt)).digest('base64');
      if (seen.has(key)) counts.samePrompts += 1;
      else {
        seen.add(key);
        counts.prompts += 1;
        await promptLines.write(jsonLine(rows.prompt));
      }
    }
    for (const lines of open) await lines.finish();
  } finally {
    for (const lines of open) await lines.close();
  }
  const card = await JsonLines.create(files, drafts.card);
  try {
    await card.write(dataSetCard({ at: clock.now(), labelVersion, kto, leftOut, ...counts }));
    await card.finish();
  } finally {
    await card.close();
  }
  const bytes = [...open, card].reduce((sum, lines) => sum + lines.bytes, 0);
  return { kto: kto.desirable + kto.undesirable, dpo: counts.dpo, prompts: counts.prompts, bytes };
}

/**
 * `share`: a number between 0 and 1, that comes last and has a point. `datasets` guesses the type of a column by the first ten
 * megabytes: where those hold 0 and 1 only, it would take it for whole and fail at the first 0.55.
 */
function jsonLine<R extends object>(row: R, share?: keyof R & string): string {
  if (share === undefined) return `${JSON.stringify(row)}\n`;
  const value = row[share] as number;
  const others = JSON.stringify({ ...row, [share]: undefined });
  return `${others.slice(0, -1)},${JSON.stringify(share)}:${Number.isInteger(value) ? value.toFixed(1) : value}}\n`;
}

/** Lets everything else happen whenever `sliceMs` have passed. */
function pacer(): () => Promise<void> {
  let since = performance.now();
  return async () => {
    if (performance.now() - since < sliceMs) return;
    await nextTurn();
    since = performance.now();
  };
}

/** A file that grows by chunks. */
class JsonLines {
  bytes = 0;
  readonly #file: WritableFile;
  #waiting: string[] = [];
  #length = 0;

  constructor(file: WritableFile) {
    this.#file = file;
  }

  static async create(files: StoreFiles, path: string): Promise<JsonLines> {
    return new JsonLines(await files.create(path));
  }

  async write(text: string): Promise<void> {
    this.#waiting.push(text);
    this.#length += text.length;
    if (this.#length >= chunkCharacters) await this.#drain();
  }

  /** Returns when all is on the disk. */
  async finish(): Promise<void> {
    await this.#drain();
    await this.#file.sync();
  }

  close(): Promise<void> {
    return this.#file.close();
  }

  async #drain(): Promise<void> {
    const chunk = Buffer.from(this.#waiting.join(''));
    this.#waiting = [];
    this.#length = 0;
    await this.#file.write(chunk, this.bytes);
    this.bytes += chunk.length;
  }
}
