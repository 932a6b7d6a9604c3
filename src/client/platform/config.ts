import * as vscode from 'vscode';
import { settings } from '../../protocol/ids.ts';
import { type ConfigSnapshot, readSnapshot } from './configSnapshot.ts';
import type { Log } from './logging.ts';

const section = 'attune';
type SettingKey = (typeof settings)[keyof typeof settings];

/** Patterns add up over the folders of a workspace: `attune.exclude` is a setting of the resource. */
function excludeOfAllFolders(): readonly unknown[] {
  const scopes = [undefined, ...(vscode.workspace.workspaceFolders ?? []).map((folder) => folder.uri)];
  const values = scopes.flatMap((scope) => {
    const value: unknown = vscode.workspace.getConfiguration(section, scope).get(settings.exclude);
    return Array.isArray(value) ? (value as unknown[]) : [value];
  });
  return [...new Set(values)];
}

/** The settings, read once and again when they change; nothing else in the client reads them. */
export class Config implements vscode.Disposable {
  readonly #log: Log;
  readonly #changed = new vscode.EventEmitter<ConfigSnapshot>();
  readonly #subscriptions: vscode.Disposable[];
  readonly #enabled = new Map<string, boolean>();
  #current: ConfigSnapshot;

  readonly onDidChange = this.#changed.event;

  constructor(log: Log) {
    this.#log = log;
    this.#current = this.#read();
    const reread = (): void => {
      this.#enabled.clear();
      this.#current = this.#read();
      this.#changed.fire(this.#current);
    };
    this.#subscriptions = [
      vscode.workspace.onDidChangeConfiguration((event) => event.affectsConfiguration(section) && reread()),
      // `exclude` differs by folder, and a grant of trust lets the workspace's own settings count.
      vscode.workspace.onDidChangeWorkspaceFolders(reread),
      vscode.workspace.onDidGrantWorkspaceTrust(reread),
    ];
  }

  get current(): ConfigSnapshot {
    return this.#current;
  }

  /** Whether ghost text is on for this document's language and folder. */
  inlineEnabledFor(document: vscode.TextDocument): boolean {
    return this.#enabledFor(settings.inlineEnabled, document);
  }

  /** Whether a change is offered again elsewhere, for this document's language and folder. */
  nextEditEnabledFor(document: vscode.TextDocument): boolean {
    return this.#enabledFor(settings.nextEditEnabled, document);
  }

  /** Whether ghost text is on where no language says otherwise. */
  get inlineEnabled(): boolean {
    return vscode.workspace.getConfiguration(section).get<boolean>(settings.inlineEnabled) !== false;
  }

  /** Turns ghost text on or off for the user, for everything or for one language. */
  async setInlineEnabled(enabled: boolean, languageId?: string): Promise<void> {
    const scope = languageId === undefined ? undefined : { languageId };
    await vscode.workspace
      .getConfiguration(section, scope)
      .update(settings.inlineEnabled, enabled, vscode.ConfigurationTarget.Global, languageId !== undefined);
  }

  /** Writes a setting at user scope. */
  async set(key: SettingKey, value: string): Promise<void> {
    await vscode.workspace.getConfiguration(section).update(key, value, vscode.ConfigurationTarget.Global);
  }

  dispose(): void {
    for (const subscription of this.#subscriptions) subscription.dispose();
    this.#changed.dispose();
  }

  #enabledFor(setting: SettingKey, document: vscode.TextDocument): boolean {
    const folder = vscode.workspace.getWorkspaceFolder(document.uri)?.uri.toString() ?? '';
    const key = `${setting} ${document.languageId} ${folder}`;
    const known = this.#enabled.get(key);
    if (known !== undefined) return known;
    const scope = { uri: document.uri, languageId: document.languageId };
    const enabled = vscode.workspace.getConfiguration(section, scope).get<boolean>(setting) !== false;
    this.#enabled.set(key, enabled);
    return enabled;
  }

  #read(): ConfigSnapshot {
    const values = vscode.workspace.getConfiguration(section);
    const { snapshot, problems } = readSnapshot((key) =>
      key === settings.exclude ? excludeOfAllFolders() : values.get<unknown>(key),
    );
    for (const { key, problem, used } of problems) {
      const what = problem === 'outOfRange' ? 'out of range' : 'not of the expected kind';
      this.#log.warn(`Setting ${section}.${key} is ${what}; using ${used}.`);
    }
    return snapshot;
  }
}
