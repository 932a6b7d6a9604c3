/** From ratings to another first proposal and back: the whole way of “Attune: Train”, as a user goes it. */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setup, suite, suiteSetup, suiteTeardown, teardown, test } from 'mocha';
import * as vscode from 'vscode';
import { commands } from '../../../src/protocol/ids.ts';
import type { TrainingState, VersionRow } from '../../../src/protocol/training.ts';
import type { FakeServer } from '../../fakes/fakeServer.ts';
import { startOpenaiServer } from '../../fakes/openaiServer.ts';
import { attune, forgetAll } from './attune.ts';
import { type Style, styles, type Task, tasks, unseen } from './learning/shop.ts';
import { processRunning } from './processes.ts';
import {
  click,
  clickInTraining,
  closeEditors,
  configure,
  countInTraining,
  createFile,
  notifications,
  press,
  quickPick,
  restoreSettings,
  select,
  shot,
  text,
  texts,
  trainingTexts,
  type,
  visible,
  waitFor,
  workspaceFolder,
} from './ui.ts';

const widget = '.review-widget';
const toast = '.notification-toast:has-text("Attune: training")';
/** Of the person whose taste is to be learnt. */
const scores: Readonly<Record<Style, readonly number[]>> = { guard: [9, 10, 8], chatty: [4, 5, 3], nested: [2, 1, 3] };

const trainer = (): number | null => processRunning('trainer.mjs');
const report = (): vscode.TextEditor | undefined =>
  vscode.window.visibleTextEditors.find(({ document }) => document.uri.path === '/training-report.md');

async function trainingState(): Promise<TrainingState> {
  const api = await attune();
  return api.engine.ask('trainingState', {});
}

const serving = async (): Promise<readonly VersionRow[]> =>
  (await trainingState()).versions.filter((version) => version.serving);

/** The model's answers are told apart by their temperature: the likeliest first. */
function offers(server: FakeServer, task: Task, order: readonly Style[]): void {
  server.script = ({ body }) => {
    const rank = [0.2, 0.7, 0.9].indexOf(Number(body?.temperature));
    return { kind: 'text', deltas: [task.styles[order[rank]!]] };
  };
}

const rotated = (by: number): readonly Style[] => styles.map((_, i) => styles[(i + by) % styles.length]!);

/** Asks for an edit of every task and rates what was offered, as fast as the engine goes. */
async function rateThirty(server: FakeServer): Promise<void> {
  const api = await attune();
  for (const [index, task] of tasks.entries()) {
    const order = rotated(index);
    offers(server, task, order);
    const uri = vscode.Uri.joinPath(workspaceFolder(), task.file);
    await vscode.workspace.fs.writeFile(uri, new TextEncoder().encode(task.source));
    const document = await vscode.workspace.openTextDocument(uri);
    const start = task.source.indexOf(task.before);
    const proposed = await api.engine.ask('proposeEdit', {
      requestId: `task-${index}`,
      uri: uri.toString(),
      version: document.version,
      start,
      end: start + task.before.length,
      instruction: 'make this clearer',
    });
    assert.ok(proposed.ok, JSON.stringify(proposed));
    const [first] = proposed.candidates;
    const style = styles.find((one) => task.styles[one] === first?.text);
    assert.ok(style, `the first proposal is one of the styles: ${first?.text}`);
    const score = scores[style][index % 3]!;
    const rating = { thumb: null, score, reasons: [], comment: '', correction: null, withdrawn: false };
    const rated = await api.engine.ask('rate', { episodeId: proposed.episodeId, ...rating });
    assert.ok(rated.ok);
  }
}

/** Which style is offered first for the unseen task, as the window shows it. Leaves no trace but an episode that was left. */
async function firstOffered(server: FakeServer): Promise<Style> {
  await closeEditors();
  offers(server, unseen, styles);
  const editor = await createFile(unseen.file, unseen.source);
  const start = unseen.source.indexOf(unseen.before);
  const { document } = editor;
  const selection = new vscode.Selection(document.positionAt(start + unseen.before.length), document.positionAt(start));
  await select(editor, selection);
  await vscode.commands.executeCommand(commands.proposeEdit, { instruction: 'make this clearer' });
  const shown = await waitFor(async () => {
    const now = await text(widget);
    assert.match(now, /Proposal 1 of 3/);
    return now;
  }, 'the proposals');
  await closeEditors();
  await waitFor(async () => !(await visible(widget)), 'the proposals to go');
  if (shown.includes('length === 0')) return 'guard';
  return shown.includes('// ') ? 'chatty' : 'nested';
}

