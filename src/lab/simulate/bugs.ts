import ts from 'typescript';
import { nodesOf, rewritten, withStatements } from './restyle.ts';

const { factory } = ts;
const kind = ts.SyntaxKind;

/** Operators that are easily mixed up. */
const confused = new Map<ts.SyntaxKind, ts.BinaryOperator>([
  [kind.EqualsEqualsEqualsToken, kind.ExclamationEqualsEqualsToken],
  [kind.ExclamationEqualsEqualsToken, kind.EqualsEqualsEqualsToken],
  [kind.LessThanToken, kind.LessThanEqualsToken],
  [kind.GreaterThanToken, kind.GreaterThanEqualsToken],
  [kind.AmpersandAmpersandToken, kind.BarBarToken],
  [kind.BarBarToken, kind.AmpersandAmpersandToken],
  [kind.PlusToken, kind.MinusToken],
  [kind.MinusToken, kind.PlusToken],
]);

/** What would stand in a node's place if it were written wrongly; undefined: nothing to get wrong here. */
function wrongly(node: ts.Node): ts.Node | undefined {
  if (ts.isBinaryExpression(node)) {
    const operator = confused.get(node.operatorToken.kind);
    return operator && factory.createBinaryExpression(node.left, operator, node.right);
  }
  if (ts.isAwaitExpression(node)) return node.expression;
  if (ts.isPrefixUnaryExpression(node) && node.operator === kind.ExclamationToken) return node.operand;
  if (ts.isNumericLiteral(node) && /^\d{1,4}$/.test(node.text))
    return factory.createNumericLiteral(Number(node.text) + 1);
  if (node.kind === kind.TrueKeyword) return factory.createFalse();
  if (node.kind === kind.FalseKeyword) return factory.createTrue();
  if (ts.isReturnStatement(node) && node.expression) return factory.createExpressionStatement(node.expression);
  return undefined;
}

/** A statement is left for somebody else to write. */
function unfinished(declaration: ts.FunctionDeclaration, random: () => number): ts.FunctionDeclaration {
  const { statements } = declaration.body!;
  const at = Math.floor(random() * statements.length);
  const message = factory.createStringLiteral('TODO: not implemented', true);
  const error = factory.createNewExpression(factory.createIdentifier('Error'), undefined, [message]);
  return withStatements(
    declaration,
    statements.map((statement, index) => (index === at ? factory.createThrowStatement(error) : statement)),
  );
}

/**
 * The function with one mistake; null where there is nothing to get wrong. It still parses. Half of the mistakes can be seen in
 * the words (not finished), half only by who understands the code (an operator, a number, a missing `await`).
 */
export function withBug(declaration: ts.FunctionDeclaration, random: () => number): ts.FunctionDeclaration | null {
  if (random() < 0.5 && declaration.body!.statements.length > 0) return unfinished(declaration, random);
  const places = [...nodesOf(declaration.body!)].filter((node) => wrongly(node) !== undefined);
  const place = places[Math.floor(random() * places.length)];
  if (!place) return null;
  return rewritten(declaration, (node) => (ts.getOriginalNode(node) === place ? wrongly(node) : node));
}
