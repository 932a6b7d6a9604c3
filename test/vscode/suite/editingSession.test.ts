import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite, suiteSetup, suiteTeardown, test } from 'mocha';
import * as vscode from 'vscode';
import { commands } from '../../../src/protocol/ids.ts';
import { parseRecording } from '../../../src/protocol/recording.ts';
import { replayRecording } from '../../recordings/replay.ts';
import { attune, forgetAll } from './attune.ts';
import {
  closeEditors,
  configure,
  createFile,
  cursorAfter,
  ghostText,
  press,
  shot,
  texts,
  type,
  waitFor,
} from './ui.ts';

/** Nothing waits to be told any more: text counts as read after 0.75 s at the latest. */
const quietMs = 1000;

const started = (entity: string): string => {
  const name = entity.toLowerCase();
  return `import type { Database, Row } from '../shared/database.js';
import { failure, type Result, success } from '../shared/result.js';

export class ${entity}Repository {
  constructor(private readonly database: Database) {}

  async findById(id: string): Promise<Result<Row>> {
    const ${name} = await this.database.findOne<Row>('${name}s', id);
    if (${name} === undefined) {
      return fai
    }
    return success(${name});
  }
}
`;
};

interface Fact {
  readonly episodeId: string;
  readonly candidateId?: string | undefined;
  readonly type: string;
  readonly reason?: string | undefined;
}
const factOf = ({ episodeId, candidateId, type, reason }: Fact): Fact => ({ episodeId, candidateId, type, reason });

suite('recording an editing session', () => {
  let folder: string;

  suiteSetup(async () => {
    await attune();
    await forgetAll();
    folder = await mkdtemp(join(tmpdir(), 'attune-recording-'));
  });
  suiteTeardown(async () => {
    await closeEditors();
    await rm(folder, { recursive: true, force: true });
  });

  test('what was recorded replays to the very events that were told live, and a key typed meanwhile is masked', async () => {
    const api = await attune();
    const live: Fact[] = [];
    let lastAt = performance.now();
    const subscription = api.onEvents((events) => {
      live.push(...events.map(factOf));
      lastAt = performance.now();
    });
    const told = (type: string, from: number, ms?: number): Promise<true> =>
      waitFor(() => live.slice(from).some((one) => one.type === type) || null, `“${type}” to be told`, ms);
    /** On a busy machine the answer to a single key can be too late to be shown: then it is asked for by hand. */
    const reads = async (from: number): Promise<void> => {
      await type('l');
      await told('read', from, 5000).catch(async () => {
        await vscode.commands.executeCommand('editor.action.inlineSuggest.trigger');
        await told('read', from);
      });
    };
    const quiet = (): Promise<true> => waitFor(() => performance.now() - lastAt > quietMs || null, 'all to be told');
    try {
      const editor = await createFile('src/carriers/carrierRepository.ts', started('Carrier'));
      await quiet();
      live.length = 0;
      await vscode.commands.executeCommand(commands.recordSession);
      await waitFor(
        async () => (await texts('.statusbar-item')).some((text) => /Recording/.test(text)),
        'the status bar to say that it records',
      );
      await shot('recording');

      // Taken with Tab.
      await cursorAfter(editor, 'return fai');
      await reads(0);
      await press('Tab');
      await told('accepted', 0);
      await quiet();

      // A key. Ghost text that comes and goes between fast keys could be drawn just long enough live and not replayed.
      await configure({ 'inline.enabled': false });
      await cursorAfter(editor, "import type { Database, Row } from '../shared/database.js';\n");
      const key = `ghp_${'a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8'}`;
      await type(`// ${key}`, 30);
      await waitFor(() => editor.document.getText().includes(key), 'the key to be in the file');
      await quiet();
      await configure({ 'inline.enabled': undefined });

      // Rejected with Escape, in another file.
      const from = live.length;
      const other = await createFile('src/haulers/haulerRepository.ts', started('Hauler'));
      await cursorAfter(other, 'return fai');
      await reads(from);
      await waitFor(ghostText, 'ghost text');
      await press('Escape');
      await told('rejected', from);
      await quiet();

      const file = vscode.Uri.file(join(folder, 'session.recording.jsonl'));
      await vscode.commands.executeCommand(commands.recordSession, file);
      const text = await readFile(file.fsPath, 'utf8');
      const recording = parseRecording(text);
      // What was taken before it began is still followed, and told live.
      const offered = new Set(
        recording.entries.flatMap((entry) => (entry.type === 'offered' ? [entry.episodeId] : [])),
      );
      const expected = live.filter(({ episodeId }) => offered.has(episodeId));
      assert.deepEqual(replayRecording(recording).map(factOf), expected);
      assert.ok(!(await texts('.statusbar-item')).some((shown) => /Recording/.test(shown)));

      const files = recording.entries.flatMap((entry) => (entry.type === 'opened' ? [entry.file] : []));
      assert.deepEqual(files, ['src/carriers/carrierRepository.ts', 'src/haulers/haulerRepository.ts']);
      const typed = recording.entries.flatMap((entry) =>
        entry.type === 'changed' ? entry.changes.map((change) => change.text) : [],
      );
      assert.ok(typed.join('').includes(`// xxx_${'x'.repeat(36)}`), typed.join(''));
    } finally {
      await configure({ 'inline.enabled': undefined });
      subscription.dispose();
    }
  });
});
