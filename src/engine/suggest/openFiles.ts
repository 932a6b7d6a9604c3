/** Whole blocks of other open files that the code at hand is about. */
import type { MirrorDocument } from '../workspace/documents.ts';
import { isImportLine, sameFamily } from './language.ts';
import { toLf } from './place.ts';

export interface Snippet {
  readonly file: string;
  readonly languageId: string;
  readonly text: string;
  /** Share of the names at hand that the block holds, plus one for a file that is imported here. */
  readonly score: number;
}

interface Block {
  readonly text: string;
  readonly names: ReadonlySet<string>;
}

const mostFiles = 20;
const mostCharacters = 200_000;
const mostBlockCharacters = 2000;
/** A block must share this much with the place; an import counts as enough on its own with one shared name. */
const leastScore = 0.15;

/** Finds the blocks; remembers how each file was cut until it changes. */
export class OpenFiles {
  readonly #blocks = new Map<string, { readonly version: number; readonly blocks: readonly Block[] }>();

  relevant(
    here: Pick<MirrorDocument, 'uri' | 'languageId' | 'text'>,
    nearby: string,
    documents: readonly MirrorDocument[],
    most: number,
  ): Snippet[] {
    const names = namesIn(nearby);
    const imported = importedNames(here.text);
    const open = new Set(documents.map(({ uri }) => uri));
    for (const uri of this.#blocks.keys()) if (!open.has(uri)) this.#blocks.delete(uri);
    const found: Snippet[] = [];
    const others = documents.filter((other) => other.uri !== here.uri && other.excluded === null);
    for (const other of others.slice(-mostFiles)) {
      if (!sameFamily(other.languageId, here.languageId) || other.text.length > mostCharacters) continue;
      const bonus = imported.has(stem(other.file)) ? 1 : 0;
      for (const block of this.#cut(other)) {
        const shared = overlap(names, block.names);
        if (shared === 0 || shared + bonus < leastScore) continue;
        found.push({ file: other.file, languageId: other.languageId, text: block.text, score: shared + bonus });
      }
    }
    return found.sort((a, b) => b.score - a.score).slice(0, most);
  }

  #cut(document: MirrorDocument): readonly Block[] {
    const known = this.#blocks.get(document.uri);
    if (known?.version === document.version) return known.blocks;
    const blocks = topLevelBlocks(toLf(document.text))
      .filter(
        (text) =>
          text.length <= mostBlockCharacters &&
          text.split('\n').some((line) => line.trim() !== '' && !isImportLine(line)),
      )
      .map((text) => ({ text, names: namesIn(text) }));
    this.#blocks.set(document.uri, { version: document.version, blocks });
    return blocks;
  }
}

/** Cuts where a line begins at column 0 after a blank one: definitions with their comments and bodies. */
export function topLevelBlocks(text: string): string[] {
  const blocks: string[] = [];
  let current: string[] = [];
  let blank = false;
  for (const line of text.split('\n')) {
    const empty = line.trim() === '';
    if (blank && !empty && /^[^\s)\]}]/.test(line) && current.length > 0) {
      blocks.push(current.join('\n').trimEnd());
      current = [];
    }
    blank = empty;
    if (!empty || current.length > 0) current.push(line);
  }
  if (current.length > 0) blocks.push(current.join('\n').trimEnd());
  return blocks;
}

const everyday = new Set(
  'const let var function return import export from type interface class extends readonly string number boolean void null undefined true false this self def for while if else new async await public private static and not None True False import'.split(
    ' ',
  ),
);

/** Identifiers of three characters and more, without the language's own words. */
export function namesIn(text: string): ReadonlySet<string> {
  return new Set((text.match(/[\p{L}_$][\p{L}\p{N}_$]{2,}/gu) ?? []).filter((name) => !everyday.has(name)));
}

function overlap(names: ReadonlySet<string>, block: ReadonlySet<string>): number {
  if (names.size === 0 || block.size === 0) return 0;
  const [few, many] = names.size < block.size ? [names, block] : [block, names];
  let shared = 0;
  for (const name of few) if (many.has(name)) shared += 1;
  return shared / Math.sqrt(names.size * block.size);
}

/** Last path segments of what the file imports, without extension. */
function importedNames(text: string): ReadonlySet<string> {
  const found = new Set<string>();
  for (const line of text.slice(0, 20_000).split('\n')) {
    if (!isImportLine(line) && !/^\s*}?\s*from\s/.test(line)) continue;
    for (const path of line.match(/[\w@./:-]+/g) ?? []) found.add(stem(path.replaceAll('::', '/')));
  }
  return found;
}

/** `./lib/user.ts`, `lib/user` and `app.models.user` all name `user`. */
function stem(path: string): string {
  const name = path
    .slice(path.lastIndexOf('/') + 1)
    .replace(/\.([cm]?[jt]sx?|py|rb|go|rs|java|kt|cs|hpp|h|vue|svelte|lua|php)$/, '');
  return name.slice(name.lastIndexOf('.') + 1);
}
