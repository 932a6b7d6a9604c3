import { readFileSync, realpathSync, statSync } from 'node:fs';
import ignore, { type Ignore } from 'ignore';
import type { WorkspaceFolder } from '../../protocol/rpc.ts';
import { normalizePath, pathBelow, placeOf } from './paths.ts';
import { offLimits } from './sensitive.ts';

/** Decides what may be read, stored or sent. Answers are kept until `invalidate`. */
export interface IgnoreRules {
  /** Why a path may not be read, stored or sent; null: it may. A trailing `/` asks about a folder. */
  excluded(absolutePath: string): string | null;
  /** Forget what was read: one .gitignore (or anything else that was saved; others cost nothing), or everything. */
  invalidate(path?: string): void;
}

const outside = 'outside the workspace';
const maxCached = 50_000;
const ignoreFile = /(?:^|[\\/])(?:\.gitignore|info[\\/]exclude)$/;

/** Patterns of one file, and the folder (absolute, normalised) they are relative to. */
interface RuleFile {
  readonly folder: string;
  readonly rules: Ignore;
}

/**
 * Rules from every .gitignore between the repository's root and the path, `.git/info/exclude`, `attune.exclude`
 * (`exclude`, .gitignore syntax, relative to each folder) and the built-in deny list, which nothing can lift.
 * Symbolic links that lead out of every folder, or to something excluded, are excluded.
 */
export function ignoreRules(options: {
  readonly folders: readonly WorkspaceFolder[];
  readonly exclude: readonly string[];
}): IgnoreRules {
  const folders = options.folders.map((folder) => ({ ...folder, path: normalizePath(folder.path) }));
  const settings = ignore({ ignorecase: true }).add(options.exclude.filter((pattern) => typeof pattern === 'string'));
  let answers = new Map<string, string | null>();
  let ruleFiles = new Map<string, RuleFile | null>();
  let roots = new Map<string, readonly string[]>();
  let realFolders = folders.map((folder) => ({ path: real(folder.path), name: folder.name }));

  function rulesIn(folder: string, path: string): RuleFile | null {
    const known = ruleFiles.get(path);
    if (known !== undefined) return known;
    const text = readText(path);
    const found = text === null ? null : { folder, rules: parse(text) };
    ruleFiles.set(path, found);
    return found;
  }

  /** Folders whose .gitignore counts for `folder`: from the repository's root down to it, root first. */
  function chainTo(folder: string): readonly string[] {
    const known = roots.get(folder);
    if (known) return known;
    const above: string[] = [];
    let chain: readonly string[] = [folder];
    for (let at = folder; ; ) {
      if (exists(at + '/.git')) {
        chain = [...above, at].sort((a, b) => a.length - b.length);
        break;
      }
      above.push(at);
      const parent = parentOf(at);
      if (parent === null) break;
      at = parent;
    }
    // A workspace opened inside an ignored folder is wanted: only the rules in it count then.
    if (chain.length > 1 && ignoredByGit(chain[0]!, folder + '/', chain)) chain = [folder];
    roots.set(folder, chain);
    return chain;
  }

  /** `path` lies below `root`; every folder on the way is tested, since git never looks into an ignored one. */
  function ignoredByGit(root: string, path: string, extra: readonly string[]): boolean {
    const below = pathBelow(root, path.endsWith('/') ? path.slice(0, -1) : path);
    if (below === null || below === '') return false;
    const segments = below.split('/');
    const chain: RuleFile[] = [];
    const add = (found: RuleFile | null) => found && chain.push(found);
    const common = gitFolder(root);
    if (common !== null) add(rulesIn(root, common + '/info/exclude'));
    add(rulesIn(root, root + '/.gitignore'));
    let at = root;
    for (const [i, segment] of segments.entries()) {
      const isFolder = i < segments.length - 1 || path.endsWith('/');
      at += (at.endsWith('/') ? '' : '/') + segment;
      if (decide(chain, at + (isFolder ? '/' : ''))) return true;
      if (isFolder && (i < segments.length - 1 || extra.length > 0)) add(rulesIn(at, at + '/.gitignore'));
    }
    return false;
  }

  function judge(path: string, isFolder: boolean): string | null {
    const place = placeOf(folders, path);
    if (place === null) return outside;
    if (place.file === '') return null;
    const file = place.file + (isFolder ? '/' : '');
    const byName = offLimits(file);
    if (byName !== null) return byName;
    if (options.exclude.length > 0 && settings.ignores(file)) return 'the setting attune.exclude';
    const root = chainTo(place.folder.path)[0]!;
    if (ignoredByGit(root, path + (isFolder ? '/' : ''), [])) return '.gitignore';
    const target = real(path);
    if (target === path) return null;
    const landed = placeOf(realFolders, target);
    if (landed === null) return 'a symbolic link that leads outside the workspace';
    if (landed.file === place.file) return null;
    // The link leads elsewhere inside: what is excluded there is excluded here.
    const home = folders[realFolders.indexOf(landed.folder as (typeof realFolders)[number])];
    return home ? rules.excluded(`${home.path}/${landed.file}${isFolder ? '/' : ''}`) : outside;
  }

  const rules: IgnoreRules = {
    excluded(absolutePath) {
      if (absolutePath === '') return outside;
      const isFolder = /[\\/]$/.test(absolutePath);
      const path = normalizePath(absolutePath);
      const key = isFolder ? path + '/' : path;
      let answer = answers.get(key);
      if (answer === undefined) {
        answer = judge(path, isFolder);
        if (answers.size >= maxCached) answers.clear();
        answers.set(key, answer);
      }
      return answer;
    },
    invalidate(path) {
      if (path !== undefined && !ignoreFile.test(path)) return;
      answers = new Map();
      ruleFiles = new Map();
      roots = new Map();
      realFolders = folders.map((folder) => ({ path: real(folder.path), name: folder.name }));
    },
  };
  return rules;
}

