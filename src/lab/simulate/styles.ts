import ts from 'typescript';
import { withBug } from './bugs.ts';
import type { CorpusFunction } from './corpus.ts';
import type { Sides } from './restyle.ts';
import * as structure from './structure.ts';
import * as wording from './wording.ts';

/**
 * What a developer may like or dislike in a candidate. Each is in the text and nowhere else. Cheap features (lines, length) see
 * comments, guards and wrapping; quotes, names, `const` or `let`, order of branches, names for results and the form of a function hardly
 * change a length: those only an embedding sees.
 */
export const attributes = [
  'docComment',
  'restatingComments',
  'doubleQuotes',
  'abbreviatedNames',
  'constDeclarations',
  'nullGuard',
  'errorHandling',
  'logging',
  'earlyReturn',
  'intermediateVariables',
  'arrowFunction',
] as const;
export type Attribute = (typeof attributes)[number];

/** One bit per attribute in their order, and one for a bug. */
export type Style = number;
export const bit = (attribute: Attribute | 'bug'): Style =>
  1 << (attribute === 'bug' ? attributes.length : attributes.indexOf(attribute));

/** Of an attribute in a candidate: there, not there, or not possible in this function (which nobody can like or dislike). */
export type Presence = 1 | 0 | null;

export interface Styled {
  readonly text: string;
  /** In the order of `attributes`. */
  readonly presence: readonly Presence[];
  readonly bug: boolean;
}

/**
 * One after another: names before what mentions them; comments after the statements they are about. `fresh`: looks at the tree
 * as a parser leaves it, so that what was changed before is printed and parsed again (which is where the time goes).
 */
const inOrder: readonly (readonly [Attribute, Sides, 'fresh'?])[] = [
  ['abbreviatedNames', wording.abbreviatedNames, 'fresh'],
  ['earlyReturn', structure.earlyReturn],
  ['intermediateVariables', structure.intermediateVariables],
  ['constDeclarations', wording.constDeclarations],
  ['errorHandling', structure.errorHandling],
  ['logging', structure.logging],
  ['nullGuard', structure.nullGuard],
  ['doubleQuotes', wording.doubleQuotes, 'fresh'],
  ['restatingComments', wording.restatingComments],
];

const printer = ts.createPrinter({ newLine: ts.NewLineKind.LineFeed });

export function parseFunction(text: string, language: CorpusFunction['language']): ts.FunctionDeclaration {
  const typescript = language === 'typescript';
  const kind = typescript ? ts.ScriptKind.TS : ts.ScriptKind.JS;
  const source = ts.createSourceFile(typescript ? 'a.ts' : 'a.js', text, ts.ScriptTarget.Latest, true, kind);
  const declaration = source.statements[0];
  if (!declaration || !ts.isFunctionDeclaration(declaration)) throw new Error(`Not a function: ${text.slice(0, 80)}`);
  return declaration;
}

export const printed = (node: ts.Node, from: ts.Node): string =>
  printer.printNode(ts.EmitHint.Unspecified, node, from.getSourceFile());

/** The function in a style; the mistake, where there is to be one, is drawn with `random`. */
export function inStyle(
  { text, language }: Pick<CorpusFunction, 'text' | 'language'>,
  style: Style,
  random: () => number,
): Styled {
  const presence: Presence[] = attributes.map(() => null);
  const set = (attribute: Attribute, there: boolean): void => {
    presence[attributes.indexOf(attribute)] = there ? 1 : 0;
  };
  let parsed = parseFunction(text, language);
  let declaration = parsed;
  const buggy = (style & bit('bug')) === 0 ? null : withBug(declaration, random);
  if (buggy) declaration = buggy;
  for (const [attribute, sides, fresh] of inOrder) {
    if (fresh && declaration !== parsed) {
      parsed = parseFunction(printed(declaration, parsed), language);
      declaration = parsed;
    }
    const wanted = (style & bit(attribute)) !== 0;
    const changed = (wanted ? sides.on : sides.off)(declaration);
    if (!changed) continue;
    set(attribute, wanted);
    declaration = changed;
  }
  const documented = (style & bit('docComment')) !== 0;
  set('docComment', documented);
  const documentation = documented ? `${wording.documentation(declaration)}\n` : '';
  let code = printed(declaration, parsed);
  if (structure.canBeArrow(declaration)) {
    const arrow = (style & bit('arrowFunction')) !== 0;
    set('arrowFunction', arrow);
    if (arrow) code = printed(structure.asArrow(declaration), parsed);
  }
  return { text: documentation + code, presence, bug: buggy !== null };
}
