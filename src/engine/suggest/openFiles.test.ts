import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MirrorDocument } from '../workspace/documents.ts';
import { OpenFiles, topLevelBlocks } from './openFiles.ts';

const doc = (file: string, text: string, over: Partial<MirrorDocument> = {}): MirrorDocument => ({
  uri: `file:///${file}`,
  path: `/${file}`,
  file,
  languageId: 'typescript',
  version: 1,
  text,
  excluded: null,
  ...over,
});
const user =
  'import x from "x";\n\nexport interface UserProfile {\n  displayName: string;\n}\n\nexport function unrelated() {\n  return 42;\n}\n';

test('the definition that the code at hand is about is found, whole', () => {
  const here = doc('src/here.ts', "import { UserProfile } from './user.ts';\nconst profile: UserProfile = { ");
  const found = new OpenFiles().relevant(here, here.text, [here, doc('src/user.ts', user)], 4);
  assert.deepEqual(
    found.map(({ text }) => text),
    ['export interface UserProfile {\n  displayName: string;\n}'],
  );
});

test('excluded files, other languages and the file itself give nothing', () => {
  const here = doc('src/here.ts', 'const profile: UserProfile = { ');
  const others = [here, doc('a.ts', user, { excluded: 'ignored' }), doc('a.py', user, { languageId: 'python' })];
  assert.deepEqual(new OpenFiles().relevant(here, here.text, others, 4), []);
});

test('a changed file is read again', () => {
  const here = doc('src/here.ts', 'const profile: UserProfile = { ');
  const files = new OpenFiles();
  assert.equal(files.relevant(here, here.text, [doc('user.ts', user)], 4).length, 1);
  assert.equal(
    files.relevant(here, here.text, [doc('user.ts', 'export const nothing = 1;\n', { version: 2 })], 4).length,
    0,
  );
});

test('a block keeps its comment and its body together', () => {
  assert.deepEqual(topLevelBlocks('/** One. */\nfunction one() {\n  a();\n\n  b();\n}\n\n\nfunction two() {}\n'), [
    '/** One. */\nfunction one() {\n  a();\n\n  b();\n}',
    'function two() {}',
  ]);
});
