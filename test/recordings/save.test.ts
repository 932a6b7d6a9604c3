/** Saving a recording through the real engine process: what may not be stored is not in the file. */
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { type HeadlessEngine, startEngine } from '../../src/lab/headless.ts';
import { parseRecording, type Recording, type RecordingEntry } from '../../src/protocol/recording.ts';
import { replayRecording } from './replay.ts';
import { sessions } from './sessions.ts';

const key = `ghp_${'a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8'}`;
const episodeId = '01900000-0000-7000-8000-00000000e001';
const candidateId = '01900000-0000-7000-8000-00000000c001';

let root = '';
let engine: HeadlessEngine;
const inWorkspace = (file: string): string => join(root, 'workspace', file);

async function start(options: { trusted: boolean; storage: string }): Promise<HeadlessEngine> {
  return startEngine({
    folders: [{ path: join(root, 'workspace'), name: 'workspace' }],
    storagePath: join(root, options.storage),
    cachePath: join(root, 'cache'),
    trusted: options.trusted,
    config: { exclude: ['private/'] },
  });
}

before(async () => {
  root = await mkdtemp(join(tmpdir(), 'attune-recordings-'));
  await mkdir(join(root, 'workspace', '.git'), { recursive: true });
  await writeFile(inWorkspace('.gitignore'), 'ignored.ts\n');
  engine = await start({ trusted: true, storage: 'memory' });
});
after(async () => {
  await engine.stop();
  await rm(root, { recursive: true, force: true, maxRetries: 5 });
});

const recordingOf = (entries: readonly RecordingEntry[]): Recording => ({
  header: { recording: 1, startedAt: 1_700_000_000_000 },
  entries: [...entries],
});
const opened = (document: number, file: string, text: string): RecordingEntry => ({
  at: 0,
  type: 'opened',
  document,
  file,
  languageId: 'typescript',
  text,
});
const typed = (document: number, text: string): RecordingEntry => ({
  at: 1,
  type: 'changed',
  document,
  changes: [{ offset: 0, length: 0, text }],
  reason: 'other',
});

test('excluded, ignored and foreign documents are left out whole, the rest is written with relative paths', async () => {
  const path = join(root, 'left-out.recording.jsonl');
  const offered: RecordingEntry = { at: 2, type: 'offered', document: 1, episodeId, cursor: 0, items: [] };
  const recording = recordingOf([
    opened(0, inWorkspace('src/a.ts'), 'open text\n'),
    opened(1, inWorkspace('.env'), 'HUSH=1\n'),
    opened(2, inWorkspace('private/b.ts'), 'hush hush\n'),
    opened(3, inWorkspace('ignored.ts'), 'hush again\n'),
    opened(4, join(root, 'elsewhere.ts'), 'hush there\n'),
    opened(5, '', 'untitled text\n'),
    offered,
    { at: 2, type: 'taken', episodeId, candidateId },
    { at: 3, type: 'focused', document: 1 },
    { at: 3, type: 'selected', text: 'hushed' },
    typed(1, 'hush '),
    typed(0, 'typed '),
    typed(2, 'hush '),
    { at: 4, type: 'renamed', from: inWorkspace('src/a.ts'), to: inWorkspace('private/a.ts') },
    { at: 5, type: 'renamed', from: inWorkspace('src/a.ts'), to: inWorkspace('src/c.ts') },
    { at: 6, type: 'ended' },
  ]);
  const saved = await engine.ask('saveRecording', { path, recording });
  const text = await readFile(path, 'utf8');
  assert.doesNotMatch(text, /hush/i);
  assert.ok(!text.includes(root));
  const { entries } = parseRecording(text);
  assert.deepEqual(entries, [
    opened(0, 'src/a.ts', 'open text\n'),
    opened(5, '', 'untitled text\n'),
    { at: 3, type: 'focused', document: null },
    typed(0, 'typed '),
    { at: 5, type: 'renamed', from: 'src/a.ts', to: 'src/c.ts' },
    { at: 6, type: 'ended' },
  ]);
  assert.deepEqual(saved, { ok: true, entries: 6, bytes: Buffer.byteLength(text), masked: 0, excluded: 4 });
});