/** The deepest file with an opinion decides. */
function decide(chain: readonly RuleFile[], path: string): boolean {
  for (let i = chain.length - 1; i >= 0; i--) {
    const { folder, rules } = chain[i]!;
    const below = path.slice(folder.endsWith('/') ? folder.length : folder.length + 1);
    if (!ignore.isPathValid(below)) continue;
    const result = rules.test(below);
    if (result.ignored) return true;
    if (result.unignored) return false;
  }
  return false;
}

function parse(text: string): Ignore {
  // git folds case where the file system does.
  const fresh = ignore({ ignorecase: process.platform === 'win32' || process.platform === 'darwin' });
  for (const line of text.split(/\r?\n/)) {
    try {
      fresh.add(line);
    } catch {
      // A pattern that is no valid expression ignores nothing, as in git.
    }
  }
  return fresh;
}

/** Where `info/exclude` of the repository at `root` is; follows the pointer file of a worktree or submodule. */
function gitFolder(root: string): string | null {
  const git = root + '/.git';
  const info = statSync(git, { throwIfNoEntry: false });
  if (!info) return null;
  if (info.isDirectory()) return git;
  const pointer = /^gitdir:\s*(.+?)\s*$/m.exec(readText(git) ?? '')?.[1];
  if (pointer === undefined) return null;
  const folder = normalizePath(/^(?:\/|[A-Za-z]:)/.test(pointer) ? pointer : `${root}/${pointer}`);
  const common = readText(folder + '/commondir')?.trim();
  if (common === undefined || common === '') return folder;
  return normalizePath(/^(?:\/|[A-Za-z]:)/.test(common) ? common : `${folder}/${common}`);
}

function parentOf(path: string): string | null {
  const slash = path.lastIndexOf('/');
  if (slash < 0 || path === '/') return null;
  return slash === 0 ? '/' : path.slice(0, slash);
}

function exists(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch {
    return false;
  }
}

function readText(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}

/** The path with links resolved; of what doesn't exist yet, the part that does. */
function real(path: string): string {
  for (let at: string | null = path; at !== null; at = parentOf(at)) {
    try {
      const found = normalizePath(realpathSync.native(at));
      return at === path ? found : normalizePath(found + path.slice(at === '/' ? 0 : at.length));
    } catch {
      // Not there: try the folder above.
    }
  }
  return path;
}