/** Runs a command as a user finds it. */
async function fromPalette(title: string): Promise<void> {
  await vscode.commands.executeCommand('workbench.action.showCommands');
  await waitFor(() => visible('.quick-input-widget'), 'the palette');
  await type(title);
  await waitFor(async () => (await quickPick()).some((entry) => entry.startsWith(title)), `${title} in the palette`);
  await click(`.quick-input-widget .monaco-list-row[aria-label^="${title}"]`);
}

/** In the middle of a training: what is read is read, and nothing is finished yet. Resolves with its process. */
const learning = (): Promise<number> =>
  waitFor(
    async () => (await trainingState()).running?.stage === 'rewardModel' && trainer(),
    'the reward model to be learnt',
  );

const dismissed = (): Thenable<unknown> => vscode.commands.executeCommand('notifications.clearAll');

/** Versions on the disk: a training that did not end well leaves none. */
async function versionsOnDisk(): Promise<readonly string[]> {
  const api = await attune();
  const { path } = await api.engine.ask('memoryStats', {});
  return (
    readdirSync(join(path, 'learning'), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name.endsWith('.safetensors'))
      .map((entry) => join(entry.parentPath, entry.name))
      // What a training finished before it broke off is kept there, for resuming.
      .filter((file) => !file.includes('unfinished'))
      .sort()
  );
}

