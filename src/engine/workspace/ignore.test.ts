import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { ignoreRules } from './ignore.ts';

function workspace(t: TestContext, files: Record<string, string>): string {
  const root = mkdtempSync(join(tmpdir(), 'attune-ignore-'));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text);
  }
  return root;
}

const rulesFor = (path: string, exclude: string[] = []) => ignoreRules({ folders: [{ path, name: 'w' }], exclude });

test('files with keys and passwords are never read, whatever .gitignore says', (t) => {
  const root = workspace(t, { '.gitignore': '!.env\n!*.pem\n' });
  const rules = rulesFor(root);
  for (const name of [
    '.env', '.env.local', '.envrc', 'prod.env', 'a/.env.example', 'server.pem', 'tls/host.key', 'id_rsa', 'id_rsa.pub', 'id_ed25519',
    'x.p12', 'x.pfx', '.npmrc', '.netrc', '.pypirc', 'credentials', 'aws/credentials.json', 'secrets.yaml', 'secrets/db.ts',
    'Secrets/a.cs', 'terraform.tfstate', 'a.tfstate.backup', 'prod.tfvars', 'kubeconfig', '.kube/config', '.aws/config', '.ssh/config',
    'service-account-prod.json', '.git/config', '.git/hooks/x.sh', 'node_modules/a/index.js', 'p/node_modules/a.js', '.venv/a.py',
    'logo.png', 'a.wasm', 'jquery.min.js', 'package-lock.json', 'yarn.lock', 'pnpm-lock.yaml', 'Cargo.lock', 'a.js.map', 'api.pb.go',
  ]) {
    assert.notEqual(rules.excluded(join(root, name)), null, name);
  } // biome-ignore format: a list
  for (const name of [
    'src/a.ts',
    'src/environment.ts',
    'src/secretStorage.ts',
    'keyboard.ts',
    'src/monkey.py',
    'vendors.ts',
    'package.json',
    'README.md',
    'credentialsView.ts',
  ]) {
    assert.equal(rules.excluded(join(root, name)), null, name);
  }
});

test('nested .gitignore files, negation, .git/info/exclude and attune.exclude all count, as git reads them', (t) => {
  const root = workspace(t, {
    '.git/info/exclude': 'private-notes.ts\n',
    '.gitignore': '*.log\nbuild/\n/top.ts\n!keep.log\n',
    'app/.gitignore': '!debug.log\ngen/*\n!gen/keep.ts\n',
  });
  const rules = rulesFor(root, ['legal/**', '*.draft.md']);
  const excluded = (name: string) => rules.excluded(join(root, name)) !== null;
  for (const name of [
    'a.log',
    'build/a.ts',
    'app/build/a.ts',
    'top.ts',
    'app/x.log',
    'app/gen/a.ts',
    'private-notes.ts',
    'legal/a.ts',
    'x/y.draft.md',
  ]) {
    assert.ok(excluded(name), name);
  }
  for (const name of ['keep.log', 'app/debug.log', 'app/top.ts', 'app/gen/keep.ts', 'src/a.ts', 'builder.ts'])
    assert.ok(!excluded(name), name);
  assert.match(rules.excluded(join(root, 'a.log'))!, /gitignore/);
  assert.match(rules.excluded(join(root, 'legal/a.ts'))!, /attune\.exclude/);
});

test('a negation cannot bring back a file from an ignored folder', (t) => {
  const root = workspace(t, { '.gitignore': 'out/\n!out/a.ts\n', 'out/.gitignore': '!a.ts\n' });
  assert.notEqual(rulesFor(root).excluded(join(root, 'out/a.ts')), null);
});

