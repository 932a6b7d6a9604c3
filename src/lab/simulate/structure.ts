/** How code is built: order of the branches, guards, what is wrapped in what. */
import ts from 'typescript';
import {
  broughtBy,
  firstParameter,
  namesIn,
  nodesOf,
  type Restyle,
  rewritten,
  type Sides,
  withStatements,
} from './restyle.ts';

const { factory } = ts;
const single = (text: string): ts.StringLiteral => factory.createStringLiteral(text, true);
const statementsOf = (statement: ts.Statement): readonly ts.Statement[] =>
  ts.isBlock(statement) ? statement.statements : [statement];

function leaves(statement: ts.Statement): boolean {
  const last = statementsOf(statement).at(-1);
  return last !== undefined && (ts.isReturnStatement(last) || ts.isThrowStatement(last));
}

/** `if (…) { return … }` followed by the rest, or with the rest in its `else`. */
function branch(declaration: ts.FunctionDeclaration): { readonly at: number; readonly test: ts.IfStatement } | null {
  const statements = declaration.body?.statements ?? [];
  const at = statements.findIndex(
    (statement, index) =>
      ts.isIfStatement(statement) &&
      leaves(statement.thenStatement) &&
      (statement.elseStatement ? index === statements.length - 1 : index < statements.length - 1),
  );
  return at < 0 ? null : { at, test: statements[at] as ts.IfStatement };
}

/** The last statement is an `if` without `else`: all that is left to do hangs on it. */
function lastTest(declaration: ts.FunctionDeclaration): ts.IfStatement | null {
  const last = declaration.body?.statements.at(-1);
  return last && ts.isIfStatement(last) && !last.elseStatement && !leaves(last.thenStatement) ? last : null;
}

export const earlyReturn: Sides = {
  on(declaration) {
    const before = declaration.body!.statements;
    const found = branch(declaration);
    if (found && !found.test.elseStatement) return declaration;
    if (found) {
      const flat = factory.createIfStatement(found.test.expression, found.test.thenStatement);
      return withStatements(declaration, [
        ...before.slice(0, found.at),
        flat,
        ...statementsOf(found.test.elseStatement!),
      ]);
    }
    const last = lastTest(declaration);
    if (!last) return null;
    const leave = factory.createBlock([factory.createReturnStatement()], true);
    const guard = factory.createIfStatement(factory.createLogicalNot(last.expression), leave);
    return withStatements(declaration, [...before.slice(0, -1), guard, ...statementsOf(last.thenStatement)]);
  },
  off(declaration) {
    const before = declaration.body!.statements;
    const found = branch(declaration);
    if (!found) return lastTest(declaration) && declaration;
    if (found.test.elseStatement) return declaration;
    const rest = factory.createBlock(before.slice(found.at + 1), true);
    const nested = factory.createIfStatement(found.test.expression, found.test.thenStatement, rest);
    return withStatements(declaration, [...before.slice(0, found.at), nested]);
  },
};

/** What is returned, and the first condition of several parts, gets a name of its own before. */
const nameSteps: Restyle = (declaration) => {
  const taken = namesIn(declaration);
  const free = (names: readonly string[]): string | undefined => names.find((name) => !taken.has(name));
  const [result, condition] = [free(['result', 'value', 'outcome']), free(['condition', 'shouldContinue'])];
  if (result === undefined || condition === undefined) return null;
  let conditions = 0;
  let returns = 0;
  const named = (name: string, expression: ts.Expression): ts.Statement => {
    const declared = factory.createVariableDeclaration(name, undefined, undefined, expression);
    return factory.createVariableStatement(
      undefined,
      factory.createVariableDeclarationList([declared], ts.NodeFlags.Const),
    );
  };
  const split = (statements: readonly ts.Statement[]): ts.Statement[] =>
    statements.flatMap((statement) => {
      if (ts.isReturnStatement(statement) && statement.expression && !isPlain(statement.expression)) {
        returns += 1;
        return [named(result, statement.expression), factory.createReturnStatement(factory.createIdentifier(result))];
      }
      if (conditions === 0 && ts.isIfStatement(statement) && ts.isBinaryExpression(statement.expression)) {
        conditions += 1;
        const { expression, thenStatement, elseStatement } = statement;
        const test = factory.createIdentifier(condition);
        return [named(condition, expression), factory.updateIfStatement(statement, test, thenStatement, elseStatement)];
      }
      return [statement];
    });
  const changed = rewritten(declaration, (node) => {
    if (ts.isBlock(node)) return factory.updateBlock(node, split(node.statements));
    if (ts.isIfStatement(node) && ts.isReturnStatement(node.thenStatement)) {
      const block = factory.createBlock(split([node.thenStatement]), true);
      return factory.updateIfStatement(node, node.expression, block, node.elseStatement);
    }
    return node;
  });
  return conditions + returns > 0 ? changed : null;
};
export const intermediateVariables = broughtBy(nameSteps);

