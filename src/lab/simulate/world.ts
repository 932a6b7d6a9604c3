/** Where the simulated developer works: places in real code, and what may be offered at each. */
import ts from 'typescript';
import { changedLines } from '../../engine/learn/selector/decisionReward.ts';
import { seeded } from '../../tensor/random.ts';
import type { Corpus, CorpusFunction } from './corpus.ts';
import { withStatements } from './restyle.ts';
import { type Attribute, attributes, bit, inStyle, parseFunction, printed, type Style, type Styled } from './styles.ts';

/** Which part of a project a file belongs to; some tastes hold in one of them only. */
export type FileKind = 'source' | 'test' | 'script';
const fileKinds: readonly FileKind[] = ['source', 'test', 'script'];

/** One function to finish: a statement of it is missing. */
export interface Place {
  readonly name: string;
  /** As if it were in the developer's project; all functions of one original file are in one file here. */
  readonly file: string;
  readonly kind: FileKind;
  readonly language: CorpusFunction['language'];
  readonly before: string;
  readonly instruction: string;
}

export interface Candidate extends Styled {
  readonly style: Style;
  /** Lines that are not in `before`. */
  readonly changedLines: number;
}

/** A candidate, and the chance it was drawn with: the same chance under another influence is what a prompt changes. */
export interface Drawn extends Candidate {
  readonly draws: Draws;
}

export interface World {
  readonly places: number;
  place(index: number): Place;
  /** The same function finished in a style. Mistakes are the same whenever it is asked for. */
  candidate(index: number, style: Style): Candidate;
  /** Different ways to finish it, as a model without any example would; the same for every developer. */
  pool(index: number): readonly Drawn[];
}

/** How often a model that was shown no example writes so; what code in public looks like, roughly. */
export const habits: Readonly<Record<Attribute, number>> = {
  docComment: 0.45,
  restatingComments: 0.45,
  doubleQuotes: 0.45,
  abbreviatedNames: 0.4,
  constDeclarations: 0.6,
  nullGuard: 0.4,
  errorHandling: 0.4,
  logging: 0.4,
  earlyReturn: 0.55,
  intermediateVariables: 0.45,
  arrowFunction: 0.45,
};
export const bugShare = 0.15;

/** A decision offers 5 of these; more would cost time to write and change nothing. */
const poolSize = 8;
/** Of what is there before: as its author wrote it, in plain form. */
const plainStyle = bit('constDeclarations') | bit('earlyReturn');

/** One number from 0 to 1 for each attribute in their order, and one for the bug. */
export type Draws = readonly number[];
export const drawsFrom = (random: () => number): Draws => Array.from({ length: attributes.length + 1 }, () => random());

/** What is written with these draws. `logitOf`: how far a prompt moves the habit of an attribute. */
export function styleOf(draws: Draws, logitOf: (attribute: Attribute) => number = () => 0): Style {
  let style = 0;
  for (const [index, attribute] of attributes.entries()) {
    const habit = habits[attribute];
    const logit = Math.log(habit / (1 - habit)) + logitOf(attribute);
    if (draws[index]! < 1 / (1 + Math.exp(-logit))) style |= bit(attribute);
  }
  return draws[attributes.length]! < bugShare ? style | bit('bug') : style;
}

export function createWorld({ functions }: Corpus): World {
  const places = new Map<number, Place>();
  /** By style, of each place: the same one comes again with other developers. */
  const written = new Map<number, Map<Style, Candidate>>();
  const pools = new Map<number, readonly Drawn[]>();
  const world: World = {
    places: functions.length,
    place(index) {
      const known = places.get(index);
      if (known) return known;
      const place = placeOf(functions[index]!, index);
      places.set(index, place);
      return place;
    },
    candidate(index, style) {
      const here = written.get(index) ?? new Map<Style, Candidate>();
      written.set(index, here);
      const known = here.get(style);
      if (known) return known;
      const styled = inStyle(functions[index]!, style, seeded(index * 7919 + 17));
      const candidate = { ...styled, style, changedLines: changedLines(world.place(index).before, styled.text) };
      here.set(style, candidate);
      return candidate;
    },
    pool(index) {
      const known = pools.get(index);
      if (known) return known;
      const random = seeded(index * 104_729 + 3);
      const byText = new Map<string, Drawn>();
      for (let tries = 0; byText.size < poolSize && tries < 4 * poolSize; tries += 1) {
        const draws = drawsFrom(random);
        const candidate = { ...world.candidate(index, styleOf(draws)), draws };
        if (!byText.has(candidate.text)) byText.set(candidate.text, candidate);
      }
      const pool = [...byText.values()];
      pools.set(index, pool);
      return pool;
    },
  };
  return world;
}

function placeOf(from: CorpusFunction, index: number): Place {
  const random = seeded(index * 31_337 + 5);
  const declaration = parseFunction(from.text, from.language);
  const statements = declaration.body!.statements;
  const removed = missing(statements, random);
  const unfinished = withStatements(
    declaration,
    statements.filter((_, at) => at !== removed),
  );
  const text = printed(unfinished, declaration);
  const kind = fileKinds[hashOf(from.file) % fileKinds.length]!;
  return {
    name: from.name,
    file: pathOf(from.file, kind),
    kind,
    language: from.language,
    before: inStyle({ text, language: from.language }, plainStyle, random).text,
    instruction: `Finish ${from.name}: ${purposeOf(statements[removed])}.`,
  };
}

/** A short one after the first: every candidate brings it in, and it says nothing of anybody's taste. */
function missing(statements: readonly ts.Statement[], random: () => number): number {
  if (statements.length < 2) return -1;
  const rest = statements.map((statement, at) => ({ at, size: statement.getText().length })).slice(1);
  const short = rest.sort((one, other) => one.size - other.size).slice(0, Math.ceil(rest.length / 2));
  return short[Math.floor(random() * short.length)]!.at;
}

/** What the missing statement is for, without saying how to write it. */
function purposeOf(statement: ts.Statement | undefined): string {
  if (!statement) return 'make it complete';
  if (ts.isReturnStatement(statement)) return 'return what it is for';
  if (ts.isIfStatement(statement)) return 'handle the other case';
  if (ts.isVariableStatement(statement)) return 'compute what is used but not set';
  return 'add the missing step';
}

/** `@azure/msal-common/src/utils/Url.ts` → `src/azure/msal-common/utils/Url.ts`, `test/….test.ts`, `scripts/….ts`. */
function pathOf(file: string, kind: FileKind): string {
  const path = file.replace(/^@/, '').replace(/\/(src|lib|dist|libesm)\//, '/');
  if (kind === 'test') return `test/${path.replace(/(\.\w+)$/, '.test$1')}`;
  return kind === 'script' ? `scripts/${path}` : `src/${path}`;
}

function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return (hash ^ (hash >>> 15)) >>> 0;
}