test('rules of the repository above an opened subfolder count; an ignored folder opened on purpose works', (t) => {
  const root = workspace(t, {
    '.git/HEAD': '',
    '.gitignore': '*.gen.ts\n/cache/\n',
    'app/a.gen.ts': '',
    'cache/b.ts': '',
  });
  assert.notEqual(rulesFor(join(root, 'app')).excluded(join(root, 'app/a.gen.ts')), null);
  assert.equal(rulesFor(join(root, 'app')).excluded(join(root, 'app/a.ts')), null);
  assert.equal(rulesFor(join(root, 'cache')).excluded(join(root, 'cache/b.ts')), null);
});

test('nothing outside the folders is read, by any spelling of its path', (t) => {
  const root = workspace(t, { 'w/a.ts': '', 'other/b.ts': '' });
  const rules = rulesFor(join(root, 'w'));
  for (const path of [
    join(root, 'other/b.ts'),
    `${root}/w/../other/b.ts`,
    join(root, 'w2/a.ts'),
    '',
    '/etc/passwd.ts',
  ]) {
    assert.equal(rules.excluded(path), 'outside the workspace', path);
  }
  assert.equal(rules.excluded(`${root}/w/./x/../a.ts`), null);
});

test('a link that leads out, or to a secret, is not followed', (t) => {
  const root = workspace(t, { 'w/.env': 'A=1', 'w/real/a.ts': '', 'out/b.ts': '' });
  symlinkSync(join(root, 'out/b.ts'), join(root, 'w/link.ts'));
  symlinkSync(join(root, 'out'), join(root, 'w/folder'));
  symlinkSync(join(root, 'w/.env'), join(root, 'w/notes.ts'));
  symlinkSync(join(root, 'w/real'), join(root, 'w/alias'));
  const rules = rulesFor(join(root, 'w'));
  assert.match(rules.excluded(join(root, 'w/link.ts'))!, /link/);
  assert.match(rules.excluded(join(root, 'w/folder/b.ts'))!, /link/);
  assert.notEqual(rules.excluded(join(root, 'w/notes.ts')), null);
  assert.equal(rules.excluded(join(root, 'w/alias/a.ts')), null);
});

test('a workspace reached through a link works', (t) => {
  const root = workspace(t, { 'real/a.ts': '', 'real/.gitignore': 'b.ts' });
  symlinkSync(join(root, 'real'), join(root, 'w'));
  assert.equal(rulesFor(join(root, 'w')).excluded(join(root, 'w/a.ts')), null);
  assert.notEqual(rulesFor(join(root, 'w')).excluded(join(root, 'w/b.ts')), null);
});

test('A5-28: Windows paths are understood, drive letters and case included', () => {
  const rules = rulesFor('C:\\Work\\app');
  assert.equal(rules.excluded('c:\\work\\app\\src\\a.ts'), null);
  assert.equal(rules.excluded('C:/Work/app/src/a.ts'), null);
  assert.notEqual(rules.excluded('c:\\Work\\app\\.env'), null);
  assert.notEqual(rules.excluded('C:\\Work\\app\\node_modules\\x\\a.js'), null);
  assert.equal(rules.excluded('C:\\Work\\application\\a.ts'), 'outside the workspace');
  assert.equal(rules.excluded('D:\\Work\\app\\a.ts'), 'outside the workspace');
});

test('saving a .gitignore takes effect at once', (t) => {
  const root = workspace(t, { '.gitignore': '' });
  const rules = rulesFor(root);
  assert.equal(rules.excluded(join(root, 'a.ts')), null);
  writeFileSync(join(root, '.gitignore'), 'a.ts\n');
  rules.invalidate(join(root, 'b.ts'));
  assert.equal(rules.excluded(join(root, 'a.ts')), null);
  rules.invalidate(join(root, '.gitignore'));
  assert.notEqual(rules.excluded(join(root, 'a.ts')), null);
});

test('a malformed pattern does no harm', (t) => {
  const root = workspace(t, { '.gitignore': '[z-a]\n\\\n!\n#\n*.tmp\n' });
  assert.equal(rulesFor(root, ['[', '']).excluded(join(root, 'a.ts')), null);
  assert.notEqual(rulesFor(root).excluded(join(root, 'a.tmp')), null);
});
