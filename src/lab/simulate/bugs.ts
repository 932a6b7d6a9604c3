import ts from 'typescript';
import { nodesOf, rewritten } from './restyle.ts';

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
  if (ts.isNumericLiteral(node) && /^\d{1,4}$/.test(node.text)) return factory.createNumericLiteral(Number(node.text) + 1);
  if (node.kind === kind.TrueKeyword) return factory.createFalse();
  if (node.kind === kind.FalseKeyword) return factory.createTrue();
  if (ts.isReturnStatement(node) && node.expression) return factory.createExpressionStatement(node.expression);
  return undefined;
}

/** The function with one mistake; null where there is nothing to get wrong. It still parses. */
export function withBug(declaration: ts.FunctionDeclaration, random: () => number): ts.FunctionDeclaration | null {
  const places = [...nodesOf(declaration.body!)].filter((node) => wrongly(node) !== undefined);
  const place = places[Math.floor(random() * places.length)];
  if (!place) return null;
  return rewritten(declaration, (node) => (ts.getOriginalNode(node) === place ? wrongly(node) : node));
}