suite('learning', () => {
  let server: FakeServer;

  suiteSetup(async function () {
    this.timeout(120_000);
    await attune();
    await forgetAll();
    server = await startOpenaiServer();
    await configure({
      'edit.model': 'openai',
      'openai.baseUrl': `${server.url}/v1`,
      'openai.model': 'demo-coder',
      candidates: 3,
    });
    await rateThirty(server);
  });
  suiteTeardown(async () => {
    await closeEditors();
    await restoreSettings();
    await server.close();
    await forgetAll();
    assert.deepEqual((await trainingState()).versions, [], 'what was learnt goes with what it was learnt from');
  });
  setup(dismissed);
  teardown(closeEditors);

  test('a dry run says what would be learnt and writes nothing', async function () {
    this.timeout(120_000);
    await vscode.commands.executeCommand(commands.train, { layers: ['rewardModel'], dryRun: true });
    const editor = await waitFor(report, 'the report');
    assert.match(editor.document.getText(), /reward model/i);
    assert.doesNotMatch(editor.document.getText(), /undefined|NaN|\[object/);
    assert.deepEqual((await trainingState()).versions, []);
  });

  test('30 ratings, Train from the palette, Activate: another proposal comes first; rolled back, the former does', async function () {
    this.timeout(240_000);
    assert.equal(await firstOffered(server), 'nested', 'untaught, the model’s own order holds');

    await fromPalette('Attune: Train…');
    await waitFor(async () => (await quickPick()).includes('Reward model'), 'the layers');
    await shot('learning-layers');
    const layers = await texts('.quick-input-widget .quick-input-list .monaco-list-row');
    assert.match(layers.join('\n'), /Reward model.*labels from 30 files/s);
    assert.match(layers.join('\n'), /Selector.*needs 50/s, 'what is missing is said');
    await press('Enter');
    await waitFor(() => visible(toast), 'the progress');
    const progress = await text(toast);
    assert.match(progress, /\d+ %/);
    await shot('learning-progress');
    const editor = await waitFor(report, 'the report', 200_000);
    await shot('learning-report');
    assert.match(editor.document.getText(), /reward model/i);
    assert.doesNotMatch(editor.document.getText(), /undefined|NaN|\[object/);

    assert.deepEqual(await serving(), [], 'nothing serves before the user says so');
    await click('.notification-toast .monaco-button:has-text("Activate")');
    await waitFor(async () => (await serving()).length === 1, 'the version to serve');
    assert.equal(await firstOffered(server), 'guard', 'what was rated best comes first');

    await fromPalette('Attune: Roll Back What Was Learnt');
    await waitFor(async () => (await serving()).length === 0, 'nothing to serve');
    const told = await waitFor(
      async () => (await notifications()).find((message) => message.includes('Rolled back')),
      'what serves now to be said',
    );
    assert.match(told, /the reward model/);
    assert.equal(await firstOffered(server), 'nested');
  });

  test('the Training view shows the versions, and its button rolls back', async function () {
    this.timeout(240_000);
    await vscode.commands.executeCommand(commands.train, { layers: ['rewardModel'], activate: true });
    const [version] = await waitFor(serving, 'a version to serve');
    await closeEditors();
    await vscode.commands.executeCommand(commands.openTraining);
    const row = `li.version[data-id="${version!.id}"]`;
    await waitFor(() => countInTraining(row), 'the version in the view');
    assert.match((await trainingTexts(`${row} .version-text`)).join(), /serves now/);
    await clickInTraining(row);
    await shot('learning-view');
    await vscode.commands.executeCommand(commands.openTraining);
    const tabs = vscode.window.tabGroups.all.flatMap((group) => group.tabs);
    assert.equal(tabs.filter(({ label }) => label === 'Attune Training').length, 1, 'there is one view');
    await clickInTraining('button:has-text("Roll Back")');
    await waitFor(async () => (await serving()).length === 0, 'nothing to serve');
    await waitFor(
      async () => !(await trainingTexts(`${row} .version-text`)).join().includes('serves now'),
      'the view to say so',
    );
  });

  test('cancelled in the middle it leaves no version, only a note, and what serves goes on serving', async function () {
    if (process.platform !== 'linux') return this.skip();
    this.timeout(240_000);
    await vscode.commands.executeCommand(commands.train, { layers: ['rewardModel'], activate: true });
    const first = await firstOffered(server);
    const before = await trainingState();
    const files = await versionsOnDisk();
    const running = vscode.commands.executeCommand(commands.train, { layers: ['rewardModel'] });
    process.kill(await learning(), 'SIGSTOP');
    await click(`${toast} .monaco-button:has-text("Cancel")`);
    await running;
    await waitFor(() => trainer() === null, 'the trainer to be gone');
    const after = await trainingState();
    assert.equal(after.unfinished?.why, 'cancelled');
    assert.deepEqual(after.versions, before.versions);
    assert.deepEqual(await versionsOnDisk(), files);
    assert.equal(await firstOffered(server), first, 'what serves goes on serving');
  });

  test('the trainer killed in the middle leaves no version, only a note; Resume ends what was begun', async function () {
    if (process.platform !== 'linux') return this.skip();
    this.timeout(240_000);
    const first = await firstOffered(server);
    const before = await trainingState();
    const files = await versionsOnDisk();
    const running = vscode.commands.executeCommand(commands.train, { layers: ['rewardModel'], resume: false });
    process.kill(await learning(), 'SIGKILL');
    await running;
    await waitFor(
      async () => (await notifications()).some((message) => /train/i.test(message)),
      'the failure to be said',
    );
    await waitFor(() => visible('.notification-toast .monaco-button:has-text("Open Training")'), 'the way on');
    const after = await trainingState();
    assert.equal(after.unfinished?.why, 'interrupted');
    assert.deepEqual(after.versions, before.versions);
    assert.deepEqual(await versionsOnDisk(), files);
    assert.equal(await firstOffered(server), first, 'what serves goes on serving');

    await dismissed();
    await fromPalette('Attune: Train…');
    await waitFor(async () => (await quickPick()).some((entry) => entry.includes('Resume')), 'the question');
    await shot('learning-unfinished');
    await press('Enter');
    await waitFor(async () => (await trainingState()).versions.length > before.versions.length, 'a version', 200_000);
    assert.equal((await trainingState()).unfinished, null);
  });

  test('training data are exported for TRL, and ratings of another person imported', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'attune-training-data-'));
    try {
      await vscode.commands.executeCommand(commands.exportTrainingData, vscode.Uri.file(folder));
      const rows = readFileSync(join(folder, 'kto.jsonl'), 'utf8').trim().split('\n');
      const { prompt, completion, label } = JSON.parse(rows[0]!);
      assert.deepEqual([prompt.at(-1).role, completion[0].role, typeof label], ['user', 'assistant', 'boolean']);
      for (const name of ['dpo.jsonl', 'prompts.jsonl']) assert.ok(existsSync(join(folder, name)), name);

      const api = await attune();
      const { cards } = await api.engine.ask('listEpisodes', { query: '', filter: 'good', limit: 5 });
      const rated = cards.find((card) => card.rating !== null)!.rating!;
      const theirs = { ...rated, id: rated.id.replace(/.{12}$/, '0123456789ab'), rater: 'colleague', score: 2 };
      const file = join(folder, 'ratings.jsonl');
      writeFileSync(file, `${JSON.stringify({ record: 'rating', value: theirs })}\n`);
      await vscode.commands.executeCommand(commands.importRatings, vscode.Uri.file(file));
      const { data } = await trainingState();
      assert.deepEqual(
        data.raters.map(({ ratings }) => ratings).sort((a, b) => a - b),
        [1, tasks.length],
      );
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