const isPlain = (expression: ts.Expression): boolean =>
  ts.isIdentifier(expression) || ts.isLiteralExpression(expression) || ts.isToken(expression);

export const nullGuard = broughtBy((declaration) => {
  const parameter = firstParameter(declaration);
  if (parameter === undefined) return null;
  const test = factory.createBinaryExpression(
    factory.createIdentifier(parameter),
    ts.SyntaxKind.EqualsEqualsToken,
    factory.createNull(),
  );
  const error = factory.createNewExpression(factory.createIdentifier('TypeError'), undefined, [
    single(`${parameter} is required`),
  ]);
  const guard = factory.createIfStatement(test, factory.createBlock([factory.createThrowStatement(error)], true));
  return withStatements(declaration, [guard, ...declaration.body!.statements]);
});

export const errorHandling = broughtBy((declaration) => {
  const { statements } = declaration.body!;
  if (statements.length === 0 || statements.some(ts.isTryStatement) || namesIn(declaration).has('error')) return null;
  const cause = factory.createObjectLiteralExpression([
    factory.createPropertyAssignment('cause', factory.createIdentifier('error')),
  ]);
  const failure = factory.createNewExpression(factory.createIdentifier('Error'), undefined, [
    single(`${declaration.name!.text} failed`),
    cause,
  ]);
  const caught = factory.createCatchClause('error', factory.createBlock([factory.createThrowStatement(failure)], true));
  return withStatements(declaration, [
    factory.createTryStatement(factory.createBlock(statements, true), caught, undefined),
  ]);
});

export const logging = broughtBy((declaration) => {
  const parameter = firstParameter(declaration);
  const call = factory.createCallExpression(
    factory.createPropertyAccessExpression(factory.createIdentifier('console'), 'debug'),
    undefined,
    [single(`${declaration.name!.text}: start`), ...(parameter ? [factory.createIdentifier(parameter)] : [])],
  );
  return withStatements(declaration, [factory.createExpressionStatement(call), ...declaration.body!.statements]);
});

/** Can it be an arrow function, which has no `this` of its own? */
export function canBeArrow(declaration: ts.FunctionDeclaration): boolean {
  if (declaration.asteriskToken) return false;
  for (const node of nodesOf(declaration)) {
    if (node.kind === ts.SyntaxKind.ThisKeyword) return false;
    if (ts.isIdentifier(node) && node.text === 'arguments') return false;
  }
  return true;
}

/** The same function as a constant. */
export function asArrow(declaration: ts.FunctionDeclaration): ts.VariableStatement {
  const arrow = factory.createArrowFunction(
    declaration.modifiers?.filter(ts.isModifier),
    declaration.typeParameters,
    declaration.parameters,
    declaration.type,
    factory.createToken(ts.SyntaxKind.EqualsGreaterThanToken),
    declaration.body!,
  );
  const declared = factory.createVariableDeclaration(declaration.name!, undefined, undefined, arrow);
  return factory.createVariableStatement(
    undefined,
    factory.createVariableDeclarationList([declared], ts.NodeFlags.Const),
  );
}
