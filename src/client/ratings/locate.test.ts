import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { locate } from './locate.ts';

const episode = (startLine: number, before = '', prefix = '') => ({
  range: { startLine, startCharacter: 0, endLine: startLine, endCharacter: 0 },
  before,
  prefix,
});
const linesOf = (text: string, range: ReturnType<typeof locate>): string => {
  const lines = text.split('\n').slice(range.startLine, range.endLine + 1);
  lines[lines.length - 1] = lines.at(-1)!.slice(0, range.endCharacter);
  lines[0] = lines[0]!.slice(range.startCharacter);
  return lines.join('\n');
};

test('a proposal that was accepted is found where it has moved to', () => {
  const text = `${'// new\n'.repeat(30)}const a = total(lines);\nreturn a;\n`;
  assert.equal(linesOf(text, locate(text, episode(2), '  const a = total(lines);\n')), 'const a = total(lines);');
});

test('of two equal places the nearer one is opened', () => {
  const text = `log(user);\n${'other();\n'.repeat(5)}log(user);\n`;
  assert.equal(locate(text, episode(5), 'log(user);').startLine, 6);
  assert.equal(locate(text, episode(1), 'log(user);').startLine, 0);
});

test('a rejected proposal opens what stood there, or the line after the one before it', () => {
  const text = 'import a;\n\nfunction old() {\n  return 1;\n}\n';
  assert.equal(linesOf(text, locate(text, episode(0, 'return 1;'), 'return null;')), 'return 1;');
  assert.equal(locate(text, episode(0, '', 'x\nfunction old() {\n  '), 'go();').startLine, 3);
});

test('a file that has shrunk or is empty opens at a line that exists', () => {
  fc.assert(
    fc.property(
      fc.string(),
      fc.nat(500),
      fc.string(),
      fc.string(),
      fc.string(),
      (text, line, before, prefix, proposed) => {
        const range = locate(text, episode(line, before, prefix), proposed);
        const lines = text.split('\n');
        assert.ok(range.endLine < lines.length);
        assert.ok(
          range.startCharacter <= lines[range.startLine]!.length && range.endCharacter <= lines[range.endLine]!.length,
        );
        assert.ok(range.startLine < range.endLine || range.startCharacter <= range.endCharacter);
      },
    ),
  );
});
