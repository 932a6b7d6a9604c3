import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

/** A function somebody wrote, printed in one plain form: no comments, four spaces, one statement a line. */
export interface CorpusFunction {
  readonly name: string;
  readonly text: string;
  /** Package and path inside it. */
  readonly file: string;
  readonly language: 'typescript' | 'javascript';
}

export interface Corpus {
  readonly functions: readonly CorpusFunction[];
  /** Where they are from; one line a package. */
  readonly sources: readonly CorpusSource[];
  /** SHA-256 of all texts: figures of two corpora can't be compared. */
  readonly fingerprint: string;
}
export interface CorpusSource {
  readonly package: string;
  readonly version: string;
  readonly license: string;
  readonly functions: number;
}

/**
 * Readable sources that `npm ci` installs (package-lock.json pins them), under permissive licences: read where they are, never
 * copied into this repository. Real identifiers and lengths matter: on generated toys any embedding looks good.
 */
const readFrom: readonly { readonly name: string; readonly folders: readonly string[] }[] = [
  { name: '@azure/msal-browser', folders: ['src'] },
  { name: '@azure/msal-common', folders: ['src'] },
  { name: '@azure/msal-node', folders: ['src'] },
  { name: 'dependency-cruiser', folders: ['src'] },
  { name: 'diff', folders: ['libesm'] },
  { name: 'enhanced-resolve', folders: ['lib'] },
  { name: 'gpt-tokenizer', folders: ['src'] },
  { name: 'jszip', folders: ['lib'] },
  { name: 'mocha', folders: ['lib'] },
  { name: 'ollama', folders: ['src'] },
  { name: 'openai', folders: ['src'] },
  { name: 'parse5', folders: ['dist'] },
  { name: 'protobufjs', folders: ['src'] },
  { name: 'tapable', folders: ['lib'] },
  { name: 'workerpool', folders: ['src'] },
];

const statements = { least: 4, most: 14 } as const;
const lines = { least: 6, most: 40 } as const;
/** Longer lines are data or generated. */
const longestLine = 160;
/** So that a run of 1 200 decisions sees no function twice, nearly. */
const fewestFunctions = 1000;

const installed = fileURLToPath(new URL('../../../node_modules', import.meta.url));

/**
 * Functions of 4 to 14 statements from installed packages, always in the same order.
 * @throws when the packages are not there: `npm ci` brings them.
 */
export function readCorpus(folder = installed): Corpus {
  const seen = new Set<string>();
  const functions: CorpusFunction[] = [];
  const sources: CorpusSource[] = [];
  for (const { name, folders } of readFrom) {
    const home = join(folder, name);
    if (!existsSync(join(home, 'package.json'))) continue;
    const before = functions.length;
    for (const path of folders.flatMap((inside) => sourcePaths(home, inside))) {
      for (const found of functionsOf(readFileSync(join(home, path), 'utf8'), `${name}/${path}`)) {
        // The same helper is in several packages, and in several builds of one.
        if (seen.has(found.text)) continue;
        seen.add(found.text);
        functions.push(found);
      }
    }
    const { version, license } = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8'));
    sources.push({
      package: name,
      version: String(version),
      license: String(license),
      functions: functions.length - before,
    });
  }
  if (functions.length < fewestFunctions) {
    throw new Error(
      `The simulated developer needs ${fewestFunctions} functions from installed packages; ${folder} has ${functions.length}. ` +
        'Run “npm ci” in the project’s folder (with development dependencies).',
    );
  }
  const hash = createHash('sha256');
  for (const { text } of functions) hash.update(text).update('\0');
  return { functions, sources, fingerprint: hash.digest('hex') };
}

/** Paths inside `home`, with slashes, sorted: the order of a folder's entries differs between file systems. */
function sourcePaths(home: string, inside: string): string[] {
  const found: string[] = [];
  const visit = (relative: string): void => {
    for (const entry of readdirSync(join(home, relative), { withFileTypes: true })) {
      const path = relative === '.' ? entry.name : `${relative}/${entry.name}`;
      if (entry.isDirectory()) {
        if (entry.name !== 'node_modules' && entry.name !== 'test') visit(path);
      } else if (/\.(ts|js|mjs)$/.test(entry.name) && !/\.d\.ts$|\.min\.js$/.test(entry.name)) found.push(path);
    }
  };
  if (existsSync(join(home, inside))) visit(inside);
  return found.sort();
}

const printer = ts.createPrinter({ removeComments: true, newLine: ts.NewLineKind.LineFeed });

function functionsOf(source: string, file: string): CorpusFunction[] {
  const language = file.endsWith('.ts') ? 'typescript' : 'javascript';
  const parsed = ts.createSourceFile(file, source, ts.ScriptTarget.Latest, true);
  const found: CorpusFunction[] = [];
  const visit = (node: ts.Node): void => {
    const declared = asDeclaration(node);
    if (declared?.name && declared.body) {
      const text = printer.printNode(ts.EmitHint.Unspecified, declared, parsed);
      const count = text.split('\n').length;
      const fits = count >= lines.least && count <= lines.most && !text.split('\n').some((l) => l.length > longestLine);
      if (fits && !/\bsuper\b|[.\s]#[a-z]/i.test(text)) found.push({ name: declared.name.text, text, file, language });
    }
    ts.forEachChild(node, visit);
  };
  visit(parsed);
  return found;
}

/** A function declaration of the right size; a method becomes a function that says `this`. */
function asDeclaration(node: ts.Node): ts.FunctionDeclaration | undefined {
  if (!ts.isFunctionDeclaration(node) && !ts.isMethodDeclaration(node)) return undefined;
  if (!node.body || !node.name || !ts.isIdentifier(node.name)) return undefined;
  // A method may be called `delete`; a function may not.
  if (node.name.text === '' || ts.identifierToKeywordKind(node.name) !== undefined) return undefined;
  const count = statementsIn(node.body);
  if (count < statements.least || count > statements.most) return undefined;
  const { factory } = ts;
  const async = node.modifiers?.some((modifier) => modifier.kind === ts.SyntaxKind.AsyncKeyword);
  return factory.createFunctionDeclaration(
    async ? [factory.createModifier(ts.SyntaxKind.AsyncKeyword)] : undefined,
    node.asteriskToken,
    node.name,
    node.typeParameters,
    node.parameters,
    node.type,
    node.body,
  );
}

function statementsIn(body: ts.Node): number {
  let count = 0;
  const visit = (node: ts.Node): void => {
    if (ts.isStatement(node) && !ts.isBlock(node)) count += 1;
    ts.forEachChild(node, visit);
  };
  ts.forEachChild(body, visit);
  return count;
}
