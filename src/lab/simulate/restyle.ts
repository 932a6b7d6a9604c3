import ts from 'typescript';

/**
 * One careful change of a function. Null where it is not possible: nothing to change, or a name in the way. A function that
 * already is as wanted comes back as it is.
 */
export type Restyle = (declaration: ts.FunctionDeclaration) => ts.FunctionDeclaration | null;

/** An attribute as its two sides. */
export interface Sides {
  readonly on: Restyle;
  readonly off: Restyle;
}

/** What plain code doesn't have, and this change brings in. */
export const broughtBy = (change: Restyle): Sides => ({
  on: change,
  off: (declaration) => (change(declaration) === null ? null : declaration),
});

/** Calls `change` on every node, leaves first; what it returns stands in the node's place. */
export function rewritten(
  declaration: ts.FunctionDeclaration,
  change: (node: ts.Node) => ts.Node | readonly ts.Node[] | undefined,
): ts.FunctionDeclaration {
  const result = ts.transform(declaration, [
    (context) => (root) => {
      const visit = (node: ts.Node): ts.VisitResult<ts.Node | undefined> =>
        change(ts.visitEachChild(node, visit, context)) as ts.VisitResult<ts.Node | undefined>;
      return ts.visitEachChild(root, visit, context);
    },
  ]);
  return result.transformed[0]!;
}

/** All nodes below, the function itself left out. */
export function* nodesOf(root: ts.Node): Generator<ts.Node> {
  const children: ts.Node[] = [];
  ts.forEachChild(root, (child) => {
    children.push(child);
  });
  for (const child of children) {
    yield child;
    yield* nodesOf(child);
  }
}

/** All names that occur, as variables or otherwise. */
export function namesIn(declaration: ts.FunctionDeclaration): Set<string> {
  const names = new Set<string>();
  for (const node of nodesOf(declaration)) if (ts.isIdentifier(node)) names.add(node.text);
  return names;
}

export function withStatements(
  declaration: ts.FunctionDeclaration,
  statements: readonly ts.Statement[],
): ts.FunctionDeclaration {
  const { factory } = ts;
  return factory.updateFunctionDeclaration(
    declaration,
    declaration.modifiers,
    declaration.asteriskToken,
    declaration.name,
    declaration.typeParameters,
    declaration.parameters,
    declaration.type,
    factory.createBlock(statements, true),
  );
}

/** The first parameter that is a plain name. */
export function firstParameter(declaration: ts.FunctionDeclaration): string | undefined {
  const parameter = declaration.parameters.find(({ name }) => ts.isIdentifier(name) && name.text !== 'this');
  return parameter && ts.isIdentifier(parameter.name) ? parameter.name.text : undefined;
}
