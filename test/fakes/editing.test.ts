import assert from 'node:assert/strict';
import { test } from 'node:test';
import { continuation, rewrite } from './editing.ts';
import { startOpenaiServer } from './openaiServer.ts';

const code = 'function getUser(id) {\n  return users[id];\n}\n';

test('a demonstration shows edits that do what was asked', () => {
  assert.equal(
    rewrite(code, 'Rename `id` to userId', 'javascript'),
    'function getUser(userId) {\n  return users[userId];\n}\n',
  );
  assert.equal(
    rewrite(code, 'add early return', 'javascript'),
    'function getUser(id) {\n  if (!id) return;\n  return users[id];\n}\n',
  );
  assert.equal(rewrite(code, 'please add a doc comment', 'typescript'), `/** Get user. */\n${code}`);
  assert.equal(
    rewrite('def load(path):\n    return 1\n', 'add a docstring', 'python'),
    'def load(path):\n    """Load."""\n    return 1\n',
  );
  assert.equal(rewrite(code, 'make it faster', 'javascript'), code);
  assert.notEqual(
    rewrite(code, 'add early return', 'javascript', 1),
    rewrite(code, 'add early return', 'javascript', 0),
  );
});

test('a demonstration goes on as the file did before', () => {
  assert.equal(continuation('const a = load("a");\nconst '), 'a = load("a");');
  assert.equal(continuation('x\n'), '');
});

test('the part to replace is found among examples and context', async () => {
  const server = await startOpenaiServer();
  try {
    const prompt = `Edits kept:\n\n\`\`\`js\nold();\n\`\`\`\n\nThe part to replace:\n\n\`\`\`js\n${code}\`\`\`\n\nAfter the part:\n\n\`\`\`js\nrest();\n\`\`\`\n\nInstruction: rename id to key`;
    const response = await fetch(`${server.url}/v1/chat/completions`, {
      method: 'POST',
      body: JSON.stringify({ model: 'm', messages: [{ role: 'user', content: prompt }] }),
    });
    const answer = (await response.json()) as { choices: { message: { content: string } }[] };
    assert.equal(answer.choices[0]?.message.content, `\`\`\`js\n${rewrite(code, 'rename id to key', 'js')}\`\`\``);
  } finally {
    await server.close();
  }
});
