import * as vscode from 'vscode';
import { commands } from '../../protocol/ids.ts';
import { type Recording, recordingLimits } from '../../protocol/recording.ts';
import { mention } from '../commands/engineWork.ts';
import { guarded, showFailure } from '../commands/failure.ts';
import { sizeText } from '../commands/modelChoice.ts';
import type { EngineClient } from '../engine/engineClient.ts';
import type { LifecycleInputs } from '../inline/lifecycleInputs.ts';
import { openDocument } from '../inline/offerObserver.ts';
import type { Log } from '../platform/logging.ts';
import { Recorder } from './recorder.ts';

export interface SessionRecordingDeps {
  readonly engine: Pick<EngineClient, 'ask'>;
  readonly log: Log;
  now(): number;
  schedule(delayMs: number, run: () => void): () => void;
}

/** One editing session at a time, recorded on the user's word; while it lasts the status bar says so. */
export class SessionRecording implements vscode.Disposable {
  readonly #deps: SessionRecordingDeps;
  readonly #item: vscode.StatusBarItem;
  #recorder: Recorder | null = null;

  constructor(deps: SessionRecordingDeps) {
    const { l10n } = vscode;
    this.#deps = deps;
    this.#item = vscode.window.createStatusBarItem('attune.recording', vscode.StatusBarAlignment.Right, 99);
    this.#item.name = l10n.t('Attune Session Recording');
    this.#item.text = `$(record) ${l10n.t('Recording')}`;
    this.#item.tooltip = l10n.t('Attune records this editing session. Select to stop and save it.');
    this.#item.command = commands.recordSession;
    this.#item.backgroundColor = new vscode.ThemeColor('statusBarItem.warningBackground');
  }

  /** Hears of everything while a recording is under way. */
  get tap(): LifecycleInputs | null {
    return this.#recorder;
  }

  /** Starts; the second time stops, and saves to `given` or where the user says. */
  async toggle(given?: vscode.Uri): Promise<void> {
    if (this.#recorder) await this.#save(this.#stop(this.#recorder), given);
    else this.#start();
  }

  dispose(): void {
    if (this.#recorder) this.#stop(this.#recorder);
    this.#item.dispose();
  }

  #start(): void {
    const { l10n, workspace, window } = vscode;
    const { now, schedule } = this.#deps;
    this.#recorder = new Recorder({
      now,
      schedule,
      documents: workspace.textDocuments.map(openDocument),
      fileOf,
      onFull: () => this.#full(),
    });
    this.#item.show();
    const discard = l10n.t('Discard');
    const recorder = this.#recorder;
    const text = l10n.t(
      'Attune records this editing session: the text you type, the cursor and what is suggested. Secrets are masked when it is saved. It ends after {0} minutes at the latest.',
      recordingLimits.ms / 60_000,
    );
    void window.showInformationMessage(text, discard).then((chosen) => {
      if (chosen === discard && this.#recorder === recorder) this.#stop(recorder);
    });
  }

  #stop(recorder: Recorder): Recording {
    this.#recorder = null;
    this.#item.hide();
    return recorder.finish();
  }

  #full(): void {
    const { l10n } = vscode;
    if (!this.#recorder) return;
    const recording = this.#stop(this.#recorder);
    this.#offerToSave(recording, l10n.t('The recording has reached its limit and ended by itself.'));
  }

  async #save(recording: Recording, given?: vscode.Uri): Promise<void> {
    const { l10n } = vscode;
    const uri = given ?? (await askWhere());
    if (!uri) {
      this.#offerToSave(recording, l10n.t('The recording has ended and is not saved.'));
      return;
    }
    const saved = await this.#deps.engine.ask('saveRecording', { path: uri.fsPath, recording });
    if (!saved.ok) {
      showFailure(saved.failure);
      this.#offerToSave(recording, l10n.t('The recording has ended and is not saved.'));
      return;
    }
    const { entries, bytes, masked, excluded } = saved;
    mention(`$(record) Attune: ${l10n.t('recording saved')}`);
    const text = l10n.t(
      'Entries recorded: {0} ({1}). Characters masked as secrets: {2}. Files left out because they are excluded: {3}. The file holds code from this workspace.',
      entries,
      sizeText(bytes),
      masked,
      excluded,
    );
    const open = l10n.t('Open');
    void vscode.window.showInformationMessage(text, open).then((chosen) => {
      if (chosen === open) void vscode.window.showTextDocument(uri);
    });
  }

  /** What was recorded can't be made again: it is thrown away only on the user's word. */
  #offerToSave(recording: Recording, text: string): void {
    const { l10n } = vscode;
    const save = l10n.t('Save…');
    void vscode.window.showWarningMessage(text, save, l10n.t('Discard')).then((chosen) => {
      if (chosen === save) return guarded(commands.recordSession, this.#deps.log, () => this.#save(recording));
      return undefined;
    });
  }
}

function askWhere(): Thenable<vscode.Uri | undefined> {
  const name = `attune-session-${new Date().toISOString().slice(0, 16).replace(/[:T]/g, '-')}.recording.jsonl`;
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
  return vscode.window.showSaveDialog({
    title: vscode.l10n.t('Save the recorded session'),
    filters: { JSONL: ['jsonl'] },
    ...(folder ? { defaultUri: vscode.Uri.joinPath(folder, name) } : {}),
  });
}

/** Attune suggests in files and untitled documents; anything else on the screen is none of the recording's business. */
function fileOf(uri: string): string | null {
  const { scheme, fsPath } = vscode.Uri.parse(uri, true);
  if (scheme === 'file') return fsPath;
  return scheme === 'untitled' ? '' : null;
}
