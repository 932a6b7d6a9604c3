import type { WorkspaceFolder } from '../../protocol/rpc.ts';

/** Where a path lies: in which folder, and its `/`-separated path inside it (`''`: the folder itself). */
export interface Place {
  readonly folder: WorkspaceFolder;
  readonly file: string;
}

const windows = /^(?:[A-Za-z]:[\\/]|\\\\)/;

/** Absolute path in one spelling: `/` between segments, no `.`, `..`, doubled or trailing slashes; drive letter in lower case. */
export function normalizePath(path: string): string {
  const isWindows = windows.test(path);
  const slashed = isWindows ? path.replaceAll('\\', '/') : path;
  const lead = slashed.startsWith('//') && isWindows ? '//' : slashed.startsWith('/') ? '/' : '';
  const kept: string[] = [];
  for (const segment of slashed.split('/')) {
    if (segment === '' || segment === '.') continue;
    if (segment === '..') kept.pop();
    else kept.push(segment);
  }
  if (isWindows && lead === '' && kept[0]) kept[0] = kept[0].toLowerCase();
  return lead + kept.join('/');
}

/** The part of `path` below `folder`, both normalised; null when it lies elsewhere. Windows paths compare without case. */
export function pathBelow(folder: string, path: string): string | null {
  const fold = /^(?:[a-z]:|\/\/)/.test(folder);
  const [a, b] = fold ? [folder.toLowerCase(), path.toLowerCase()] : [folder, path];
  if (a === b) return '';
  const root = a.endsWith('/') ? a : a + '/';
  return b.startsWith(root) ? path.slice(root.length) : null;
}

/** The innermost folder that holds `absolutePath`; null when none does. */
export function placeOf(folders: readonly WorkspaceFolder[], absolutePath: string): Place | null {
  const path = normalizePath(absolutePath);
  let best: Place | null = null;
  for (const folder of folders) {
    const file = pathBelow(normalizePath(folder.path), path);
    if (file !== null && (best === null || file.length < best.file.length)) best = { folder, file };
  }
  return best;
}
