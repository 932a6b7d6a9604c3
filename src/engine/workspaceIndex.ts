import type { WorkspaceFolder } from '../protocol/rpc.ts';
import type { Clock, Log } from './clock.ts';
import { preference } from './feedback/reward.ts';
import { keptText } from './memory/kept.ts';
import type { Store, StoredEpisode } from './memory/store.ts';
import type { WorkspaceModel } from './models/workspace/model.ts';
import type { MirrorDocument } from './workspace/documents.ts';
import { sourceFiles } from './workspace/files.ts';
import type { IgnoreRules } from './workspace/ignore.ts';
import { redactSecrets } from './workspace/redact.ts';

/** Most files one build reads; the model's own byte cap usually ends it earlier. */
const maxFiles = 10_000;
const maxFileBytes = 512 * 1024;

export interface BuildResult {
  readonly files: number;
  readonly tokens: number;
  readonly ms: number;
}

export interface BuildOptions {
  readonly folders: readonly WorkspaceFolder[];
  readonly rules: IgnoreRules;
  readonly onProgress: (files: number) => void;
}

/** Keeps the workspace model fed: all files once, each file when saved, each edit the developer kept. */
export class WorkspaceIndex {
  readonly #model: WorkspaceModel;
  readonly #store: Pick<Store, 'entries'>;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #kept = new Set<string>();
  readonly #texts = new Set<string>();
  /** Builds asked for and not ended. */
  #underWay = 0;
  #last: Promise<unknown> = Promise.resolve();

  constructor(deps: { model: WorkspaceModel; store: Pick<Store, 'entries'>; clock: Clock; log: Log }) {
    this.#model = deps.model;
    this.#store = deps.store;
    this.#clock = deps.clock;
    this.#log = deps.log;
  }

  get building(): boolean {
    return this.#underWay > 0;
  }

  /**
   * Reads the workspace from the disk into an emptied model. Stops early, with what it has, when `signal` fires. One build
   * waits for the end of the one before, so that an aborted one can't add files that the new rules exclude.
   */
  build(options: BuildOptions, signal: AbortSignal): Promise<BuildResult> {
    this.#underWay += 1;
    const built = this.#last
      .then(() => this.#read(options, signal))
      .finally(() => {
        this.#underWay -= 1;
      });
    this.#last = built.catch(() => {});
    return built;
  }

  async #read(options: BuildOptions, signal: AbortSignal): Promise<BuildResult> {
    const start = this.#clock.now();
    this.#model.clear();
    this.#kept.clear();
    this.#texts.clear();
    let files = 0;
    for await (const source of sourceFiles({ ...options, maxFiles, maxFileBytes, signal })) {
      if (signal.aborted) break;
      this.#model.addFile(source.file, source.languageId, redactSecrets(source.text).text);
      files += 1;
      if (files % 50 === 0) options.onProgress(files);
    }
    for (const entry of this.#store.entries()) this.learn(entry);
    const { tokens } = this.#model.stats();
    const ms = this.#clock.now() - start;
    this.#log.info(`workspace model: ${files} files, ${tokens} tokens in ${Math.round(ms)} ms`);
    return { files, tokens, ms };
  }

  saved(document: Pick<MirrorDocument, 'file' | 'languageId' | 'text' | 'excluded'>): void {
    if (document.excluded === null && document.file !== '' && document.text.length <= maxFileBytes) {
      this.#model.updateFile(document.file, document.languageId, redactSecrets(document.text).text);
    }
  }

  /**
   * Adds what the developer kept, each text once: the edit, the beginning of its line and the line before. More of what stood
   * around is in the file anyway, and would count again with every edit there.
   */
  learn(entry: StoredEpisode): void {
    const { episode } = entry;
    // Where a change was repeated, the change itself was learnt and the file is read when it is saved.
    if (this.#kept.has(episode.id) || entry.forbidden || episode.offered === null || episode.kind === 'nextEdit')
      return;
    const liked = preference(entry);
    if (liked === null || liked <= 0) return;
    const text = keptText(entry);
    if (text === null || text.trim() === '') return;
    this.#kept.add(episode.id);
    const kept = leadOf(episode.prefix) + text;
    const key = kept.replace(/\s+/g, '');
    if (this.#texts.has(key)) return;
    this.#texts.add(key);
    this.#model.addKept(kept, episode.languageId, liked);
  }
}

/** The line before, and the beginning of the edit's own. */
function leadOf(prefix: string): string {
  const own = prefix.lastIndexOf('\n') + 1;
  return prefix.slice(own === 0 ? 0 : prefix.lastIndexOf('\n', own - 2) + 1);
}
