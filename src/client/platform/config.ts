import * as vscode from 'vscode';
import { type InlineMode, inlineModes } from '../../protocol/config.ts';
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

/** What a document's language and folder decide. */
interface InlineSettings {
  readonly enabled: boolean;
  readonly mode: InlineMode;
  readonly nextEdit: boolean;
}

/** The settings, read once and again when they change; nothing else in the client reads them. */
export class Config implements vscode.Disposable {
  readonly #log: Log;
  readonly #changed = new vscode.EventEmitter<ConfigSnapshot>();
  readonly #subscriptions: vscode.Disposable[];
  readonly #inline = new Map<string, InlineSettings>();
  #current: ConfigSnapshot;

  readonly onDidChange = this.#changed.event;

  constructor(log: Log) {
    this.#log = log;
    this.#current = this.#read();
    const reread = (): void => {
      this.#inline.clear();
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
    return this.#inlineFor(document).enabled;
  }

  /** How readily ghost text comes in this document's language and folder. */
  inlineModeFor(document: vscode.TextDocument): InlineMode {
    return this.#inlineFor(document).mode;
  }

  /** Whether a change is offered again elsewhere, for this document's language and folder. In manual mode nothing comes unasked. */
  nextEditEnabledFor(document: vscode.TextDocument): boolean {
    const { nextEdit, mode } = this.#inlineFor(document);
    return nextEdit && mode !== 'manual';
  }

  /** The mode the user chose for this language; null: as everywhere. */
  inlineModeOfLanguage(languageId: string): InlineMode | null {
    const set = vscode.workspace.getConfiguration(section, { languageId }).inspect<unknown>(settings.inlineMode);
    return inlineModes.find((mode) => mode === set?.globalLanguageValue) ?? null;
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

  /** The mode for everything, or for one language; null removes what was chosen. */
  async setInlineMode(mode: InlineMode | null, languageId?: string): Promise<void> {
    const scope = languageId === undefined ? undefined : { languageId };
    await vscode.workspace
      .getConfiguration(section, scope)
      .update(settings.inlineMode, mode ?? undefined, vscode.ConfigurationTarget.Global, languageId !== undefined);
  }

  /** Writes a setting at user scope. */
  async set(key: SettingKey, value: string): Promise<void> {
    await vscode.workspace.getConfiguration(section).update(key, value, vscode.ConfigurationTarget.Global);
  }

  dispose(): void {
    for (const subscription of this.#subscriptions) subscription.dispose();
    this.#changed.dispose();
  }

  /** Asked at every key, and reading a setting takes a while. */
  #inlineFor(document: vscode.TextDocument): InlineSettings {
    const folder = vscode.workspace.getWorkspaceFolder(document.uri)?.uri.toString() ?? '';
    const key = `${document.languageId} ${folder}`;
    const known = this.#inline.get(key);
    if (known !== undefined) return known;
    const values = vscode.workspace.getConfiguration(section, { uri: document.uri, languageId: document.languageId });
    const mode = values.get<unknown>(settings.inlineMode);
    const read = {
      enabled: values.get<boolean>(settings.inlineEnabled) !== false,
      nextEdit: values.get<boolean>(settings.nextEditEnabled) !== false,
      mode: inlineModes.find((one) => one === mode) ?? this.#current.client.inlineMode,
    };
    this.#inline.set(key, read);
    return read;
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
