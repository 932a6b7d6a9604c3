/** How code is worded: names, types, quotes, comments. */
import ts from 'typescript';
import { subTokens } from '../../engine/memory/embedders/codeFeatures.ts';
import { broughtBy, namesIn, nodesOf, type Restyle, rewritten, type Sides, withStatements } from './restyle.ts';

const { factory } = ts;

const quotes =
  (single: boolean): Restyle =>
  (declaration) => {
    const literals = [...nodesOf(declaration)].filter(ts.isStringLiteral);
    if (literals.length === 0) return null;
    const other = single ? '"' : "'";
    if (!literals.some((literal) => literal.getText().startsWith(other))) return declaration;
    return rewritten(declaration, (node) =>
      ts.isStringLiteral(node) ? factory.createStringLiteral(node.text, single) : node,
    );
  };
export const doubleQuotes: Sides = { on: quotes(false), off: quotes(true) };

/** Variables that never change are declared with `const`, or with `let` like all others. */
const constants =
  (wanted: boolean): Restyle =>
  (declaration) => {
    const isConstant = (node: ts.Node): node is ts.VariableDeclarationList =>
      ts.isVariableDeclarationList(node) && (node.flags & ts.NodeFlags.Const) !== 0;
    if (![...nodesOf(declaration)].some(isConstant)) return null;
    if (wanted) return declaration;
    return rewritten(declaration, (node) =>
      isConstant(node) ? factory.createVariableDeclarationList(node.declarations, ts.NodeFlags.Let) : node,
    );
  };
export const constDeclarations: Sides = { on: constants(true), off: constants(false) };

/** `accountKey` → `ak`, `request` → `req`, as hurried people write. */
function short(name: string): string {
  const parts = subTokens(name);
  return parts.length > 1 ? parts.map((part) => part[0]).join('') : name.slice(0, 3);
}

/** Local variables and parameters by short names. */
export const abbreviatedNames = broughtBy((declaration) => {
  const taken = namesIn(declaration);
  const renamed = new Map<string, string>();
  for (const node of nodesOf(declaration)) {
    const declares = ts.isParameter(node) || ts.isVariableDeclaration(node);
    if (!declares || !ts.isIdentifier(node.name)) continue;
    const { text } = node.name;
    const brief = short(text);
    if (renamed.size === 2) break;
    if (text.length < 5 || renamed.has(text) || taken.has(brief) || !/^[a-z]+$/i.test(brief)) continue;
    if (ts.identifierToKeywordKind(factory.createIdentifier(brief)) !== undefined) continue;
    renamed.set(text, brief);
    taken.add(brief);
  }
  if (renamed.size === 0) return null;
  const isVariable = (node: ts.Identifier): boolean => {
    const { parent } = node;
    if (ts.isPropertyAccessExpression(parent)) return parent.expression === node;
    if (ts.isPropertyAssignment(parent)) return parent.initializer === node;
    if (ts.isBindingElement(parent)) return parent.propertyName !== node;
    return !ts.isMethodDeclaration(parent) && !ts.isTypeReferenceNode(parent) && !ts.isPropertySignature(parent);
  };
  // What to rename is decided on the tree as it was parsed: only there does a node know its parent.
  const variables = new Set<ts.Node>();
  const destructured = new Set<ts.Node>();
  for (const node of nodesOf(declaration)) {
    if (!ts.isIdentifier(node) || !renamed.has(node.text)) continue;
    if (ts.isBindingElement(node.parent) && node.parent.name === node && !node.parent.propertyName)
      destructured.add(node.parent);
    else if (isVariable(node)) variables.add(node);
  }
  // A name that is also taken out of an object by its own name would need more than renaming.
  if (destructured.size > 0) return null;
  return rewritten(declaration, (node) => {
    if (ts.isShorthandPropertyAssignment(node)) {
      const brief = renamed.get(node.name.text);
      return brief ? factory.createPropertyAssignment(node.name.text, factory.createIdentifier(brief)) : node;
    }
    if (!ts.isIdentifier(node) || !variables.has(node)) return node;
    return ts.isShorthandPropertyAssignment(node.parent) ? node : factory.createIdentifier(renamed.get(node.text)!);
  });
});

const words = (name: string): string => subTokens(name).join(' ');

/** The names in an expression, as words: `account.homeId` → `account home id`. */
function said(node: ts.Node | undefined): string {
  if (!node) return '';
  const names: string[] = ts.isIdentifier(node) ? [words(node.text)] : [];
  for (const child of nodesOf(node)) if (ts.isIdentifier(child)) names.push(words(child.text));
  return names.slice(0, 2).join(' ');
}

function restated(statement: ts.Statement): string {
  if (ts.isReturnStatement(statement)) return `return the ${said(statement.expression) || 'result'}`;
  if (ts.isThrowStatement(statement)) return `throw an error`;
  if (ts.isIfStatement(statement)) return `check whether ${said(statement.expression)} is set`;
  if (ts.isVariableStatement(statement)) return `set the ${said(statement.declarationList.declarations[0]?.name)}`;
  if (ts.isForOfStatement(statement) || ts.isForStatement(statement)) return 'loop over the items';
  if (ts.isTryStatement(statement)) return 'try to do it';
  if (ts.isExpressionStatement(statement)) return `call ${said(statement.expression)}`;
  return 'do the next step';
}

/** Up to four statements with a comment that says what they say. */
export const restatingComments: Sides = {
  on(declaration) {
    const line = ts.SyntaxKind.SingleLineCommentTrivia;
    const { statements } = declaration.body!;
    for (const statement of statements.slice(0, 4))
      ts.addSyntheticLeadingComment(statement, line, ` ${restated(statement)}`, true);
    return withStatements(declaration, statements);
  },
  off: (declaration) => declaration,
};

/** A documentation comment of the usual form, from the names. */
export function documentation(declaration: ts.FunctionDeclaration): string {
  const parameters = declaration.parameters.flatMap(({ name }) => (ts.isIdentifier(name) ? [name.text] : []));
  let returns = false;
  for (const node of nodesOf(declaration)) if (ts.isReturnStatement(node) && node.expression) returns = true;
  return [
    '/**',
    ` * Function to ${words(declaration.name!.text)}.`,
    ...parameters.map((name) => ` * @param ${name} The ${words(name)} to use.`),
    ...(returns ? [' * @returns The resulting value.'] : []),
    ' */',
  ].join('\n');
}