test('secrets are masked in the file, and their number is told', async () => {
  const path = join(root, 'secret.recording.jsonl');
  const keys = [...key].map(
    (character, index): RecordingEntry => ({
      at: index,
      type: 'changed',
      document: 0,
      changes: [{ offset: 11 + index, length: 0, text: character }],
      reason: 'other',
    }),
  );
  const recording = recordingOf([opened(0, inWorkspace('src/a.ts'), "const a = ''\n"), ...keys]);
  const saved = await engine.ask('saveRecording', { path, recording });
  assert.ok(saved.ok && saved.masked === 39, JSON.stringify(saved));
  const { entries } = parseRecording(await readFile(path, 'utf8'));
  const written = entries.map((entry) => (entry.type === 'changed' ? entry.changes[0]!.text : '')).join('');
  assert.equal(written, `xxx_${'x'.repeat(36)}`);
});

test('every committed session comes back from the engine as it went in, and replays the same', async () => {
  const path = join(root, 'same.recording.jsonl');
  for (const [name, session] of Object.entries(sessions)) {
    const recording = session();
    const absolute = recording.entries.map((entry): RecordingEntry => {
      if (entry.type === 'opened') return { ...entry, file: inWorkspace(entry.file) };
      if (entry.type === 'renamed') return { ...entry, from: inWorkspace(entry.from), to: inWorkspace(entry.to) };
      return entry;
    });
    const saved = await engine.ask('saveRecording', { path, recording: { ...recording, entries: absolute } });
    assert.ok(saved.ok, name);
    const read = parseRecording(await readFile(path, 'utf8'));
    assert.deepEqual(replayRecording(read), replayRecording(recording), name);
  }
});

test('a file that can’t be written is a failure with a next step, and leaves no draft behind', async () => {
  const recording = recordingOf([{ at: 0, type: 'ended' }]);
  const saved = await engine.ask('saveRecording', { path: join(root, 'nowhere', 'a.jsonl'), recording });
  assert.ok(!saved.ok && saved.failure.reason === 'disk' && saved.failure.nextStep !== '');
  assert.deepEqual(
    (await readdir(root)).filter((name) => name.endsWith('.tmp')),
    [],
  );
});

test('in Restricted Mode nothing is written', async () => {
  const restricted = await start({ trusted: false, storage: 'restricted' });
  try {
    const path = join(root, 'restricted.recording.jsonl');
    const recording = recordingOf([opened(0, inWorkspace('src/a.ts'), 'text'), { at: 0, type: 'ended' }]);
    const saved = await restricted.ask('saveRecording', { path, recording });
    assert.ok(!saved.ok && saved.failure.reason === 'untrusted');
    assert.ok(!(await readdir(root)).includes('restricted.recording.jsonl'));
  } finally {
    await restricted.stop();
  }
});

test('half an hour of typing is redacted without holding the engine up', async () => {
  const path = join(root, 'long.recording.jsonl');
  const text = await readFile(new URL('../../src/protocol/rpc.ts', import.meta.url), 'utf8');
  const entries = [...text.repeat(2).slice(0, 20_000)].map(
    (character, offset): RecordingEntry => ({
      at: offset,
      type: 'changed',
      document: 0,
      changes: [{ offset, length: 0, text: character }],
      reason: 'other',
    }),
  );
  const recording = recordingOf([opened(0, inWorkspace('src/a.ts'), ''), ...entries]);
  let saved = false;
  const saving = engine.ask('saveRecording', { path, recording }).finally(() => {
    saved = true;
  });
  let answeredMeanwhile = 0;
  while (!saved) {
    await engine.ask('why', { episodeId });
    if (!saved) answeredMeanwhile += 1;
  }
  assert.ok((await saving).ok);
  assert.ok(answeredMeanwhile > 20, `${answeredMeanwhile} other requests were answered meanwhile`);
});
