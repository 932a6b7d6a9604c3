import { lstat, readdir, readFile } from 'node:fs/promises';
import type { WorkspaceFolder } from '../../protocol/rpc.ts';
import type { IgnoreRules } from './ignore.ts';
import { languageOf } from './language.ts';
import { normalizePath } from './paths.ts';

/** A file that may be learnt from. */
export interface SourceFile {
  readonly absolutePath: string;
  /** Path inside its workspace folder, with `/`. */
  readonly file: string;
  readonly languageId: string;
  readonly text: string;
}

/** Files above this size are data or generated more often than not. */
export const defaultMaxFileBytes = 512 * 1024;

/**
 * Every source file of the folders that the rules allow, breadth first and by name (so a bound keeps the same files each
 * time). Reads one file at a time; the event loop runs between any two. Links are not followed. Ends quietly when
 * `signal` fires. Folders and files that can't be read are passed over.
 */
export async function* sourceFiles(options: {
  readonly folders: readonly WorkspaceFolder[];
  readonly rules: IgnoreRules;
  readonly maxFiles: number;
  readonly maxFileBytes?: number;
  readonly signal?: AbortSignal;
}): AsyncGenerator<SourceFile, void, void> {
  const { rules, maxFiles, maxFileBytes = defaultMaxFileBytes, signal } = options;
  rules.invalidate();
  const seen = new Set<string>();
  let found = 0;
  for (const folder of options.folders) {
    const root = normalizePath(folder.path);
    const queue: string[] = [''];
    for (let next = 0; next < queue.length; next++) {
      const below = queue[next]!;
      if (signal?.aborted) return;
      const entries = await readdir(`${root}/${below}`, { withFileTypes: true }).catch(() => []);
      entries.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
      for (const entry of entries) {
        if (signal?.aborted || found >= maxFiles) return;
        const file = below === '' ? entry.name : `${below}/${entry.name}`;
        const absolutePath = `${root}/${file}`;
        if (entry.isDirectory()) {
          if (rules.excluded(absolutePath + '/') === null) queue.push(file);
          continue;
        }
        const languageId = entry.isFile() ? languageOf(entry.name) : null;
        if (languageId === null || seen.has(absolutePath) || rules.excluded(absolutePath) !== null) continue;
        seen.add(absolutePath);
        const text = await readSource(absolutePath, maxFileBytes);
        if (text === null) continue;
        found++;
        yield { absolutePath, file, languageId, text };
      }
    }
  }
}

/** Text of one file; null when it is too large, not UTF-8, binary, minified or generated, or can't be read. */
export async function readSource(
  absolutePath: string,
  maxFileBytes: number = defaultMaxFileBytes,
): Promise<string | null> {
  try {
    const info = await lstat(absolutePath);
    if (!info.isFile() || info.size > maxFileBytes) return null;
    const bytes = await readFile(absolutePath);
    if (bytes.length > maxFileBytes || bytes.includes(0)) return null;
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return looksGenerated(text) ? null : text;
  } catch {
    return null;
  }
}

/** Lines far longer than people write, or a header that says a tool wrote it. */
export function looksGenerated(text: string): boolean {
  if (text.length > 4096) {
    let lines = 1;
    for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) lines++;
    if (text.length / lines > 250) return true;
  }
  return /@generated\b|\b(?:auto-?generated|generated (?:by|from|file|code|with)\b)[^\n]{0,200}\bdo not (?:edit|modify|change)\b|\bdo not (?:edit|modify|change)\b[^\n]{0,200}\bgenerated\b/i.test(
    text.slice(0, 1000),
  );
}
